import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { type Paint, painter, styles } from '../inspect/words.ts'
import type { StatsReport } from './report.ts'

interface Look {
  hasColor: boolean
  /** Columns. */
  width: number
}

/** The figures of a recorded day for people, in a terminal. */
export function renderReport(report: StatsReport, { hasColor, width }: Look): string {
  const paint = painter(hasColor)
  const { records, from, to, incidents, incidentsShown, messages, edits, rules, talkers, reasons, hours, idle } = report
  const busiest = Math.max(1, ...hours.map((hour) => hour.records))
  const period = from && to ? `, ${from.slice(0, 19).replace('T', ' ')} – ${to.slice(0, 19).replace('T', ' ')} UTC` : ''
  return [
    paint(`${plural(records, 'record')}${period}`, styles.bold),
    ...fateRows(report),
    '',
    `${plural(incidents, 'incident')}, ${number(incidentsShown)} of them shown: ${plural(messages, 'message')}, edited at most ${number(edits)} times`,
    ...section('Rules', ['rule', 'says', 'records', 'share', 'shown', 'held back'], paint, width, [
      ...rules.map(({ name, kind, isDefault, says, records: all, share, shown, suppressed }) => [
        `${kind === 'mute' ? 'mute ' : ''}${name}${isDefault ? ' *' : ''}`,
        says,
        number(all),
        percent(share),
        number(shown),
        number(suppressed),
      ]),
    ]),
    ...(rules.some(({ isDefault }) => isDefault) ? [paint('  * of the defaults', styles.dim)] : []),
    ...(idle.length > 0 ? wrapLines(`Nothing came to: ${idle.join(', ')}`, width - 2).map((line) => `  ${line}`) : []),
    ...section(
      'Top talkers',
      ['namespace/workload', '', 'records', '', 'shown', 'held back'],
      paint,
      width,
      talkers.map(({ name, shown, suppressed }) => [
        name,
        '',
        number(shown + suppressed),
        '',
        number(shown),
        number(suppressed),
      ]),
    ),
    ...section(
      'Most held back',
      ['reason', 'by rule', 'records'],
      paint,
      width,
      reasons.map(({ reason, rule, count }) => [reason, rule, number(count)]),
    ),
    ...section(
      'Busiest hours',
      ['hour', '', 'records', '', 'shown', 'held back'],
      paint,
      width,
      hours.map(({ hour, records: all, shown, suppressed }) => [
        hour,
        '█'.repeat(Math.max(1, Math.round((longestBar * all) / busiest))),
        number(all),
        '',
        number(shown),
        number(suppressed),
      ]),
    ),
  ].join('\n')
}

const longestBar = 20

function fateRows(report: StatsReport): string[] {
  const { records, shown, belowAtLeast, shownLater, dropped, muted, recoveries, repeated, rejected, rejectedWhy } =
    report
  const whys = Object.entries(rejectedWhy).map(([why, count]) => `${why} ${number(count)}`)
  const later = shownLater === 0 ? '' : `${number(shownLater)} of them shown later, when it was reached`
  const rows: [string, number, string][] = [
    ['shown', shown, ''],
    ['below atLeast', belowAtLeast, later],
    ['dropped', dropped, ''],
    ['muted', muted, ''],
    ['recoveries', recoveries, 'dropped or muted, but they resolve incidents'],
    ['repeated', repeated, 'shown already, or of an incident that was over'],
    ['rejected', rejected, whys.join(', ')],
  ]
  return rows
    .filter(([, count]) => count > 0)
    .map(([name, count, detail]) => {
      const share = percent(count / Math.max(1, records)).padStart(6)
      return `  ${name.padEnd(14)}${number(count).padStart(9)} ${share}  ${detail}`.trimEnd()
    })
}

/** Numbers to the right, and the first column as long as there is room. */
function section(title: string, head: string[], paint: Paint, width: number, rows: string[][]): string[] {
  if (rows.length === 0) return []
  const used = head.map((_, column) => rows.some((row) => row[column] !== ''))
  const table = [head, ...rows].map((row) => row.filter((_, column) => used[column]))
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const others = widths.slice(1).reduce((sum, one) => sum + one + 2, 4)
  widths[0] = Math.min(widths[0] ?? 0, Math.max(24, width - others))
  const lines = table.map((row) =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [
    '',
    paint(title, styles.bold),
    ...lines.map((line, index) => `  ${index === 0 ? paint(line, styles.dim) : line}`),
  ]
}

function padded(cell: string, width: number): string {
  const characters = [...cell]
  const cut = characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : cell
  return /^[\d,.]+%?$|^(records|share|shown|held back)$/.test(cell) ? cut.padStart(width) : cut.padEnd(width)
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}

function plural(count: number, one: string): string {
  return `${number(count)} ${one}${count === 1 ? '' : 's'}`
}

function number(count: number): string {
  return count.toLocaleString('en')
}
