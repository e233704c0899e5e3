import stringWidth from 'string-width'
import { wrapLines } from '../../emulator/view/terminal-text.ts'

const gap = '  '
const narrowest = 12

/** The lines of a table, at most `width` columns wide; the widest cells are wrapped until all fit. `numeric`: the columns aligned to the right. */
export function tableLines(rows: string[][], width: number, numeric: readonly number[] = []): string[] {
  const widths = widthsOf(rows, width)
  return rows.flatMap((row) => {
    const cells = widths.map((columns, index) => wrapLines(row[index] ?? '', columns))
    const height = Math.max(...cells.map((lines) => lines.length))
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((lines, index) => padded(lines[line] ?? '', widths[index] ?? 0, numeric.includes(index)))
        .join(gap)
        .trimEnd(),
    )
  })
}

function widthsOf(rows: string[][], width: number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, index) =>
    Math.max(...rows.map((row) => stringWidth(row[index] ?? ''))),
  )
  const room = width - gap.length * (count - 1)
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= narrowest) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

function padded(text: string, columns: number, isNumeric: boolean): string {
  const space = ' '.repeat(Math.max(0, columns - stringWidth(text)))
  return isNumeric ? space + text : text + space
}
