import type { Clock } from '../../lib/clock.ts'
import type { ConsumedRecord } from '../../lib/kafka/event.ts'
import { envelope, event, record } from './records.ts'

type Fields = Record<string, unknown>

const workloads = [
  ...Array.from({ length: 20 }, (_, number) => `app-${number}`),
  ...Array.from({ length: 5 }, (_, number) => `worker-${number}`),
]

/**
 * What a bad day of a small cluster writes: crash loops of pods, and nodes short of memory that become critical; one record in three
 * comes again, and one in four is late.
 */
export function openNews(clock: Clock) {
  const startAt = clock.now()
  const counts = new Map<string, number>()
  const events: Fields[] = []
  const written: ConsumedRecord[] = []

  function draw(next: () => number): ConsumedRecord {
    const old = written[below(3 * written.length, next)]
    if (old) return old
    const which = workloads[below(workloads.length, next)] ?? ''
    const [name, fields] = which.startsWith('worker') ? nodeTrouble(which, next) : crashLoop(which, next)
    const known = counts.get(name) ?? 0
    const isLate = known > 1 && next() < 0.25
    const count = isLate ? known - 1 : known + 1 + below(3, next)
    counts.set(name, Math.max(known, count))
    const at = isLate ? startAt + below(5_000, next) : Math.max(startAt, clock.now() - below(60_000, next))
    const offset = written.length
    const fresh: Fields = {
      ...fields,
      metadata: { name, uid: `uid ${name}`, resourceVersion: String(1_000 + offset) },
      firstTimestamp: new Date(startAt).toISOString(),
      lastTimestamp: new Date(at).toISOString(),
      count,
    }
    events.push(fresh)
    const item = record(offset, { offset, value: envelope(event(0, fresh)) })
    written.push(item)
    return item
  }
  return { events, draw }
}

function crashLoop(app: string, next: () => number): [name: string, Fields] {
  const pod = `${app}-7d9f8c6b5-x2k4${'bcdf'[below(4, next)]}`
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: pod }
  return [`${pod}.0`, { involvedObject, message: `Back-off restarting failed container ${app}` }]
}

function nodeTrouble(name: string, next: () => number): [name: string, Fields] {
  const involvedObject = { kind: 'Node', name }
  return next() < 0.2
    ? [`${name}.1`, { involvedObject, reason: 'SystemOOM', message: 'System OOM encountered, victim process: mysqld' }]
    : [`${name}.0`, { involvedObject, reason: 'NodeHasInsufficientMemory', message: `Node ${name} is short of memory` }]
}

/** A whole number from 0 to `limit` - 1. */
export function below(limit: number, next: () => number): number {
  return Math.floor(next() * limit)
}
