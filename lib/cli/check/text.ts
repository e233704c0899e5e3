import { parseTime } from '../../core/event/time.ts'
import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { tableLines } from '../inspect/table.ts'
import { localMoment, plainLine } from '../inspect/words.ts'
import { type Look, paint } from '../terminal.ts'
import type { CheckedConfig } from './config.ts'
import type { Finding } from './finding.ts'
import type { ConfigSummary } from './summary.ts'

/** The problems of the configuration, or that there are none. `name`: of the file, if there is one. */
export function headLines(
  { problems, warnings, notes }: Pick<CheckedConfig, 'problems' | 'warnings' | 'notes'>,
  name: string | undefined,
): string[] {
  const what = name ? `${plainLine(name)} and the environment` : 'the environment, without a file'
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration:`
  return [
    problems.length === 0 ? `${what}: fine` : count,
    ...problems.map((problem) => `- ${plainLine(problem)}`),
    ...warnings.map((warning) => `warning: ${plainLine(warning)}`),
    ...notes.map((note) => `note: before you run the program: ${plainLine(note)}`),
  ]
}

/** A configuration for a terminal. */
export function renderConfig(summary: ConfigSummary, look: Look): string {
  const sections = [
    tableLines(settingRows(summary), look.width),
    section('targets', targetRows(summary), look),
    section(
      'routes: the first match decides; after a match with “continues”, later routes apply too',
      routeRows(summary),
      look,
    ),
    ruleLines(summary, look),
    section('mutes', muteRows(summary), look),
    section('quiet hours', quietRows(summary), look),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function settingRows(summary: ConfigSummary): string[][] {
  const { tokenFrom, state, timeZone, clusters, cluster, fallback, suppressed, watchdog } = summary
  const named = clusters.map(({ topic, cluster }) => `topic ${topic} is ${cluster}`)
  return [
    ['bot token', tokenFrom],
    ['state', state],
    ['clusters', [...named, named.length === 0 ? cluster : `all others: ${cluster}`].join(', ')],
    ['time zone', timeZone],
    ['fallback', fallback === null ? 'none' : `${fallback}, if another target fails`],
    ['suppressed', suppressed],
    ['watchdog', watchdog],
  ]
}

function targetRows({ targets }: ConfigSummary): string[][] {
  const hasThreads = targets.some(({ thread }) => thread !== null)
  return targets.map(({ name, chat, thread }) => [
    name,
    chat ?? 'not set',
    ...(hasThreads ? [thread === null ? '' : `thread ${thread}`] : []),
  ])
}

function routeRows({ routes }: ConfigSummary): string[][] {
  return routes.map(({ place, to, if: conditions, ...route }) => [
    place,
    conditions,
    `→ ${to.join(', ')}${route.continue ? ', continues' : ''}`,
  ])
}

/** Own rules in full, the default rules by name. */
function ruleLines({ rules }: ConfigSummary, { width, hasColor }: Look): string[] {
  const own = rules.filter(({ isDefault }) => !isDefault)
  const names = rules.filter(({ isDefault }) => isDefault).map(({ name }) => name)
  const isComplete = rules.some((rule) => rule.if === 'everything')
  const rows = [
    ...own.map(({ name, does, if: conditions }) => [name, does, conditions]),
    ...(isComplete ? [] : [['–', 'show', 'everything that no rule matches']]),
  ]
  const defaults = `${own.length > 0 ? 'then ' : ''}the default rules: ${names.join(', ')}`
  return [
    paint('rules: the first match decides', 'bold', hasColor),
    ...tableLines(rows, width - indent.length).map((line) => indent + line),
    ...(names.length > 0 ? wrapLines(defaults, width - indent.length).map((line) => indent + line) : []),
  ]
}

function muteRows({ mutes, timeZone }: ConfigSummary): string[][] {
  return mutes.map(({ name, until, isOver, if: conditions, reason }) => [
    name,
    `${isOver ? 'expired at' : 'until'} ${localMoment(parseTime(until) ?? 0, timeZone)}`,
    `${conditions} (${reason})`,
  ])
}

function quietRows({ quiet }: ConfigSummary): string[][] {
  return quiet.map(({ targets, hours, does }) => [targets === 'all' ? 'all targets' : targets.join(', '), hours, does])
}

const indent = '  '

function section(title: string, rows: string[][], { width, hasColor }: Look): string[] {
  if (rows.length === 0) return []
  return [paint(title, 'bold', hasColor), ...tableLines(rows, width - indent.length).map((line) => indent + line)]
}

const marks = {
  fine: ['✓', 'green'],
  note: ['·', 'dim'],
  warning: ['!', 'yellow'],
  problem: ['✗', 'red'],
} as const

/** One result of asking Telegram, Kafka or AWS. */
export function renderFinding(finding: Finding, { hasColor, width }: Look): string {
  const { level, says, advice } = finding
  const [mark, style] = marks[level]
  const room = width - 2 * indent.length
  const [first = '', ...others] = wrapLines(`${subjectText(finding)}: ${says}`, room)
  const [arrow = '', ...rest] = advice === null ? [] : wrapLines(advice, room - indent.length)
  const lines = [...others, ...(arrow === '' ? [] : [`→ ${arrow}`]), ...rest.map((line) => indent + line)]
  return [`${indent}${paint(mark, style, hasColor)} ${first}`, ...lines.map((line) => indent + indent + line)].join(
    '\n',
  )
}

function subjectText(finding: Finding & { targets?: string[]; chat?: string | null; name?: string | null }): string {
  const { about, targets = [], chat, name } = finding
  if (targets.length > 0) return `${targets.join(', ')}${about === 'chat' ? ` (${chat})` : ''}`
  return name ? `${about} ${about === 'records' ? 'of ' : ''}${name}` : about
}
