import * as v from 'valibot'
import {
  about,
  chatText,
  Duration,
  flag,
  hint,
  howOften,
  listOf,
  map,
  name,
  oneOrMore,
  Severity,
  severities,
  TimeOfDay,
  targetText,
  targetTexts,
  text,
} from './shapes.ts'

/** What an event must have: of each condition given, one of its texts. */
export const Match = v.strictObject({
  type: v.optional(about(oneOrMore, 'Normal or Warning')),
  reason: v.optional(about(oneOrMore, 'As BackOff. * stands for all characters, /…/ is a regular expression')),
  cause: v.optional(about(oneOrMore, 'What is wrong, as crash-loop: README, Causes; or a reason')),
  kind: v.optional(about(oneOrMore, 'Of the involved object, as Pod')),
  namespace: v.optional(
    about(
      v.union(
        [v.string(), v.pipe(v.array(v.string('a text')), v.minLength(1, 'at least one text'))],
        'a text or a list of texts',
      ),
      'The involved object’s own: an event about a Node lies in default, but its Node is in none, which is ""',
    ),
  ),
  name: v.optional(about(oneOrMore, 'Of the involved object')),
  workload: v.optional(about(oneOrMore, 'Who owns the involved object, as web or Deployment/web')),
  node: v.optional(about(oneOrMore, 'Where it happened')),
  component: v.optional(about(oneOrMore, 'Who says so, as kubelet')),
  message: v.optional(about(oneOrMore, 'A regular expression for a part of the event message')),
  cluster: v.optional(about(oneOrMore, 'As clusters or CLUSTER_NAME say')),
  severity: v.optional(
    about(
      v.union(
        [Severity, v.pipe(v.array(Severity), v.minLength(1, 'at least one severity'))],
        `${severities.join(', ')}, or a list of them`,
      ),
      'From the cause; in routes, what a rule made of it',
    ),
  ),
  olderThan: v.optional(about(Duration, 'The age of the event')),
})
export type Match = v.InferOutput<typeof Match>

const conditions = {
  match: v.optional(about(Match, 'All that an event must have; without it every event matches')),
  except: v.optional(about(Match, 'What has all of this does not match')),
}

/** The first rule that an event matches decides. */
export const Rule = v.strictObject({
  name,
  ...conditions,
  action: v.optional(about(v.picklist(['show', 'drop'], 'show or drop'), 'Shown or not'), 'show'),
  atLeast: v.optional(
    about(
      v.pipe(v.number(howOften), v.integer(howOften), v.minValue(2, howOften), v.maxValue(60, howOften)),
      'Shown once it was seen so often; with within at most 30',
    ),
  ),
  within: v.optional(about(Duration, 'So often within this time, at most 1d')),
  per: v.optional(
    about(
      v.picklist(['incident', 'event'], 'incident or event'),
      'Who is to be seen so often: all together, or one event',
    ),
  ),
  severity: v.optional(about(Severity, 'In place of the one from the cause')),
  silent: v.optional(about(flag, 'Sent without a sound')),
  hint: v.optional(about(hint, 'What to do about it, in place of the hint of the program')),
  link: v.optional(about(text, 'What the button opens, as https://wiki.example.com/{workload}')),
})
export type Rule = v.InferOutput<typeof Rule>

/** Where to: the first route that an event matches, and with `continue` those after it, too. */
export const Route = v.strictObject({
  ...conditions,
  to: about(targetTexts, 'Names of targets, or chat ids'),
  continue: v.optional(about(flag, 'The routes after it are asked, too')),
})
export type Route = v.InferOutput<typeof Route>

const timeForm = 'a time as 2026-12-01T08:00:00Z or 2026-12-01T08:00:00+01:00'
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/

export const Mute = v.strictObject({
  name,
  ...conditions,
  until: about(v.pipe(v.string(timeForm), v.regex(timePattern, timeForm)), 'When it ends, with zone'),
  reason: about(text, 'Why: shown with what it mutes'),
})
export type Mute = v.InferOutput<typeof Mute>

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Hours in which a target hears less. */
export const Quiet = v.strictObject({
  targets: v.optional(about(targetTexts, 'Without it: of all')),
  days: v.optional(
    about(
      v.pipe(
        v.array(v.picklist(days, days.join(', ')), 'a list of days as [sat, sun]'),
        v.minLength(1, 'at least one day'),
      ),
      'On which it begins; without it: all',
    ),
  ),
  from: TimeOfDay,
  to: about(TimeOfDay, 'Before from: of the next day'),
  zone: v.optional(about(text, 'As Europe/Berlin; without it: TZ')),
  below: v.optional(
    about(v.picklist(['critical', 'warning', 'info'], 'critical, warning or info'), 'What is not as bad as this'),
    'critical',
  ),
  action: v.optional(
    about(v.picklist(['silent', 'hold'], 'silent or hold'), 'Without a sound, or only when the hours are over'),
    'silent',
  ),
})
export type Quiet = v.InferOutput<typeof Quiet>

/** When to tell what rules held back: `off`, or a time of day. */
const Suppressed = v.union(
  [v.literal('off'), v.strictObject({ at: TimeOfDay, zone: v.optional(text), target: v.optional(targetText) })],
  'off, or { at: 09:00 }',
)

/** After how long to tell that no record comes from a cluster. */
const Silence = v.strictObject(
  {
    after: about(Duration, 'From 5m to 24h'),
    target: v.optional(about(targetText, 'Without it: TELEGRAM_CHAT_ID')),
  },
  '{ after: 30m }',
)

/** The file that CONFIG_FILE names. */
export const RoutingFile = v.strictObject(
  {
    $schema: v.optional(v.string('a text')),
    defaults: v.optional(about(flag, 'The project’s own rules come after these'), true),
    clusters: v.optional(
      about(
        v.record(v.string(), v.pipe(text, v.maxLength(100, 'at most 100 characters')), map),
        'Cluster names by Kafka topic',
      ),
    ),
    targets: v.optional(
      about(
        v.record(name, chatText, map),
        'Chats by name: -1001234567890, with thread -1001234567890:42, or "@channel"',
      ),
    ),
    rules: v.optional(about(listOf(Rule), 'The first that an event matches decides')),
    routes: v.optional(about(listOf(Route), 'Where to: the first that an event matches, else TELEGRAM_CHAT_ID')),
    mutes: v.optional(about(listOf(Mute), 'What is not shown until a time')),
    quiet: v.optional(about(listOf(Quiet), 'Hours in which targets hear less')),
    fallback: v.optional(about(targetText, 'Is told when another target refuses')),
    suppressed: v.optional(about(Suppressed, 'When to tell what rules held back: off, or a time of day')),
    watchdog: v.optional(about(Silence, 'After how long to tell that no record comes from a cluster')),
  },
  'a map of defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog',
)
export type RoutingFile = v.InferOutput<typeof RoutingFile>
