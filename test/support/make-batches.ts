// npm run batches: writes test/batches/ from test/recordings/.
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { readRecording } from './recordings.ts'

const trouble = [
  'FailedScheduling',
  'FailedCreate',
  'FailedMount',
  'FailedCreatePodSandBox',
  'Failed',
  'BackOff',
  'Unhealthy',
  'Killing',
  'FailedGetResourceMetric',
  'DeadlineExceeded',
  'OddCjk',
  'OddMarkup',
  'Preempted',
  'ImageGCFailed',
]

write('trouble', lastOfEach(readRecording('cluster-mixed'), trouble))
write(
  'node-not-ready',
  lastOfEach(readRecording('cluster-node-not-ready'), [
    'NodeNotReady',
    'TaintManagerEviction',
    'NodeReady',
    'NodeHasSufficientMemory',
    'FailedScheduling',
    'Scheduled',
  ]),
)
// Repeated failures in eight minutes in which a node fails and recovers, of few workloads, so that the chat is readable.
const story: [object: string, reason?: string][] = [
  ['checkout-', 'BackOff'],
  ['search-', 'Failed'],
  ['search-', 'BackOff'],
  ['recommender-', 'BackOff'],
  ['api-probe', 'Unhealthy'],
  ['tls-proxy', 'FailedMount'],
  ['nonet-gateway', 'FailedCreatePodSandBox'],
  ['greedy-', 'FailedCreate'],
  ['trainer-', 'FailedScheduling'],
  ['web', 'FailedGetResourceMetric'],
  ['deadline', 'DeadlineExceeded'],
  ['odd-a-cjk'],
  ['worker-2', 'NodeNotReady'],
  ['worker-2', 'NodeReady'],
]

writeLines('eight-minutes', about(readRecording('cluster-log-append-time'), story))
write('awkward', readRecording('stub-awkward'))
write('poison', poisoned(lastOfEach(readRecording('cluster-mixed'), trouble.slice(0, 9))))

function write(name: string, records: ConsumedRecord[]) {
  const named = records.map((record) => ({ ...record, topic: 'kube-events' }))
  writeFileSync(
    new URL(`../batches/${name}.json`, import.meta.url),
    `${JSON.stringify(toLambdaEvent(named), undefined, 1)}\n`,
  )
}

/** One record a line, as in recordings. */
function writeLines(name: string, records: ConsumedRecord[]) {
  const lines = records.map((record) => `${JSON.stringify({ ...record, topic: 'kube-events' })}\n`)
  writeFileSync(new URL(`../batches/${name}.ndjson.gz`, import.meta.url), gzipSync(lines.join(''), { level: 9 }))
}

function about(records: ConsumedRecord[], chosen: [object: string, reason?: string][]): ConsumedRecord[] {
  return records.filter(({ value }) => {
    const { EventValue } = JSON.parse(value ?? '{}') as { EventValue: string }
    const { involvedObject, reason } = JSON.parse(EventValue) as { involvedObject: { name: string }; reason: string }
    return chosen.some(([object, only = reason]) => involvedObject.name.startsWith(object) && reason === only)
  })
}

function lastOfEach(records: ConsumedRecord[], reasons: string[]): ConsumedRecord[] {
  return reasons
    .flatMap((reason) => records.findLast(({ value }) => value?.includes(`\\"reason\\": \\"${reason}\\"`)) ?? [])
    .sort(byPosition)
}

/** A broken record of another kind after the first record of each partition. */
function poisoned(records: ConsumedRecord[]): ConsumedRecord[] {
  const broken = [JSON.stringify({ EventValue: '{"metadata": {' }), 'not JSON', null]
  const groups = Map.groupBy(records, ({ partition }) => partition)
  return [...groups.values()].flatMap(([first, ...others], index) =>
    first ? [first, { ...first, offset: String(Number(first.offset) + 1), value: broken[index] ?? '' }, ...others] : [],
  )
}

function byPosition(a: ConsumedRecord, b: ConsumedRecord): number {
  return a.partition - b.partition || Number(a.offset) - Number(b.offset)
}
