import { causes } from '../../core/event/causes.ts'
import { isoTime, parseTime } from '../../core/event/time.ts'
import { linkForm, parseLinkTemplate } from '../../core/message/link.ts'
import type { Ruleset } from '../../core/routing/compiled.ts'
import { contradictionIn } from '../../core/routing/covers.ts'
import { millisecondsOf } from '../../core/routing/duration.ts'
import { type Path, type PathProblem, placeOf, quoted } from '../../core/routing/problem.ts'
import { holdForEver } from '../../core/routing/quiet.ts'
import type { Match, RoutingFile, Rule } from '../../core/routing/schema.ts'
import { type IsSound, impossible } from './impossible.ts'

/** What no shape can tell: names twice, what excludes each other, what can't ever matter. */
export function review(file: RoutingFile, ruleset: Ruleset, isSound: IsSound): PathProblem[] {
  const { rules = [], routes = [], mutes = [], quiet = [] } = file
  const overridden = ruleset.rules.flatMap(({ severity }) => severity ?? [])
  return [
    ...rules.flatMap((rule, index) => reviewRule(rule, ['rules', index], isSound)),
    ...namedTwice(file, ruleset, isSound),
    ...[...at('rules', rules), ...at('routes', routes), ...at('mutes', mutes)].flatMap(({ path, item }) => [
      ...unknownCauses(item.match, [...path, 'match']),
      ...unknownCauses(item.except, [...path, 'except']),
    ]),
    ...impossible('rules', ruleset.rules.slice(0, rules.length), { isSound, why: contradictionIn }),
    ...impossible('routes', ruleset.routes, {
      isSound,
      // Routes are asked with the severity that a rule gave.
      why: (route) => contradictionIn(route, overridden),
      letsOthers: ({ continues }) => continues,
    }),
    ...impossible('mutes', ruleset.mutes, { isSound, why: contradictionIn, letsOthers: () => true }),
    ...mutes.flatMap(({ until }, index) =>
      isDate(until.slice(0, 10))
        ? []
        : [{ path: ['mutes', index], key: 'until', given: quoted(until), expected: 'a day that there is' }],
    ),
    ...neverHeard(ruleset),
    ...reviewWatchdog(file, isSound),
    ...quiet.flatMap(({ from, to }, index) =>
      from === to && isSound(['quiet', index, 'from'])
        ? [{ path: ['quiet', index], given: quoted(to), expected: 'another time than `from`', key: 'to' }]
        : [],
    ),
  ]
}

const silences = { shortest: '5m', longest: '24h' } as const

/** kube-eventer writes every half minute, and a busy cluster always has something to say. */
function reviewWatchdog({ watchdog }: RoutingFile, isSound: IsSound): PathProblem[] {
  if (!watchdog || !isSound(['watchdog', 'after'])) return []
  const after = millisecondsOf(watchdog.after)
  const isInReach = after >= millisecondsOf(silences.shortest) && after <= millisecondsOf(silences.longest)
  const expected = `from ${silences.shortest} to ${silences.longest}`
  return isInReach ? [] : [{ path: ['watchdog'], key: 'after', given: quoted(watchdog.after), expected }]
}

function neverHeard({ quiet, target, targets }: Ruleset): PathProblem[] {
  const first = quiet.findIndex(({ action }) => action === 'hold')
  const names = new Set([target, ...targets.values()].map(({ name }) => name))
  return [...names]
    .filter((name) => holdForEver(quiet, name))
    .map((name) => ({
      path: ['quiet', first],
      key: 'action',
      given: '"hold"',
      expected: `a time at which ${name} hears of it: together these hours never end`,
    }))
}

/** JavaScript takes the 30th of February for the 2nd of March; what it does not take is told already. */
function isDate(date: string): boolean {
  const time = parseTime(`${date}T00:00:00Z`)
  return time === undefined || isoTime(time).startsWith(date)
}

/** What is not wrong, but may not be meant. `now` in milliseconds since the epoch. */
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
    ...mutes.flatMap(({ until }, index) =>
      until > now
        ? []
        : [
            {
              path: ['mutes', index],
              key: 'until',
              given: quoted(file.mutes?.[index]?.until),
              expected: 'a time to come: this mute has expired',
            },
          ],
    ),
    ...[...targets]
      .filter(([name, target]) => !used.has(target.name) && target.name === name)
      .map(([name]) => ({ path: ['targets'], key: name, given: quoted(name), expected: 'a route that leads there' })),
  ]
}

function at<Item>(section: string, items: readonly Item[]): { path: Path; item: Item }[] {
  return items.map((item, index) => ({ path: [section, index], item }))
}

const onlyShown = ['atLeast', 'within', 'per', 'severity', 'silent', 'hint', 'link'] as const
// More sightings than this are not kept (lib/core/incident/merged.ts).
const mostWithin = 30
const longestWithin = '1d'

function reviewRule(rule: Rule, path: Path, isSound: IsSound): PathProblem[] {
  const problems: PathProblem[] = []
  const tell = (key: keyof Rule, expected: string) => problems.push({ path, key, given: quoted(rule[key]), expected })
  const isShown = rule.action === 'show' && isSound([...path, 'action'])
  const lacksAtLeast = isShown && rule.atLeast === undefined && isSound([...path, 'atLeast'])
  if (rule.action === 'drop')
    for (const key of onlyShown)
      if (rule[key] !== undefined) tell(key, `no ${key} with action: drop, which shows nothing`)
  if (isShown && rule.within !== undefined) {
    if (millisecondsOf(rule.within) > millisecondsOf(longestWithin)) tell('within', `at most ${longestWithin}`)
    else if (lacksAtLeast) tell('within', 'atLeast beside it: how often within that time')
    if ((rule.atLeast ?? 0) > mostWithin) tell('atLeast', `at most ${mostWithin} with within`)
  }
  if (lacksAtLeast && rule.per !== undefined) tell('per', 'atLeast beside it: how often')
  if (rule.link !== undefined && parseLinkTemplate(rule.link) === undefined) tell('link', linkForm)
  return problems
}

function namedTwice({ rules = [], mutes = [] }: RoutingFile, ruleset: Ruleset, isSound: IsSound): PathProblem[] {
  const defaults = isSound(['defaults']) ? ruleset.rules.filter(({ isDefault }) => isDefault) : []
  const seen = new Map(defaults.map(({ name }) => [name, 'a rule of the defaults']))
  return [...at('rules', rules), ...at('mutes', mutes)].flatMap(({ path, item: { name } }) => {
    if (!isSound([...path, 'name'])) return []
    const first = seen.get(name)
    seen.set(name, first ?? placeOf(path))
    return first === undefined
      ? []
      : [{ path, key: 'name', given: quoted(name), expected: `a name of its own: it is that of ${first}` }]
  })
}

const knownCauses = [...new Set(causes.flatMap(({ name }) => name ?? []))]

/** Causes in the table are in lower case; what is not in it is a reason, which begins with a capital. */
function unknownCauses(match: Match | undefined, path: Path): PathProblem[] {
  const given = match?.cause ?? []
  const words = knownCauses
  return (typeof given === 'string' ? [given] : given).flatMap((cause, index) => {
    if (/[*/]|^[A-Z]/.test(cause) || words.includes(cause)) return []
    const place = typeof given === 'string' ? [...path, 'cause'] : [...path, 'cause', index]
    return [
      {
        path: place,
        given: quoted(cause),
        expected: 'a cause of the table (README, Causes), or a reason',
        meant: cause,
        words,
      },
    ]
  })
}
