import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { tableLines } from '../inspect/table.ts'
import { formatCount, type Look, paint, plural } from '../terminal.ts'
import type { StatsReport } from './report.ts'

/** The report for a terminal. */
export function renderReport(report: StatsReport, look: Look): string {
  const { records, from, to, incidents, incidentsShown, messages, edits, rules, talkers, reasons, hours, idle } = report
  const { hasColor, width } = look
  const busiest = Math.max(1, ...hours.map((hour) => hour.records))
  const period = from && to ? `, ${utcText(from)} – ${utcText(to)} UTC` : ''
  const idleText = `Rules and mutes that decided nothing: ${idle.join(', ')}`
  return [
    paint(`${plural(records, 'record')}${period}`, 'bold', hasColor),
    ...tableLines(countRows(report), width - indent.length, [1, 2]).map((line) => indent + line),
    '',
    `${plural(incidents, 'incident')}, ${formatCount(incidentsShown)} shown: ${plural(messages, 'message')}, at most ${plural(edits, 'edit')}`,
    ...section('Rules', ['rule', 'action', 'records', 'share', 'shown', 'suppressed'], look, [
      ...rules.map(({ name, kind, isDefault, says, records: all, share, shown, suppressed }) => [
        `${kind === 'mute' ? 'mute ' : ''}${name}${isDefault ? ' *' : ''}`,
        says,
        formatCount(all),
        percent(share),
        formatCount(shown),
        formatCount(suppressed),
      ]),
    ]),
    ...(rules.some(({ isDefault }) => isDefault) ? [paint('  * default rule', 'dim', hasColor)] : []),
    ...(idle.length > 0 ? wrapLines(idleText, width - indent.length).map((line) => indent + line) : []),
    ...section(
      'Top talkers',
      ['namespace/workload', 'records', 'shown', 'suppressed'],
      look,
      talkers.map(({ name, shown, suppressed }) => [
        name,
        formatCount(shown + suppressed),
        formatCount(shown),
        formatCount(suppressed),
      ]),
    ),
    ...section(
      'Most suppressed',
      ['reason', 'rule', 'records'],
      look,
      reasons.map(({ reason, rule, count }) => [reason, rule, formatCount(count)]),
    ),
    ...section(
      'Busiest hours',
      ['hour', '', 'records', 'shown', 'suppressed'],
      look,
      hours.map(({ hour, records: all, shown, suppressed }) => [
        hour,
        '█'.repeat(Math.max(1, Math.round((longestBar * all) / busiest))),
        formatCount(all),
        formatCount(shown),
        formatCount(suppressed),
      ]),
    ),
  ].join('\n')
}

const indent = '  '
const longestBar = 20

function utcText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}

function countRows(report: StatsReport): string[][] {
  const { records, shown, belowAtLeast, shownLater, dropped, muted, recoveries, repeated, rejected } = report
  const whys = Object.entries(report.rejectedWhy).map(([why, count]) => `${why}: ${formatCount(count)}`)
  const later = shownLater === 0 ? '' : `${formatCount(shownLater)} of them shown later with their incident`
  const rows: [string, number, string][] = [
    ['shown', shown, ''],
    ['below atLeast', belowAtLeast, later],
    ['dropped', dropped, ''],
    ['muted', muted, ''],
    ['recoveries', recoveries, 'dropped or muted, but they resolve incidents'],
    ['repeated', repeated, 'already shown, or of an incident that is over'],
    ['rejected', rejected, whys.join(', ')],
  ]
  return rows
    .filter(([, count]) => count > 0)
    .map(([name, count, detail]) => [name, formatCount(count), percent(count / Math.max(1, records)), detail])
}

const numericColumns = ['records', 'share', 'shown', 'suppressed']

function section(title: string, head: string[], { width, hasColor }: Look, rows: string[][]): string[] {
  if (rows.length === 0) return []
  const numeric = head.flatMap((name, index) => (numericColumns.includes(name) ? [index] : []))
  const [first = '', ...lines] = tableLines([head, ...rows], width - indent.length, numeric)
  return [
    '',
    paint(title, 'bold', hasColor),
    indent + paint(first, 'dim', hasColor),
    ...lines.map((line) => indent + line),
  ]
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`
}
