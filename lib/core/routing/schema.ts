import * as v from 'valibot'
import { eitherOf } from './problem.ts'

// Messages say what a value must be. lib/app/config/shape.ts adds what was found instead to those that begin with "must be".

const text = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(500, 'must have at most 500 characters'),
)
const listForm = 'must be a string or a list of strings'
const oneOrMore = v.union([text, v.pipe(v.array(text), v.minLength(1, 'must have at least one entry'))], listForm)

const severities = ['critical', 'warning', 'info', 'good'] as const
const severity = v.picklist(severities, `must be ${eitherOf(severities)}`)

const durationForm = 'must be a duration, for example 30s'
const duration = v.pipe(v.string(durationForm), v.regex(/^[1-9]\d{0,5}[smhd]$/, durationForm))

const timeForm = 'must be a valid time, for example 07:30'
const timeOfDay = v.pipe(v.string(timeForm), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, timeForm))

const nameForm = 'must be a name of at most 60 characters without colon or comma'
const name = v.pipe(v.string(nameForm), v.regex(/^[^\s:,](?:[^\n:,]{0,58}[^\s:,])?$/, nameForm))

const flag = v.boolean('must be true or false')

/** YAML reads `-1001234567890` as a number. */
const chatOr = (form: string) => v.union([text, v.pipe(v.number(), v.safeInteger(form))], form)
const chatText = chatOr('must be a chat ID, for example -1001234567890')
const targetText = chatOr('must be the name of a target or a chat ID')
const targetTexts = v.union(
  [targetText, v.pipe(v.array(targetText), v.minLength(1, 'must have at least one entry'))],
  'must be a target or a list of targets',
)

/** Adds the description that an editor shows. */
const about = <Item extends v.GenericSchema>(item: Item, description: string) =>
  v.pipe(item, v.description(description))

const mapForm = 'must be a map'
const listOf = <const Item extends v.GenericSchema>(item: Item) => v.array(item, 'must be a list')

/** Conditions on an event. All of them must hold; a condition holds if one of its texts matches. */
export const Match = v.strictObject({
  type: v.optional(about(oneOrMore, 'Normal or Warning')),
  reason: v.optional(about(oneOrMore, 'For example BackOff. * stands for any characters, /…/ is a regular expression')),
  cause: v.optional(about(oneOrMore, 'What is wrong, for example crash-loop; or a reason')),
  kind: v.optional(about(oneOrMore, 'Kind of the involved object, for example Pod')),
  namespace: v.optional(
    about(
      v.union(
        [v.string(), v.pipe(v.array(v.string('must be a string')), v.minLength(1, 'must have at least one entry'))],
        listForm,
      ),
      'Namespace of the involved object; "" for an object without one, such as a Node, even though its events are in default',
    ),
  ),
  name: v.optional(about(oneOrMore, 'Name of the involved object')),
  workload: v.optional(about(oneOrMore, 'Owner of the involved object, for example web or Deployment/web')),
  node: v.optional(about(oneOrMore, 'Node on which it happened')),
  component: v.optional(about(oneOrMore, 'Component that reported the event, for example kubelet')),
  message: v.optional(about(oneOrMore, 'Regular expression that matches a part of the event message')),
  cluster: v.optional(about(oneOrMore, 'Cluster name, from clusters or CLUSTER_NAME')),
  severity: v.optional(
    about(
      v.union(
        [severity, v.pipe(v.array(severity), v.minLength(1, 'must have at least one entry'))],
        `must be ${eitherOf(severities)}, or a list of them`,
      ),
      'Severity of the cause; in routes, the severity that a rule has set',
    ),
  ),
  olderThan: v.optional(about(duration, 'Age of the event')),
})
export type Match = v.InferOutput<typeof Match>

const conditions = {
  match: v.optional(about(Match, 'Conditions that an event must meet; without them every event matches')),
  except: v.optional(about(Match, 'An event that meets all of these conditions does not match')),
}

const countForm = 'must be a whole number from 2 to 60'

/** Decides about an event. The first rule that matches applies. */
export const Rule = v.strictObject({
  name,
  ...conditions,
  action: v.optional(about(v.picklist(['show', 'drop'], 'must be show or drop'), 'Show the event or drop it'), 'show'),
  atLeast: v.optional(
    about(
      v.pipe(v.number(countForm), v.integer(countForm), v.minValue(2, countForm), v.maxValue(60, countForm)),
      'Show the incident once it has happened this often; at most 30 if within is set',
    ),
  ),
  within: v.optional(about(duration, 'Count only within this time, at most 1d')),
  per: v.optional(
    about(
      v.picklist(['incident', 'event'], 'must be incident or event'),
      'Count all events of an incident together, or each event on its own',
    ),
  ),
  severity: v.optional(about(severity, 'Replaces the severity of the cause')),
  silent: v.optional(about(flag, 'Send without a sound')),
  hint: v.optional(
    about(
      v.pipe(
        v.string('must be a string'),
        v.minLength(1, 'must not be empty'),
        v.maxLength(300, 'must have at most 300 characters'),
      ),
      'What to do about it; replaces the built-in hint',
    ),
  ),
  link: v.optional(about(text, 'Address that the button opens, for example https://wiki.example.com/{workload}')),
})
export type Rule = v.InferOutput<typeof Rule>

/** Decides where an event goes. The first route that matches applies, and with `continue` those after it as well. */
export const Route = v.strictObject({
  ...conditions,
  to: about(targetTexts, 'Names of targets, or chat IDs'),
  continue: v.optional(about(flag, 'Also try the routes after this one')),
})
export type Route = v.InferOutput<typeof Route>

const dateForm = 'must be a date and time with time zone, for example 2026-12-01T08:00:00+01:00'

/** Suppresses matching events until the given time. */
export const Mute = v.strictObject({
  name,
  ...conditions,
  until: about(
    v.pipe(v.string(dateForm), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/, dateForm)),
    'When the mute ends, with time zone',
  ),
  reason: about(text, 'Why these events are muted; shown in their cards'),
})
export type Mute = v.InferOutput<typeof Mute>

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** Hours in which a target gets less severe messages silently or later. */
export const Quiet = v.strictObject({
  targets: v.optional(about(targetTexts, 'Targets with these quiet hours; without it all')),
  days: v.optional(
    about(
      v.pipe(
        v.array(v.picklist(days, `must be ${eitherOf(days)}`), 'must be a list of days, for example [sat, sun]'),
        v.minLength(1, 'must have at least one entry'),
      ),
      'Days on which the quiet hours begin; without it every day',
    ),
  ),
  from: about(timeOfDay, 'When the quiet hours begin, for example 22:00'),
  to: about(timeOfDay, 'When they end; a time before from is on the next day'),
  zone: v.optional(about(text, 'Time zone, for example Europe/Berlin; without it TZ')),
  below: v.optional(
    about(
      v.picklist(['critical', 'warning', 'info'], 'must be critical, warning or info'),
      'Applies to messages less severe than this',
    ),
    'critical',
  ),
  action: v.optional(
    about(
      v.picklist(['silent', 'delay'], 'must be silent or delay'),
      'silent: send without a sound. delay: send when the quiet hours are over',
    ),
    'silent',
  ),
})
export type Quiet = v.InferOutput<typeof Quiet>

const Suppressed = v.union(
  [v.literal('off'), v.strictObject({ at: timeOfDay, zone: v.optional(text), target: v.optional(targetText) })],
  'must be off or a map, for example { at: 09:00 }',
)

const Watchdog = v.strictObject(
  {
    after: about(duration, 'From 5m to 24h'),
    target: v.optional(about(targetText, 'Target of the report; without it TELEGRAM_CHAT_ID')),
  },
  'must be a map, for example { after: 30m }',
)

/** The content of the file that CONFIG_FILE names. */
export const RoutingFile = v.strictObject({
  $schema: v.optional(v.string('must be a string')),
  defaults: v.optional(about(flag, 'Apply the built-in rules after these rules'), true),
  clusters: v.optional(
    about(
      v.record(v.string(), v.pipe(text, v.maxLength(100, 'must have at most 100 characters')), mapForm),
      'Cluster names by Kafka topic',
    ),
  ),
  targets: v.optional(
    about(
      v.record(name, chatText, mapForm),
      'Chats by name: -1001234567890, with a thread -1001234567890:42, or "@channel"',
    ),
  ),
  rules: v.optional(about(listOf(Rule), 'The first rule that matches an event decides about it')),
  routes: v.optional(
    about(listOf(Route), 'The first route that matches an event decides where it goes; without one, TELEGRAM_CHAT_ID'),
  ),
  mutes: v.optional(about(listOf(Mute), 'Events to suppress until a given time')),
  quiet: v.optional(about(listOf(Quiet), 'Quiet hours')),
  fallback: v.optional(about(targetText, 'Target that is told when another target refuses messages')),
  suppressed: v.optional(
    about(Suppressed, 'When to send the daily summary of suppressed events: off or a time of day'),
  ),
  watchdog: v.optional(about(Watchdog, 'After how long to report that a cluster sends no records')),
})
export type RoutingFile = v.InferOutput<typeof RoutingFile>
