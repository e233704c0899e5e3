import type { Config, TokenSource } from '../../app/config/config.ts'
import type { StateSetting } from '../../app/config/state.ts'
import { isoTime } from '../../core/event/time.ts'
import { knownTargets } from '../../core/routing/compile-ruleset.ts'
import type { Matcher } from '../../core/routing/match.ts'
import type { QuietHours } from '../../core/routing/quiet.ts'
import type { Conditions, Ruleset } from '../../core/routing/ruleset.ts'
import { parseTarget, type Target } from '../../core/routing/target.ts'
import { actionText, durationText, plainLine } from '../inspect/words.ts'
import type { CheckedConfig } from './config.ts'

/** A configuration in words. */
export interface ConfigSummary {
  /** Never the token itself. */
  tokenFrom: string
  state: string
  timeZone: string
  clusters: { topic: string; cluster: string }[]
  /** Of the topics that are not in `clusters`. */
  cluster: string
  targets: { name: string; chat: string | null; thread: number | null; places: string[] }[]
  routes: { place: string; if: string; to: string[]; continue: boolean }[]
  rules: { name: string; isDefault: boolean; if: string; does: string }[]
  mutes: { name: string; until: string; isOver: boolean; if: string; reason: string }[]
  quiet: { targets: string[] | 'all'; hours: string; does: string }[]
  fallback: string | null
  suppressed: string
  watchdog: string
}

export const defaultName = 'the default'

export function summarize(
  { hasToken, hasChat }: Pick<CheckedConfig, 'hasToken' | 'hasChat'>,
  config: Config,
  now: number,
): ConfigSummary {
  const { ruleset, state, hasIncidents } = config
  const { clusters, routes, rules, mutes, quiet, fallback, suppressed, watchdog } = ruleset
  const name = (target: Target) => targetName(target, ruleset)
  return {
    tokenFrom: hasToken ? tokenText(config.token) : 'not set',
    state: `${stateText(state)}; one message per ${hasIncidents ? 'incident' : 'event'}`,
    timeZone: config.timeZone,
    clusters: Object.entries(clusters).map(([topic, cluster]) => ({
      topic: plainLine(topic),
      cluster: plainLine(cluster),
    })),
    cluster: config.cluster === undefined ? 'named like the topic' : plainLine(config.cluster),
    targets: placedTargets(ruleset).map(({ name, target: { chat, threadId }, places }) => ({
      name,
      chat: name === defaultName && !hasChat ? null : chat,
      thread: threadId ?? null,
      places,
    })),
    routes: [
      ...routes.map((route, index) => ({
        place: `routes[${index}]`,
        if: conditionsText(route),
        to: route.targets.map(name),
        continue: route.continues,
      })),
      {
        place: '–',
        if: routes.length === 0 ? 'everything' : 'everything that no route matches',
        to: [defaultName],
        continue: false,
      },
    ],
    rules: rules.map((rule) => ({
      name: plainLine(rule.name),
      isDefault: rule.isDefault,
      if: conditionsText(rule),
      does: actionText(rule),
    })),
    mutes: mutes.map((mute) => ({
      name: plainLine(mute.name),
      until: isoTime(mute.until),
      isOver: mute.until <= now,
      if: conditionsText(mute),
      reason: plainLine(mute.reason),
    })),
    quiet: quiet.map((hours) => ({
      targets: hours.targets ? [...hours.targets].map((one) => name(namedTarget(ruleset, one))) : 'all',
      hours: hoursText(hours),
      does: quietText(hours),
    })),
    fallback: fallback ? name(fallback) : null,
    suppressed: suppressed
      ? `summary at ${suppressed.at} ${suppressed.zone} to ${name(suppressed.target)}`
      : state.kind === 'memory'
        ? 'no summary, because STATE=memory does not count them'
        : 'no summary',
    watchdog: watchdog ? `warns after ${watchdog.after} to ${name(watchdog.target)}` : 'off',
  }
}

function targetName({ name }: Target, { target }: Ruleset): string {
  return name === target.name ? defaultName : plainLine(name)
}

/** Quiet hours may name a chat that nothing else names. */
function namedTarget(ruleset: Ruleset, name: string): Target {
  return knownTargets(ruleset).get(name) ?? parseTarget(name) ?? ruleset.target
}

export interface PlacedTarget {
  name: string
  target: Target
  /** The places in the configuration that name its chat. */
  places: string[]
}

/** Every target once, the default first. */
export function placedTargets(ruleset: Ruleset): PlacedTarget[] {
  const { target, targets, routes, quiet, fallback, suppressed, watchdog } = ruleset
  const found = new Map<string, PlacedTarget>()
  const add = (one: Target, place: string) => {
    const isNamed = targets.has(one.name) && one.name !== target.name
    const placed = found.get(one.name) ?? { name: targetName(one, ruleset), target: one, places: [] }
    const written = isNamed ? `targets.${plainLine(one.name)}` : place
    if (!placed.places.includes(written)) placed.places.push(written)
    found.set(one.name, placed)
  }
  add(target, 'TELEGRAM_CHAT_ID')
  for (const one of targets.values()) add(one, '')
  for (const [index, route] of routes.entries()) for (const one of route.targets) add(one, `routes[${index}].to`)
  for (const [index, hours] of quiet.entries())
    for (const name of hours.targets ?? []) add(namedTarget(ruleset, name), `quiet[${index}].targets`)
  if (fallback) add(fallback, 'fallback')
  // Without a target of their own they go to the default.
  if (suppressed && suppressed.target.name !== target.name) add(suppressed.target, 'suppressed.target')
  if (watchdog && watchdog.target.name !== target.name) add(watchdog.target, 'watchdog.target')
  return [...found.values()]
}

/** `namespace is batch-*; cause is job-failed or crash-loop; except workload is canary` */
function conditionsText({ match, except }: Conditions): string {
  const asked = match ? matcherText(match) : ''
  const excepted = except ? matcherText(except) : ''
  return `${asked || 'everything'}${excepted && `; except ${excepted}`}`
}

function matcherText({ conditions, olderThan }: Matcher): string {
  const parts = conditions.map(({ field, patterns }) => {
    const texts = patterns.map(({ source }) => plainLine(source))
    if (texts.every((text) => text === '')) return `no ${field}`
    if (field === 'message') return `message matches ${orList(texts.map(asRegex))}`
    return `${field} is ${orList(texts.map((text) => text || 'none'))}`
  })
  return [...parts, ...(olderThan === undefined ? [] : [`older than ${durationText(olderThan)}`])].join('; ')
}

function asRegex(source: string): string {
  return /^\/.+\/$/.test(source) ? source : `/${source}/`
}

function orList(texts: string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** `Sat, Sun 20:00–08:00 Europe/Berlin` */
function hoursText({ days, from, to, zone }: QuietHours): string {
  const named = days && [...days].map((day) => weekdays[day])
  return `${named ? `${named.join(', ')} ` : ''}${timeOfDay(from)}–${timeOfDay(to)} ${zone}`
}

function quietText({ action, to, below }: QuietHours): string {
  return `below ${below}: ${action === 'silent' ? 'silent' : `delayed until ${timeOfDay(to)}`}`
}

function timeOfDay(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Where the token comes from; never the token. */
function tokenText(source: TokenSource): string {
  if (source.kind === 'given') return 'from TELEGRAM_BOT_TOKEN'
  const name = plainLine(source.name)
  return source.kind === 'parameter' ? `from SSM, parameter ${name}` : `from Secrets Manager, secret ${name}`
}

function stateText(state: StateSetting): string {
  switch (state.kind) {
    case 'memory':
      return 'memory, lost when the process ends'
    case 'sqlite':
      return `file ${plainLine(state.file)}`
    case 'dynamodb':
      return `DynamoDB table ${plainLine(state.table)}`
  }
}
