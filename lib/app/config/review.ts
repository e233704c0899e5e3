import { causes } from '../../core/event/cause-table.ts'
import type { Severity } from '../../core/event/severity.ts'
import { linkForm, parseLinkTemplate } from '../../core/message/link.ts'
import { contradictionIn, covers } from '../../core/routing/covers.ts'
import { millisecondsOf } from '../../core/routing/duration.ts'
import { type Path, type PathProblem, pathText, quoted } from '../../core/routing/problem.ts'
import { delaysForever } from '../../core/routing/quiet.ts'
import type { Conditions, Ruleset } from '../../core/routing/ruleset.ts'
import type { Match, RoutingFile, Rule } from '../../core/routing/schema.ts'

/** False at a path with a mistake, where the value in use may not be the intended one. */
export type IsSound = (path: Path) => boolean

/** Finds mistakes that a schema cannot describe: repeated names, settings that exclude each other, rules that never apply. */
export function review(file: RoutingFile, ruleset: Ruleset, isSound: IsSound): PathProblem[] {
  const { rules = [], routes = [], mutes = [], quiet = [] } = file
  const severitiesOfRules = ruleset.rules.flatMap(({ severity }) => severity ?? [])
  const ownRules = ruleset.rules.slice(0, rules.length)
  return [
    ...rules.flatMap((rule, index) => reviewRule(rule, ['rules', index], isSound)),
    ...repeatedNames(file, ruleset, isSound),
    ...[...at('rules', rules), ...at('routes', routes), ...at('mutes', mutes)].flatMap(({ path, item }) => [
      ...unknownCauses(item.match, [...path, 'match']),
      ...unknownCauses(item.except, [...path, 'except']),
    ]),
    ...neverApplied('rules', ownRules, isSound),
    ...neverApplied('routes', ruleset.routes, isSound, {
      given: severitiesOfRules,
      passesOn: ({ continues }) => continues,
    }),
    ...neverApplied('mutes', ruleset.mutes, isSound, { passesOn: () => true }),
    ...endlessDelays(ruleset),
    ...reviewWatchdog(file, isSound),
    ...quiet.flatMap(({ from, to }, index) =>
      from === to && isSound(['quiet', index, 'from'])
        ? [{ path: ['quiet', index], key: 'to', message: `must be another time than from, not ${quoted(to)}` }]
        : [],
    ),
  ]
}

interface Passing<Item> {
  /** Severities that rules may give to any event before these items are tried. */
  given?: readonly Severity[]
  /** True if the items after this one are tried as well. */
  passesOn?: (item: Item) => boolean
}

/** Items that no event can match, or whose events an earlier item already matches. */
function neverApplied<Item extends Conditions>(
  section: string,
  items: readonly Item[],
  isSound: IsSound,
  { given = [], passesOn = () => false }: Passing<Item> = {},
): PathProblem[] {
  const isUsable = (index: number) => hasSoundConditions([section, index], isSound)
  return items.flatMap((item, index) => {
    if (!isUsable(index)) return []
    const path = [section, index]
    const name = nameOf(item, path, isSound) ?? `this ${kindOf(path)}`
    const contradiction = contradictionIn(item, given)
    if (contradiction !== undefined) return [{ path, message: `${name} never matches: ${contradiction}` }]
    const place = items.findIndex(
      (other, before) => before < index && !passesOn(other) && isUsable(before) && covers(other, item),
    )
    const earlier = items[place]
    if (!earlier) return []
    const first = nameOf(earlier, [section, place], isSound) ?? pathText([section, place])
    return [{ path, message: `${name} never applies: ${first} already matches everything it matches` }]
  })
}

/** A condition with a mistake was left out, so the item may match more or less than intended. */
function hasSoundConditions(path: Path, isSound: IsSound): boolean {
  return ['match', 'except', 'continue'].every((key) => isSound([...path, key]))
}

/** `rule "later"`; undefined for a route, or if the name has a mistake. */
function nameOf(item: object, path: Path, isSound: IsSound): string | undefined {
  return 'name' in item && isSound([...path, 'name']) ? `${kindOf(path)} ${quoted(item.name)}` : undefined
}

/** `rule` for `rules[0]` */
function kindOf([section]: Path): string {
  return String(section).replace(/s$/, '')
}

const watchdogLimits = { shortest: '5m', longest: '24h' } as const

/** kube-eventer writes every 30 seconds, and a busy cluster always has events. */
function reviewWatchdog({ watchdog }: RoutingFile, isSound: IsSound): PathProblem[] {
  if (!watchdog || !isSound(['watchdog', 'after'])) return []
  const { shortest, longest } = watchdogLimits
  const after = millisecondsOf(watchdog.after)
  if (after >= millisecondsOf(shortest) && after <= millisecondsOf(longest)) return []
  const message = `must be from ${shortest} to ${longest}, not ${quoted(watchdog.after)}`
  return [{ path: ['watchdog'], key: 'after', message }]
}

function endlessDelays({ quiet, target, targets }: Ruleset): PathProblem[] {
  const first = quiet.findIndex(({ action }) => action === 'delay')
  const names = new Set([target, ...targets.values()].map(({ name }) => name))
  return [...names]
    .filter((name) => delaysForever(quiet, name))
    .map((name) => ({
      path: ['quiet', first],
      key: 'action',
      message: `the quiet hours of target "${name}" never end, so its delayed messages would never be sent`,
    }))
}

/** Settings that are valid but probably not intended. `now` in milliseconds since the epoch. */
export function warningsOf(
  file: RoutingFile,
  { mutes, routes, quiet, targets, ...ruleset }: Ruleset,
  now: number,
): PathProblem[] {
  const used = new Set(
    [
      ...routes.flatMap((route) => route.targets),
      ...[ruleset.fallback, ruleset.suppressed?.target, ruleset.watchdog?.target],
    ].map((target) => target?.name),
  )
  for (const hours of quiet) for (const name of hours.targets ?? []) used.add(name)
  return [
    ...mutes.flatMap(({ name, until }, index) =>
      until > now
        ? []
        : [
            {
              path: ['mutes', index],
              key: 'until',
              message: `mute "${name}" expired at ${file.mutes?.[index]?.until}; remove it or set a later time`,
            },
          ],
    ),
    ...[...targets]
      .filter(([name, target]) => !used.has(target.name) && target.name === name)
      .map(([name]) => ({ path: ['targets'], key: name, message: `target "${name}" is used by no route` })),
  ]
}

const needsState = 'needs STATE=sqlite:<file> or STATE=dynamodb:<table>'

/** Settings that are ignored because STATE=memory. */
export function stateWarningsOf({ quiet = [], suppressed, watchdog }: RoutingFile): PathProblem[] {
  const delays = quiet.flatMap(({ action }, index) =>
    action === 'delay'
      ? [{ path: ['quiet', index], key: 'action', message: `delay ${needsState}; messages are sent silently instead` }]
      : [],
  )
  const hasSummary = typeof suppressed === 'object'
  return [
    ...delays,
    ...(hasSummary ? [{ path: ['suppressed'], message: `the daily summary ${needsState}; it is not sent` }] : []),
    ...(watchdog ? [{ path: ['watchdog'], message: `the watchdog ${needsState}; it is off` }] : []),
  ]
}

function at<Item>(section: string, items: readonly Item[]): { path: Path; item: Item }[] {
  return items.map((item, index) => ({ path: [section, index], item }))
}

const onlyShown = ['atLeast', 'within', 'per', 'severity', 'silent', 'hint', 'link'] as const
// An incident stores no more sightings than this (lib/core/incident/merged.ts).
const mostWithin = 30
const longestWithin = '1d'

function reviewRule(rule: Rule, path: Path, isSound: IsSound): PathProblem[] {
  const problems: PathProblem[] = []
  const report = (key: keyof Rule, message: string) => problems.push({ path, key, message })
  const isShown = rule.action === 'show' && isSound([...path, 'action'])
  const lacksAtLeast = isShown && rule.atLeast === undefined && isSound([...path, 'atLeast'])
  if (rule.action === 'drop')
    for (const key of onlyShown)
      if (rule[key] !== undefined) report(key, `${key} has no effect with action: drop; remove one of them`)
  if (isShown && rule.within !== undefined) {
    if (millisecondsOf(rule.within) > millisecondsOf(longestWithin))
      report('within', `must be at most ${longestWithin}, not ${quoted(rule.within)}`)
    else if (lacksAtLeast) report('within', 'within needs atLeast in the same rule')
    if ((rule.atLeast ?? 0) > mostWithin)
      report('atLeast', `must be at most ${mostWithin} with within, not ${rule.atLeast}`)
  }
  if (lacksAtLeast && rule.per !== undefined) report('per', 'per needs atLeast in the same rule')
  if (rule.link !== undefined && parseLinkTemplate(rule.link) === undefined)
    report('link', `must be ${linkForm}, not ${quoted(rule.link)}`)
  return problems
}

function repeatedNames({ rules = [], mutes = [] }: RoutingFile, ruleset: Ruleset, isSound: IsSound): PathProblem[] {
  const defaults = isSound(['defaults']) ? ruleset.rules.filter(({ isDefault }) => isDefault) : []
  const seen = new Map(defaults.map(({ name }) => [name, 'a built-in rule']))
  return [...at('rules', rules), ...at('mutes', mutes)].flatMap(({ path, item: { name } }) => {
    if (!isSound([...path, 'name'])) return []
    const first = seen.get(name)
    seen.set(name, first ?? pathText(path))
    return first === undefined
      ? []
      : [{ path, key: 'name', message: `the name ${quoted(name)} is already used by ${first}` }]
  })
}

const knownCauses = [...new Set(causes.flatMap(({ name }) => name ?? []))]

/** Causes are in lower case. Everything else that can be a cause is a reason, which begins with a capital letter. */
function unknownCauses(match: Match | undefined, path: Path): PathProblem[] {
  const given = match?.cause ?? []
  return (typeof given === 'string' ? [given] : given).flatMap((cause, index) => {
    if (/[*/]|^[A-Z]/.test(cause) || knownCauses.includes(cause)) return []
    return [
      {
        path: typeof given === 'string' ? [...path, 'cause'] : [...path, 'cause', index],
        message: `${quoted(cause)} is neither a known cause nor a reason`,
        unknown: { word: cause, allowed: knownCauses },
      },
    ]
  })
}
