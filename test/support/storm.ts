import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { envelope, event } from './records.ts'
import { random } from './shuffle.ts'

interface Storm {
  /** The records that kube-eventer writes at once, and their time in milliseconds from the start. */
  bursts: { at: number; records: ConsumedRecord[] }[]
  incidents: number
}

interface Options {
  seed?: number
  records?: number
  /** How many of the records are of type Warning. */
  warnings?: number
  incidents?: number
  seconds?: number
  startAt: number
}

const partitions = 3
const secondsBetweenBursts = 30

const warningKinds = [
  { reason: 'BackOff', message: 'Back-off restarting failed container web' },
  { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' },
  { reason: 'FailedScheduling', message: '0/5 nodes are available: 5 Insufficient cpu.' },
  {
    reason: 'FailedMount',
    message: 'MountVolume.SetUp failed for volume "data" : timed out waiting for the condition',
  },
]
const normalKinds = [
  { reason: 'Pulled', message: 'Container image already present on machine' },
  { reason: 'Created', message: 'Container created' },
  { reason: 'Started', message: 'Container started' },
  { reason: 'Scheduled', message: 'Successfully assigned' },
]

/** Ten bad minutes of a cluster: bursts of events of few incidents, whose counts grow. The same seed has the same result. */
export function storm({
  seed = 1,
  records = 4_000,
  warnings = 300,
  incidents = 120,
  seconds = 600,
  startAt,
}: Options): Storm {
  const next = random(seed)
  const counts = new Map<string, number>()
  const warningIncidents = Math.round(incidents / 2)
  const offsets = Array.from({ length: partitions }, () => 0)
  const all = Array.from({ length: records }, (_, number) => {
    const isWarning = number < warnings
    const which = isWarning ? number % warningIncidents : warningIncidents + (number % (incidents - warningIncidents))
    const kinds = isWarning ? warningKinds : normalKinds
    return { at: next() * seconds, isWarning, which, ...(kinds[which % kinds.length] as (typeof kinds)[number]) }
  }).sort((a, b) => a.at - b.at)

  const toRecord = (
    { at, isWarning, which, reason, message }: (typeof all)[number],
    number: number,
  ): ConsumedRecord => {
    const pod = `app-${which}-7d9f8c6b5-x2k4${'bcdfg'[Math.floor(next() * 5)]}`
    const name = `${pod}.${reason}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const partition = number % partitions
    const offset = offsets[partition] ?? 0
    offsets[partition] = offset + 1
    const value = envelope(
      event(number, {
        metadata: { name, namespace: 'shop', uid: `uid ${name}`, resourceVersion: String(10_000 + number) },
        involvedObject: { kind: 'Pod', namespace: 'shop', name: pod },
        type: isWarning ? 'Warning' : 'Normal',
        reason,
        message,
        count,
        source: { component: 'kubelet', host: `worker-${which % 7}` },
        firstTimestamp: new Date(startAt).toISOString(),
        lastTimestamp: new Date(startAt + Math.floor(at) * 1_000).toISOString(),
      }),
    )
    return { topic: 'kube-events', partition, offset: String(offset), timestamp: '-1', value }
  }

  const bursts = Map.groupBy(
    all.map((item, number) => ({ ...item, number })),
    ({ at }) => Math.floor(at / secondsBetweenBursts),
  )
  return {
    incidents,
    bursts: [...bursts]
      .sort(([a], [b]) => a - b)
      .map(([burst, items]) => ({
        at: (burst + 1) * secondsBetweenBursts * 1_000,
        records: items.map((item) => toRecord(item, item.number)),
      })),
  }
}
