import { parseTime } from '../../core/event/time.ts'
import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { localMoment, type Paint, painter, plainLine, styles } from '../inspect/words.ts'
import type { CheckedConfig } from './config.ts'
import type { Finding } from './finding.ts'
import type { ConfigSummary } from './report.ts'
import { tableLines } from './table.ts'
import { everything } from './words.ts'

/** What comes before all else: the problems, or that there is none. `name`: of the file, if there is one. */
export function headOf(
  { problems, warnings, notes }: Pick<CheckedConfig, 'problems' | 'warnings' | 'notes'>,
  name: string | undefined,
): string[] {
  const what = name ? `${plainLine(name)} and the environment` : 'the environment, without a file'
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'} in the configuration:`
  return [
    problems.length === 0 ? `${what}: fine` : count,
    ...problems.map((problem) => `- ${plainLine(problem)}`),
    ...warnings.map((warning) => `warning: ${plainLine(warning)}`),
    ...notes.map((note) => `note: not needed here, but for a start: ${plainLine(note)}`),
  ]
}

interface Look {
  hasColor: boolean
  width: number
}

/** A configuration for a terminal. */
export function renderConfig(summary: ConfigSummary, { hasColor, width }: Look): string {
  const paint = painter(hasColor)
  const sections = [
    tableLines(settingRows(summary), width).flat(),
    section('targets', targetRows(summary), width, paint),
    section('routes: the first that matches, and with “goes on” those after it', routeRows(summary), width, paint),
    ruleSection(summary, width, paint),
    section('mutes', muteRows(summary), width, paint),
    section('quiet hours', quietRows(summary), width, paint),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function settingRows({
  tokenFrom,
  state,
  timeZone,
  clusters,
  cluster,
  fallback,
  suppressed,
  watchdog,
}: ConfigSummary): string[][] {
  const others = clusters.length === 0 ? cluster : `all others ${cluster}`
  return [
    ['bot token', tokenFrom],
    ['state', state],
    ['clusters', [...clusters.map(({ topic, cluster }) => `${topic} is ${cluster}`), others].join(', ')],
    ['time zone', timeZone],
    ['fallback', fallback === null ? 'none' : `${fallback}, for what a target refuses`],
    ['held back', suppressed],
    ['watchdog', watchdog],
  ]
}

function targetRows({ targets }: ConfigSummary): string[][] {
  const hasThreads = targets.some(({ thread }) => thread !== null)
  return targets.map(({ name, chat, thread }) => [
    name,
    chat ?? 'not given',
    ...(hasThreads ? [thread === null ? '' : `thread ${thread}`] : []),
  ])
}

function routeRows({ routes }: ConfigSummary): string[][] {
  return routes.map(({ place, to, if: conditions, ...route }) => [
    place,
    conditions,
    `→ ${to.join(', ')}${route.continue ? ', goes on' : ''}`,
  ])
}

function ruleSection({ rules }: ConfigSummary, width: number, paint: Paint): string[] {
  const isEnough = rules.some((rule) => rule.if === everything)
  const rows = [
    ...rules.map(({ name, does, if: conditions }) => [name, does, conditions]),
    ...(isEnough ? [] : [['–', 'show', 'all that no rule matches']]),
  ]
  // Of the project's own a line is enough: they are in the README.
  const isDefault = (index: number) => rules[index]?.isDefault ?? false
  const lines = tableLines(rows, width - indent.length, {
    mosts: [28, 32],
    isClipped: (index) => isDefault(index),
  })
  const order = 'the first that matches decides'
  const border = `${indent}── the project’s own, after yours ──`
  const first = lines.findIndex((_, index) => isDefault(index))
  return [
    paint(first === 0 ? `rules, the project’s own: ${order}` : `rules: ${order}`, styles.bold),
    ...lines.flatMap((some, index) => [
      ...(index === first && first > 0 ? [paint(border, styles.dim)] : []),
      ...some.map((line) => indent + line),
    ]),
  ]
}

function muteRows({ mutes, timeZone }: ConfigSummary): string[][] {
  return mutes.map(({ name, until, isOver, if: conditions, reason }) => [
    name,
    `${isOver ? 'over since' : 'until'} ${localMoment(parseTime(until) ?? 0, timeZone)}`,
    `${conditions} (${reason})`,
  ])
}

function quietRows({ quiet }: ConfigSummary): string[][] {
  return quiet.map(({ targets, hours, does }) => [targets === 'all' ? 'all targets' : targets.join(', '), hours, does])
}

const indent = '  '

function section(title: string, rows: string[][], width: number, paint: Paint): string[] {
  if (rows.length === 0) return []
  const lines = tableLines(rows, width - indent.length).flat()
  return [paint(title, styles.bold), ...lines.map((line) => indent + line)]
}

const marks = {
  fine: ['✓', styles.green],
  note: ['·', styles.dim],
  warning: ['!', styles.yellow],
  problem: ['✗', styles.red],
} as const

/** One of the things that Telegram or Kafka told. */
export function renderFinding(finding: Finding, { hasColor, width }: Look): string {
  const { level, says, advice } = finding
  const [mark, style] = marks[level]
  const room = width - 2 * indent.length
  const [first = '', ...others] = wrapLines(`${whoOf(finding)}: ${says}`, room)
  const [arrow = '', ...rest] = advice === null ? [] : wrapLines(advice, room - indent.length)
  const lines = [...others, ...(arrow === '' ? [] : [`→ ${arrow}`]), ...rest.map((line) => indent + line)]
  return [`${indent}${painter(hasColor)(mark, style)} ${first}`, ...lines.map((line) => indent + indent + line)].join(
    '\n',
  )
}

function whoOf(finding: Finding & { targets?: string[]; chat?: string | null; name?: string | null }): string {
  const { about, targets = [], chat, name } = finding
  if (targets.length > 0) return `${targets.join(', ')}${about === 'chat' ? ` (${chat})` : ''}`
  return name ? `${about} ${about === 'records' ? 'of ' : ''}${name}` : about
}
