import { groupRefusal } from '../../../adapters/kafka/brokers.ts'
import { explainError } from '../../../adapters/kafka/errors.ts'
import type { ConsumedRecord } from '../../../adapters/kafka/lambda-event.ts'
import { type Decoded, decode } from '../../../core/event/decode.ts'
import type { KubeEvent } from '../../../core/event/event.ts'
import { ageText, isoOf, oneLine } from '../../inspect/words.ts'
import type { Range } from '../../record/ranges.ts'
import { freshGroup, readRanges } from '../../record/read.ts'
import { plural } from '../../terminal.ts'
import { fine } from '../finding.ts'
import { failedOn, type KafkaFinding } from './finding.ts'
import type { Question, Settings } from './topic.ts'

interface Asking extends Question {
  ranges: readonly Range[]
  settings: Settings
}

const mostMilliseconds = 15_000
const hourMilliseconds = 3_600_000
const dayMilliseconds = 24 * hourMilliseconds

const noRecordsAdvice =
  'search kube-eventer’s log for “Failed to produce” and “No available sink to use”, and check that its sink has this eventstopic'

/** The last record of each partition: is it readable, is it from kube-eventer, and how old is its event. */
export async function* askRecords(asking: Asking): AsyncGenerator<KafkaFinding, undefined> {
  const { topic, ranges, isFour } = asking
  const about = { about: 'records', name: topic } as const
  const filled = ranges.filter(({ low, end }) => low < end)
  if (filled.length === 0) {
    if (isFour) yield fourFinding(topic, 'and the topic is empty')
    else yield { level: 'note', ...about, says: emptiness(ranges), advice: noRecordsAdvice }
    return
  }
  const read = await readLast(asking, filled)
  if ('finding' in read) {
    yield read.finding
    return
  }
  yield* judge(read.records, asking)
}

async function readLast(
  { client, kafka, topic }: Asking,
  filled: readonly Range[],
): Promise<{ records: ConsumedRecord[] } | { finding: KafkaFinding }> {
  const about = { about: 'records', name: topic } as const
  const group = freshGroup()
  const records: ConsumedRecord[] = []
  const signal = AbortSignal.timeout(mostMilliseconds)
  const ranges = filled.map((range) => ({ ...range, from: range.end - 1 }))
  try {
    const notes: string[] = []
    const note = (text: string) => void notes.push(text)
    for await (const record of readRanges({ client, topic, ranges, group, follows: false, signal, note }))
      records.push(record)
    if (records.length > 0) return { records }
    const why = notes.length > 0 ? notes.join('; ') : `no answer within ${mostMilliseconds / 1_000} s`
    return { finding: { level: 'warning', ...about, says: `the last record is not readable: ${why}`, advice: null } }
  } catch (error) {
    // Without a group, the client does not report why the brokers refuse.
    const refusal = await groupRefusal(kafka, group)
    if (refusal === undefined) return { finding: failedOn(error, about, { topics: [topic], group }) }
    const prefix = group.replace(/\w+$/, '')
    return {
      finding: {
        level: 'note',
        ...about,
        says: `not read, because that needs a temporary group: ${explainError(refusal, { group: `${prefix}<random>` }).says}`,
        advice: `to check the records, allow Read on groups with the prefix ${prefix}; the worker itself needs only KAFKA_GROUP`,
      },
    }
  }
}

function* judge(records: readonly ConsumedRecord[], asking: Asking): Generator<KafkaFinding> {
  const { topic, isFour, now } = asking
  const about = { about: 'records', name: topic } as const
  const decoded = records.map((record) => ({ record, ...decodedOf(record) }))
  const strange = decoded.filter((one) => 'problem' in one)
  const events = decoded.filter((one) => 'event' in one)
  for (const { record, problem } of strange.slice(0, 1)) {
    const { partition, offset } = record
    const others = strange.length === 1 ? '' : ` and of ${plural(strange.length - 1, 'other partition')}`
    yield {
      level: events.length === 0 ? 'problem' : 'warning',
      ...about,
      says: `the last record of partition ${partition} (offset ${offset})${others} is no event of kube-eventer: ${problem}`,
      advice:
        events.length === 0
          ? 'correct KAFKA_TOPICS: it must be the eventstopic of kube-eventer’s sink, and no other program may write to it'
          : 'let no other program write to this topic; its records are rejected',
    }
  }
  const newest = events.reduce<(typeof events)[number] | undefined>(
    (best, one) => ((one.event.at ?? 0) > (best?.event.at ?? -1) ? one : best),
    undefined,
  )
  if (newest) yield lastEvent(newest.event, asking)
  const isTimeless = records.every(({ timestamp }) => timestamp === '-1')
  const isRecent = now - (newest?.event.at ?? 0) < hourMilliseconds
  if (isTimeless && isFour && !isRecent)
    yield fourFinding(
      topic,
      'and the records have no timestamp: an unpatched kube-eventer wrote them before the upgrade',
    )
  if (isTimeless) yield* timelessness(asking)
}

function decodedOf({ value, encoding }: ConsumedRecord): Decoded {
  return decode(value === null ? null : Buffer.from(value, encoding ?? 'utf8').toString('base64'))
}

function lastEvent({ reason, involvedObject, at }: KubeEvent, { topic, clusterOf, now }: Asking): KafkaFinding {
  const about = { about: 'records', name: topic } as const
  const { kind, namespace, name } = involvedObject
  const what = oneLine(`${reason} of ${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)
  const age = at === undefined ? 'without a time' : at > now ? `at ${isoOf(at)}` : `${ageText(now - at)} ago`
  const cluster = clusterOf ? `; cluster name: ${oneLine(clusterOf(topic))}` : ''
  const says = `the latest event is ${what}, ${age}${cluster}`
  if (at === undefined || now - at < dayMilliseconds) return fine(about, says)
  return { level: 'warning', ...about, says: `${says}; no record since`, advice: noRecordsAdvice }
}

function emptiness(ranges: readonly Range[]): string {
  return ranges.every(({ end }) => end === 0)
    ? 'no records yet: nothing was ever written to this topic'
    : 'no records: all have been deleted by the retention'
}

/** Kafka does not tell whether kube-eventer is patched, so this is a problem unless recent records show that it works. */
function fourFinding(topic: string, why: string): KafkaFinding {
  return {
    level: 'problem',
    about: 'records',
    name: topic,
    says: `the brokers are Kafka 4 or later, ${why}. An unpatched kube-eventer can’t write to Kafka 4; it looks healthy but loses every event`,
    advice: 'use Kafka 3.9, or a kube-eventer that is patched for Kafka 4 (docs/kubernetes.md)',
  }
}

function* timelessness({ topic, settings }: Asking): Generator<KafkaFinding> {
  // New records get a timestamp from the broker.
  if (settings.get('message.timestamp.type') === 'LogAppendTime') return
  yield {
    level: 'warning',
    about: 'records',
    name: topic,
    says: 'they have no timestamp in Kafka (−1, as kube-eventer sends them), so neither record --from <time> nor Kafka’s own tools can find them by time',
    advice: 'set message.timestamp.type=LogAppendTime on the topic',
  }
}
