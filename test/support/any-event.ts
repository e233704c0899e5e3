import fc from 'fast-check'
import { causes } from '../../lib/core/event/cause-table.ts'
import { isoTime } from '../../lib/core/event/time.ts'
import { apply } from '../../lib/core/incident/apply.ts'
import type { Body } from '../../lib/core/incident/incident.ts'
import { examples } from '../core/event/cause.examples.ts'
import { changesOfValues, renderer } from './incidents.ts'

type Fields = Record<string, unknown>

/** Texts that look like markup, or that Telegram turns into links, mentions and commands. */
export const traps = [
  '<b>',
  '</code></blockquote>',
  '<tg-time unix="1" format="dT">',
  '&amp;',
  '&#60;i&#62;',
  '*_`[x](http://x.y)`_*',
  '@oncall',
  '/readyz',
  '#tag',
  '$HOME',
  '$USD',
  'app.py',
  'ops@example.com',
  '10.0.0.1:9090',
  'http://x.y',
  'https://example.com/a?b=(c)',
  'tg://resolve?domain=x',
  '+491701234567',
  '4111 1111 1111 1111',
]

const oddities = [
  '\u001b[31mred\u001b[0m',
  '\u001b]8;;http://x.y\u0007link\u001b]8;;\u0007',
  '\u202egnp.exe\u202c',
  '\ud83d',
  '\udc00',
  '👨‍👩‍👧‍👦',
  '🏳️‍🌈',
  'A\u030a',
  'x\u0333\u0301\u0301\u0301\u0301\u0301\u0301',
  '\u200b',
  '\u2800',
  '\u0000',
  '\r\n',
  '\t',
  '…',
  '(combined from similar events): ',
]

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...traps) },
  { weight: 3, arbitrary: fc.constantFrom(...oddities) },
  { weight: 2, arbitrary: fc.string({ maxLength: 10 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
)

const short = fc
  .tuple(fc.array(piece, { maxLength: 5 }), fc.constantFrom('', ' ', ' ', '\n', '.', ':', '/'))
  .map(([pieces, space]) => pieces.join(space))

const long = fc
  .tuple(piece, fc.integer({ min: 100, max: 10_000 }), fc.constantFrom('', ' ', '\n', '\n-  image: ', '\n+  image: '))
  .map(([unit, length, space]) => (unit + space).repeat(Math.ceil(length / (unit.length + space.length || 1))))

const text = fc.oneof({ weight: 12, arbitrary: short }, { weight: 1, arbitrary: long })

// Includes valid names, because only these have commands.
const name = fc.oneof(
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'web',
      'web-7d9f8c6b5-x2k4p',
      'db-0',
      'tick-29384756',
      'worker-1.example.com',
      'a.py',
      'Worker 1',
      'Worker 2',
      `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`,
      'x'.repeat(63),
    ),
  },
)

const kind = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('Pod', 'Node', 'Deployment', 'ReplicaSet', 'Job', 'CronJob', 'StatefulSet', 'Ingress'),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'PersistentVolumeClaim', 'Certificate', 'Widget', 'etcd') },
  { weight: 1, arbitrary: text },
)

const reference = fc.record(
  { kind, namespace: name, name, uid: short, fieldPath: name.map((container) => `spec.containers{${container}}`) },
  { requiredKeys: [] },
)

const time = fc.oneof(
  fc.integer({ min: 1, max: 253_402_300_799 }).map((seconds) => iso(seconds)),
  fc.integer({ min: 1_795_476_000, max: 1_795_576_000 }).map((seconds) => iso(seconds)),
  text,
)
const count = fc.oneof(fc.integer({ min: -1, max: 3_000 }), fc.maxSafeInteger(), fc.double())

// A real message of each cause, with any text around it.
const occasion = fc
  .tuple(fc.constantFrom(...examples), text, fc.boolean())
  .map(([[reason, message], more, isAfter]) => ({ reason, message: isAfter ? `${message} ${more}` : message }))
const known = fc.record({ reason: fc.constantFrom(...causes.flatMap(({ reasons }) => reasons)), message: text })
const unknown = fc.record({ reason: text, message: text }, { requiredKeys: [] })

/** Any event that somebody could write, with any text in any field, and with everything that the tables of causes and hints know. */
export const anyEvent: fc.Arbitrary<Fields> = fc
  .tuple(
    fc.oneof(occasion, known, unknown),
    fc.record(
      {
        metadata: fc.record(
          { name, namespace: name, uid: short, resourceVersion: short, creationTimestamp: time },
          { requiredKeys: [] },
        ),
        involvedObject: reference,
        related: reference,
        type: fc.oneof(fc.constantFrom('Warning', 'Normal', 'Error', ''), text),
        action: text,
        count,
        firstTimestamp: time,
        lastTimestamp: time,
        eventTime: time,
        series: fc.record({ count, lastObservedTime: time }),
        source: fc.record({ component: name, host: name }),
        reportingComponent: name,
        reportingInstance: name,
      },
      { requiredKeys: ['involvedObject'] },
    ),
  )
  .map(([said, others]) => ({ ...others, ...said }))

/** The bodies of the incidents that these record values make. Values that are not events make none. */
export function bodiesOf(values: unknown[], cluster?: string): Body[] {
  return changesOfValues(values, cluster).map((change) => apply(change, undefined, renderer, 1_800_000_000_000).body)
}

/** One incident of many objects, events and nodes, whose names are `hostile`. */
export function crowd(hostile: string, size: number, fields: Fields = {}): Fields[] {
  const filled = (length: number) => hostile.repeat(Math.ceil(length / hostile.length)).slice(0, length)
  return Array.from({ length: size }, (_, number) => ({
    metadata: { name: `${filled(240)}.${number}`, namespace: filled(253) },
    involvedObject: { kind: 'Pod', namespace: filled(253), name: `${filled(240)}-${number}`, fieldPath: filled(200) },
    related: { kind: filled(120), namespace: filled(253), name: filled(253) },
    source: { component: filled(120), host: `${number}${filled(120)}` },
    reportingInstance: `${number}${filled(110)}`,
    action: filled(120),
    reason: filled(120),
    type: filled(120),
    message: filled(5_000),
    count: 1_000 + number,
    firstTimestamp: iso(1_795_476_000),
    lastTimestamp: iso(1_795_566_000 + number),
    eventTime: iso(1_795_400_000),
    ...fields,
  }))
}

function iso(seconds: number): string {
  return isoTime(seconds * 1_000)
}
