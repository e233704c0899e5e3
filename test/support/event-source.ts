import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import type { Clock } from '../../lib/pipeline/ports.ts'
import { envelope, event, record } from './records.ts'

type Fields = Record<string, unknown>

/** The first part of each object's name, which decides the target. */
export type Team = keyof typeof workloadsOf

/** An Event that was written, with its record. */
export interface Written {
  team: Team
  fields: Fields
  record: ConsumedRecord
}

// How many crash loops each team has. Those of the flooded team are nearly all new.
const workloadsOf = { healthy: 8, dead: 8, flooded: 2_000, group: 8, both: 4 }
const nodes = 3
const partitions = 4
const draws: Team[] = ['healthy', 'healthy', 'dead', 'dead', 'flooded', 'flooded', 'flooded', 'group', 'group', 'both']

/**
 * Writes the events of a bad day in a small cluster: crash loops of pods, and nodes short of memory that become critical. One record in three comes
 * again, and one in four is late.
 */
export function openEventSource(clock: Clock) {
  const startAt = clock.now()
  const counts = new Map<string, number>()
  const written: Written[] = []

  function draw(next: () => number): ConsumedRecord {
    const old = written[below(3 * written.length, next)]
    if (old) return old.record
    const team = draws[below(draws.length, next)] as Team
    const which = below(workloadsOf[team] + nodes, next)
    const [name, fields] = which < nodes ? nodeTrouble(team, which, next) : crashLoop(team, which - nodes, next)
    const known = counts.get(name) ?? 0
    const isLate = known > 1 && next() < 0.25
    const count = isLate ? known - 1 : known + 1 + below(3, next)
    counts.set(name, Math.max(known, count))
    const at = isLate ? startAt + below(5_000, next) : Math.max(startAt, clock.now() - below(60_000, next))
    return write(team, name, { ...fields, count }, at)
  }

  function write(team: Team, name: string, fields: Fields, at: number): ConsumedRecord {
    const offset = written.length
    const fresh: Fields = {
      ...fields,
      metadata: { name, uid: `uid ${name}`, resourceVersion: String(1_000 + offset) },
      firstTimestamp: new Date(startAt).toISOString(),
      lastTimestamp: new Date(at).toISOString(),
    }
    const item = record(offset, { partition: offset % partitions, offset, value: envelope(event(0, fresh)) })
    written.push({ team, fields: fresh, record: item })
    return item
  }

  return {
    written,
    draw,
    /** Mostly new crash loops of the flooded team. */
    flood: (records: number, next: () => number) =>
      Array.from({ length: records }, () => {
        const [name, fields] = crashLoop('flooded', below(workloadsOf.flooded, next), next)
        const count = (counts.get(name) ?? 0) + 1
        counts.set(name, count)
        return write('flooded', name, { ...fields, count }, clock.now())
      }),
    /** A critical event of a new node. */
    outOfMemory(team: Team, node: string) {
      const involvedObject = { kind: 'Node', name: `${team}-${node}` }
      const message = 'System OOM encountered, victim process: postgres'
      return write(team, `${team}-${node}.0`, { involvedObject, reason: 'SystemOOM', message, count: 1 }, clock.now())
    },
  }
}

function crashLoop(team: Team, which: number, next: () => number): [name: string, Fields] {
  const pod = `${team}-app-${which}-7d9f8c6b5-x2k4${'bcdf'[below(4, next)]}`
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: pod }
  return [`${pod}.0`, { involvedObject, message: `Back-off restarting failed container app-${which}` }]
}

function nodeTrouble(team: Team, which: number, next: () => number): [name: string, Fields] {
  const name = `${team}-worker-${which}`
  const involvedObject = { kind: 'Node', name }
  return next() < 0.2
    ? [`${name}.1`, { involvedObject, reason: 'SystemOOM', message: 'System OOM encountered, victim process: mysqld' }]
    : [`${name}.0`, { involvedObject, reason: 'NodeHasInsufficientMemory', message: `Node ${name} is short of memory` }]
}

/** A whole number from 0 to `limit` - 1. */
export function below(limit: number, next: () => number): number {
  return Math.floor(next() * limit)
}
