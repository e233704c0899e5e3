import { causes } from '../event/causes.ts'
import { linkForm, parseLinkTemplate } from '../format/link.ts'
import { contradictionIn, covers } from '../route/covers.ts'
import { millisecondsOf } from '../route/duration.ts'
import { type Path, type PathProblem, quoted } from '../route/problem.ts'
import type { Conditions, Ruleset } from '../route/ruleset.ts'
import type { Match, RoutingFile, Rule } from '../route/schema.ts'

/** What no shape can tell: names twice, what excludes each other, what can't ever matter. */
export function review(file: RoutingFile, ruleset: Ruleset): PathProblem[] {
  const { rules = [], routes = [], mutes = [], quiet = [] } = file
  return [
    ...rules.flatMap((rule, index) => reviewRule(rule, ['rules', index])),
    ...namedTwice(file, ruleset),
    ...[...at('rules', rules), ...at('routes', routes), ...at('mutes', mutes)].flatMap(({ path, item }) => [
      ...unknownCauses(item.match, [...path, 'match']),
      ...unknownCauses(item.except, [...path, 'except']),
    ]),
    ...impossible('rules', ruleset.rules.slice(0, rules.length), () => false),
    ...impossible('routes', ruleset.routes, ({ goesOn }) => goesOn),
    ...impossible('mutes', ruleset.mutes, () => true),
    ...quiet.flatMap(({ from, to }, index) =>
      from === to
        ? [{ path: ['quiet', index], given: quoted(to), expected: 'another time than `from`', key: 'to' }]
        : [],
    ),
  ]
}

/** What is not wrong, but may not be meant. `now` in milliseconds since the epoch. */
export function warningsOf(
  file: RoutingFile,
  { mutes, routes, quiet, targets, ...ruleset }: Ruleset,
  now: number,
): PathProblem[] {
  const used = new Set(
    [...routes.flatMap((route) => route.targets), ruleset.fallback, ruleset.heldBack?.target].map(
      (target) => target?.name,
    ),
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
    ...[...targets.keys()]
      .filter((name) => !used.has(name))
      .map((name) => ({ path: ['targets'], key: name, given: quoted(name), expected: 'a route that leads there' })),
  ]
}

/** What only durable state can do. */
export function needState({ quiet = [], heldBack }: RoutingFile): PathProblem[] {
  const path = (index: number) => ['quiet', index]
  return [
    ...quiet.flatMap(({ action }, index) =>
      action === 'hold'
        ? [
            {
              path: path(index),
              key: 'action',
              given: quoted(action),
              expected: 'STATE=sqlite:… or dynamodb:… for it: sent without a sound',
            },
          ]
        : [],
    ),
    ...(typeof heldBack === 'object'
      ? [{ path: ['heldBack'], given: 'a time', expected: 'STATE=sqlite:… or dynamodb:… for it: not told' }]
      : []),
  ]
}

function at<Item>(section: string, items: readonly Item[]): { path: Path; item: Item }[] {
  return items.map((item, index) => ({ path: [section, index], item }))
}

const onlyShown = ['atLeast', 'within', 'per', 'severity', 'silent', 'hint', 'link'] as const
// More sightings than this are not kept (lib/incident/merged.ts).
const mostWithin = 30
const longestWithin = '1d'

function reviewRule(rule: Rule, path: Path): PathProblem[] {
  const problems: PathProblem[] = []
  const tell = (key: keyof Rule, expected: string) => problems.push({ path, key, given: quoted(rule[key]), expected })
  if (rule.action === 'drop')
    for (const key of onlyShown)
      if (rule[key] !== undefined) tell(key, `no ${key} with action: drop, which shows nothing`)
  if (rule.action === 'show' && rule.within !== undefined) {
    if (rule.atLeast === undefined) tell('within', 'atLeast beside it: how often within that time')
    else if (rule.atLeast > mostWithin) tell('atLeast', `at most ${mostWithin} with within`)
    if (millisecondsOf(rule.within) > millisecondsOf(longestWithin)) tell('within', `at most ${longestWithin}`)
  }
  if (rule.action === 'show' && rule.per !== undefined && rule.atLeast === undefined)
    tell('per', 'atLeast beside it: how often')
  if (rule.link !== undefined && parseLinkTemplate(rule.link) === undefined) tell('link', linkForm)
  return problems
}

function namedTwice({ rules = [], mutes = [] }: RoutingFile, ruleset: Ruleset): PathProblem[] {
  const seen = new Map(
    ruleset.rules.filter(({ isDefault }) => isDefault).map(({ name }) => [name, 'a rule of the defaults']),
  )
  return [...at('rules', rules), ...at('mutes', mutes)].flatMap(({ path, item: { name } }) => {
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

/** What no event can match, and what one before it has taken already. */
function impossible<Item extends Conditions>(
  section: string,
  items: readonly Item[],
  letsOthers: (item: Item) => boolean,
): PathProblem[] {
  return items.flatMap((item, index) => {
    const path = [section, index]
    const missing = contradictionIn(item)
    if (missing !== undefined) return [{ path, given: nameOf(item), expected: `what an event can match: ${missing}` }]
    const earlier = items.findIndex((other, before) => before < index && !letsOthers(other) && covers(other, item))
    const first = items[earlier]
    if (!first) return []
    return [
      {
        path,
        given: nameOf(item),
        expected: `what can be reached: ${placeOf([section, earlier])} matches all that it matches`,
      },
    ]
  })
}

function nameOf(item: Conditions): string {
  return 'name' in item ? quoted(item.name) : 'a route'
}

/** `rules[3].match` */
export function placeOf(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${key}`),
    '',
  )
}
