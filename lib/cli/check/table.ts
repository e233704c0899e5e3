import stringWidth from 'string-width'
import { wrapLines } from '../../emulator/view/terminal-text.ts'

const gap = '  '
const narrowest = 12

interface Layout {
  /** The most columns of the first cells. */
  mosts?: number[]
  /** True for a row of whose last cell one line is enough. */
  isClipped?: (row: number) => boolean
}

/** The lines of each row, in columns; the widest columns are wrapped until all fit. */
export function tableLines(
  rows: string[][],
  width: number,
  { mosts = [], isClipped = () => false }: Layout = {},
): string[][] {
  const widths = widthsOf(rows, width, mosts)
  return rows.map((row, index) => {
    const cells = widths.map((columns, column) => {
      const lines = wrapLines(row[column] ?? '', columns)
      const isLast = column === widths.length - 1
      return isLast && isClipped(index) && lines.length > 1 ? [clipped(lines, columns)] : lines
    })
    const height = Math.max(...cells.map((lines) => lines.length))
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, column) => padded(lines[line] ?? '', widths[column] ?? 0))
        .join(gap)
        .trimEnd(),
    )
  })
}

function widthsOf(rows: string[][], width: number, mosts: number[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.min(mosts[column] ?? width, Math.max(...rows.map((row) => stringWidth(row[column] ?? '')))),
  )
  const room = width - gap.length * (count - 1)
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= narrowest) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function clipped([first = '', second = '']: string[], columns: number): string {
  const [beginning = ''] = wrapLines(`${first} ${second}`.replaceAll(' ', '\u00a0'), columns - 1)
  return `${beginning.replaceAll('\u00a0', ' ').trimEnd()}…`
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - stringWidth(text)))
}
