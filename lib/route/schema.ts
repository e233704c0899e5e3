import * as v from 'valibot'

// Each message says what is expected: it stands behind "expected …".
const text = v.pipe(
  v.string('a text'),
  v.minLength(1, 'a text that is not empty'),
  v.maxLength(500, 'at most 500 characters'),
)
const texts = v.array(text)
const oneOrMore = v.union([text, v.pipe(texts, v.minLength(1))], 'a text or a list of texts')
const severities = ['critical', 'warning', 'notice', 'good'] as const
const Severity = v.picklist(severities, severities.join(', '))
const Duration = v.pipe(
  v.string('a duration as 30s, 10m, 2h or 1d'),
  v.regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration as 30s, 10m, 2h or 1d'),
)
const TimeOfDay = v.pipe(
  v.string('a time of day as 22:00'),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day as 22:00'),
)
const name = v.pipe(
  v.string('a name'),
  v.regex(/^[^\s:,](?:[^\n:,]{0,58}[^\s:,])?$/, 'a name of at most 60 characters without colon and comma'),
)
const flag = v.boolean('true or false')

/** YAML reads `-1001234567890` as a number. */
const targetText = v.union([text, v.pipe(v.number(), v.safeInteger())], 'the name of a target, or a chat id')
const targetTexts = v.union([targetText, v.pipe(v.array(targetText), v.minLength(1))], 'a target or a list of targets')

/** What an event must have: of each condition given, one of its texts. */
export const Match = v.strictObject({
  type: v.optional(oneOrMore),
  reason: v.optional(oneOrMore),
  cause: v.optional(oneOrMore),
  kind: v.optional(oneOrMore),
  /** The involved object's own: an event about a Node lies in `default`, but its Node has none. */
  namespace: v.optional(
    v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))], 'a text or a list of texts'),
  ),
  name: v.optional(oneOrMore),
  workload: v.optional(oneOrMore),
  node: v.optional(oneOrMore),
  component: v.optional(oneOrMore),
  /** Regular expressions; in all others `*` stands for any characters, and `/…/` is a regular expression. */
  message: v.optional(oneOrMore),
  cluster: v.optional(oneOrMore),
  severity: v.optional(
    v.union([Severity, v.pipe(v.array(Severity), v.minLength(1))], `${severities.join(', ')}, or a list of them`),
  ),
  olderThan: v.optional(Duration),
})
export type Match = v.InferOutput<typeof Match>

const conditions = { match: v.optional(Match), except: v.optional(Match) }

/** The first rule that an event matches decides. */
export const Rule = v.strictObject({
  name,
  ...conditions,
  action: v.optional(v.picklist(['show', 'drop'], 'show or drop'), 'show'),
  atLeast: v.optional(
    v.pipe(
      v.number('a whole number from 2 to 60'),
      v.integer('a whole number from 2 to 60'),
      v.minValue(2, 'a whole number from 2 to 60'),
      v.maxValue(60, 'a whole number from 2 to 60'),
    ),
  ),
  within: v.optional(Duration),
  per: v.optional(v.picklist(['incident', 'event'], 'incident or event')),
  severity: v.optional(Severity),
  silent: v.optional(flag),
  hint: v.optional(v.pipe(text, v.maxLength(300, 'at most 300 characters'))),
  link: v.optional(text),
})
export type Rule = v.InferOutput<typeof Rule>

/** Where to: the first route that an event matches, and with `continue` those after it, too. */
export const Route = v.strictObject({ ...conditions, to: targetTexts, continue: v.optional(flag) })
export type Route = v.InferOutput<typeof Route>

export const Mute = v.strictObject({
  name,
  ...conditions,
  until: v.pipe(
    v.string('a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00'),
    v.regex(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/,
      'a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00',
    ),
  ),
  reason: text,
})
export type Mute = v.InferOutput<typeof Mute>

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Hours in which a target hears less. */
export const Quiet = v.strictObject({
  targets: v.optional(targetTexts),
  days: v.optional(v.pipe(v.array(v.picklist(days, days.join(', '))), v.minLength(1, 'at least one day'))),
  from: TimeOfDay,
  to: TimeOfDay,
  zone: v.optional(text),
  below: v.optional(v.picklist(['critical', 'warning', 'notice'], 'critical, warning or notice'), 'critical'),
  action: v.optional(v.picklist(['silent', 'hold'], 'silent or hold'), 'silent'),
})
export type Quiet = v.InferOutput<typeof Quiet>

/** When to tell what rules held back: `off`, or a time of day. */
const HeldBack = v.union(
  [v.literal('off'), v.strictObject({ at: TimeOfDay, zone: v.optional(text), target: v.optional(targetText) })],
  'off, or { at: 09:00 }',
)

const map = 'a map'
const listOf = <const Item extends v.GenericSchema>(item: Item) => v.array(item, 'a list')

/** The file that CONFIG_FILE names. */
export const RoutingFile = v.strictObject(
  {
    $schema: v.optional(v.string()),
    defaults: v.optional(flag, true),
    clusters: v.optional(v.record(v.string(), v.pipe(text, v.maxLength(100, 'at most 100 characters')), map)),
    targets: v.optional(v.record(name, targetText, map)),
    rules: v.optional(listOf(Rule)),
    routes: v.optional(listOf(Route)),
    mutes: v.optional(listOf(Mute)),
    quiet: v.optional(listOf(Quiet)),
    fallback: v.optional(targetText),
    heldBack: v.optional(HeldBack),
  },
  'a map of defaults, clusters, targets, rules, routes, mutes, quiet, fallback, heldBack',
)
export type RoutingFile = v.InferOutput<typeof RoutingFile>
