import type { Config } from '../../app/config/config.ts'
import { isoTime } from '../../core/event/time.ts'
import type { Ruleset } from '../../core/routing/compiled.ts'
import { knownTargets } from '../../core/routing/ruleset.ts'
import { parseTarget, type Target } from '../../core/routing/target.ts'
import { plainLine } from '../inspect/words.ts'
import type { CheckedConfig } from './config.ts'
import { actionOf, conditionsOf, quietActionOf, quietHoursText, stateSettingText, tokenOf } from './words.ts'

/** A configuration in words. */
export interface ConfigSummary {
  /** Never the token. */
  tokenFrom: string
  state: string
  timeZone: string
  clusters: { topic: string; cluster: string }[]
  /** Of all topics that have no name of their own. */
  cluster: string
  targets: TargetRow[]
  routes: { place: string; if: string; to: string[]; continue: boolean }[]
  rules: { name: string; isDefault: boolean; if: string; does: string }[]
  mutes: { name: string; until: string; isOver: boolean; if: string; reason: string }[]
  quiet: { targets: string[] | 'all'; hours: string; does: string }[]
  fallback: string | null
  suppressed: string
  watchdog: string
}

export interface TargetRow {
  name: string
  /** Null: not given. */
  chat: string | null
  thread: number | null
  /** Where in the configuration its chat is written. */
  places: string[]
}

export const defaultName = 'the default'

export function summarize(
  { hasToken, hasChat }: Pick<CheckedConfig, 'hasToken' | 'hasChat'>,
  config: Config,
  now: number,
): ConfigSummary {
  const { ruleset, state, hasIncidents } = config
  const { clusters, routes, rules, mutes, quiet, fallback, suppressed, watchdog } = ruleset
  const name = (target: Target) => nameOf(target, ruleset)
  const named = (one: string) => name(namedTarget(ruleset, one))
  return {
    tokenFrom: hasToken ? tokenOf(config.token) : 'not given',
    state: stateSettingText(state, hasIncidents),
    timeZone: config.timeZone,
    clusters: Object.entries(clusters).map(([topic, cluster]) => ({
      topic: plainLine(topic),
      cluster: plainLine(cluster),
    })),
    cluster: config.cluster === undefined ? 'by the name of their topic' : plainLine(config.cluster),
    targets: targetRows(ruleset, hasChat),
    routes: [
      ...routes.map((route, index) => ({
        place: `routes[${index}]`,
        if: conditionsOf(route),
        to: route.targets.map(name),
        continue: route.continues,
      })),
      {
        place: '–',
        if: routes.length === 0 ? 'everything' : 'all that no route sends',
        to: [defaultName],
        continue: false,
      },
    ],
    rules: rules.map((rule) => ({
      name: plainLine(rule.name),
      isDefault: rule.isDefault,
      if: conditionsOf(rule),
      does: actionOf(rule),
    })),
    mutes: mutes.map((mute) => ({
      name: plainLine(mute.name),
      until: isoTime(mute.until),
      isOver: mute.until <= now,
      if: conditionsOf(mute),
      reason: plainLine(mute.reason),
    })),
    quiet: quiet.map((hours) => ({
      targets: hours.targets ? [...hours.targets].map(named) : 'all',
      hours: quietHoursText(hours),
      does: quietActionOf(hours),
    })),
    fallback: fallback ? name(fallback) : null,
    suppressed: suppressed
      ? `told at ${suppressed.at} ${suppressed.zone} in ${name(suppressed.target)}`
      : state.kind === 'memory'
        ? 'not told: memory does not keep it'
        : 'not told',
    watchdog: watchdog ? `told after ${watchdog.after} in ${name(watchdog.target)}` : 'not told',
  }
}

function nameOf({ name }: Target, { target }: Ruleset): string {
  return name === target.name ? defaultName : plainLine(name)
}

/** Quiet hours may name a chat that nothing else does. */
function namedTarget(ruleset: Ruleset, name: string): Target {
  return knownTargets(ruleset).get(name) ?? parseTarget(name) ?? ruleset.target
}

/** Every target once, the default first. */
export function targetsOf(ruleset: Ruleset): Placed[] {
  const { target, targets, routes, quiet, fallback, suppressed, watchdog } = ruleset
  const found = new Map<string, Placed>()
  const add = (one: Target, place: string) => {
    const isNamed = targets.has(one.name) && one.name !== target.name
    const placed = found.get(one.name) ?? { name: nameOf(one, ruleset), target: one, places: [] }
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
  // By itself it is told where all else goes.
  if (suppressed && suppressed.target.name !== target.name) add(suppressed.target, 'suppressed.target')
  if (watchdog && watchdog.target.name !== target.name) add(watchdog.target, 'watchdog.target')
  return [...found.values()]
}

export interface Placed {
  name: string
  target: Target
  /** Where its chat is written. */
  places: string[]
}

function targetRows(ruleset: Ruleset, hasChat: boolean): TargetRow[] {
  return targetsOf(ruleset).map(({ name, target: { chat, threadId }, places }) => ({
    name,
    chat: name === defaultName && !hasChat ? null : chat,
    thread: threadId ?? null,
    places,
  }))
}
