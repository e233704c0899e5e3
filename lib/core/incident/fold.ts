import type { Cause } from '../event/cause-of.ts'
import type { KubeEvent } from '../event/event.ts'
import type { KafkaRecord } from '../event/record.ts'
import type { Workload } from '../event/workload.ts'
import { sha256 } from '../hash.ts'
import type { Ruling } from '../routing/router.ts'
import type { Facts } from '../routing/subject.ts'
import type { Target } from '../routing/target.ts'
import { identityOf } from './identity.ts'
import { contentOf, type Identity, incidentKey } from './key.ts'
import { cutTo, latestOf, versionOf } from './latest.ts'
import type { Merged, SeenEvent } from './merged.ts'
import { needOf } from './threshold.ts'

/** An event that is shown in a target, and the incident that it belongs to. */
export interface TargetedEvent {
  record: KafkaRecord
  event: KubeEvent
  target: Target
  /** Identifies the record's content; without a uid it contains the whole value. */
  content: string
  cause: Cause
  /** The owner of the involved object. */
  workload: Workload
  ruling: ShownRuling
  identity: Identity
  /** The incident's key. */
  key: string
}

/** The ruling about an event that is shown. */
export type ShownRuling = Extract<Ruling, { action: 'show' }>

/** The ruling about an event that no rule matches: it is shown. */
export function withoutRules(facts: Facts): Pick<TargetedEvent, 'ruling'> & { facts: Facts } {
  const { severity } = facts.cause
  return { facts, ruling: { action: 'show', rule: undefined, severity, threshold: undefined, isSilent: false } }
}

/** What the records of a batch change in one incident. */
export interface Change {
  key: string
  identity: Identity
  target: Target
  quietMilliseconds: number
  /** In the order of `at`; entries without a time come first. */
  entries: Entry[]
}

export interface Entry {
  source: TargetedEvent
  /** Milliseconds since the epoch; 0 if unknown. */
  at: number
  merged: Merged
}

/** An event in one of its targets. Without incidents each record is an incident of its own. */
export function toTargetedEvent(
  { record, facts, target, ruling }: Pick<TargetedEvent, 'record' | 'target' | 'ruling'> & { facts: Facts },
  hasIncidents: boolean,
): TargetedEvent {
  const { event, cluster, cause, workload } = facts
  const content = contentOf(cluster, event, record.value)
  const identity = { ...identityOf(facts, cause.name, target), ...(hasIncidents ? {} : { record: sha256(content) }) }
  return {
    record,
    event,
    target,
    content,
    cause,
    workload,
    ruling,
    identity,
    key: incidentKey(identity),
  }
}

/** One change per incident, in the order in which the incidents first occur. */
export function fold(events: TargetedEvent[]): Change[] {
  const groups = Map.groupBy(events, ({ key }) => key)
  return [...groups.values()].map((group) => {
    const [first] = group as [TargetedEvent]
    const { key, identity, target } = first
    const entries = group.map(toEntry).sort((a, b) => a.at - b.at)
    const quietMinutes = Math.max(...group.map(({ cause }) => cause.quietMinutes))
    return { key, identity, target, quietMilliseconds: quietMinutes * 60_000, entries }
  })
}

function toEntry(source: TargetedEvent): Entry {
  const { event, workload, content, ruling } = source
  const { involvedObject, host, claimedAt } = event
  const at = event.at ?? 0
  const count = countOf(event)
  // An event without a name is identified by its content.
  const id = idOf(event.name === '' ? sha256(content) : `${event.namespace}/${event.name}`)
  const node = involvedObject.kind === 'Node' ? involvedObject.name : host
  const objectName = nameOf(involvedObject)
  const nodeName = cutTo(node, maxNameBytes)
  const seen: SeenEvent = [id, count, claimedAt ?? at, versionOf(event)]
  return {
    source,
    at,
    merged: {
      events: [seen],
      hasMoreEvents: false,
      recent: claimedAt === undefined ? [[at, id, count]] : [],
      undated: claimedAt === undefined ? [] : [seen],
      objects: objectName === '' ? [] : [[objectIdOf(event), at, 0, objectName]],
      hasMoreObjects: false,
      nodes: nodeName === '' ? [] : [[idOf(node), nodeName]],
      firstAt: event.firstAt ?? at,
      lastAt: event.lastAt === undefined ? at : Math.max(event.lastAt, at),
      severity: ruling.severity,
      needs: [needOf(ruling.threshold, { ...event, count })],
      isSilent: ruling.isSilent,
      latest: latestOf(event, workload, ruling.rule ?? ''),
    },
  }
}

/** Identifies the involved object within its incident. */
export function objectIdOf({ involvedObject: { kind, namespace, name } }: Pick<KubeEvent, 'involvedObject'>): string {
  return idOf(`${kind}/${namespace}/${name}`)
}

// Kubernetes' count is an int32.
const mostCount = 2 ** 31 - 1

/** How often an event happened, at least once. A count that Kubernetes cannot have written is ignored, since it would make sums inexact. */
function countOf({ count }: Pick<KubeEvent, 'count'>): number {
  return count !== undefined && Number.isInteger(count) && count > 1 && count <= mostCount ? count : 1
}

// In bytes of JSON, as in latest.ts.
const maxNameBytes = 70

/** The object's kind and name; empty if the name has no visible characters. */
function nameOf({ kind, name }: KubeEvent['involvedObject']): string {
  const shown = cutTo(name, maxNameBytes)
  return shown === '' ? '' : cutTo(`${kind} ${shown}`, maxNameBytes)
}

// 48 bits: two of 10,000 objects share an id in one of five million incidents, and then count as one.
function idOf(text: string): string {
  return sha256(text).slice(0, 12)
}
