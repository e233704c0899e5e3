import * as v from 'valibot'
import { isObject } from './json.ts'
import { type ObjectReference, toCoreNames, WireEvent } from './schema.ts'
import { parseTime } from './time.ts'

/** A Kubernetes Event, whichever API it came from. Texts that are missing are `''`; times are milliseconds since the Unix epoch. */
export interface KubeEvent {
  /** The Event's own metadata, not the involved object's. */
  name: string
  namespace: string
  uid: string
  resourceVersion: string
  type: string
  reason: string
  message: string
  action: string
  involvedObject: ObjectReference
  related: ObjectReference | undefined
  component: string
  /** The component's instance; often the same as `host`. */
  instance: string
  host: string
  /** How often it happened: `series.count` where there is a series, else `count`. Undefined where the recorder does not count. */
  count: number | undefined
  firstAt: number | undefined
  lastAt: number | undefined
  /** `eventTime`, also where `firstAt` and `lastAt` were taken from it. */
  eventTime: number | undefined
  /** The latest time that the event itself names; `creationTimestamp` only if it names none, since a re-created event has a new one. */
  at: number | undefined
}

/** The Event in a parsed JSON value, or undefined if it is not one. */
export function toEvent(value: unknown): KubeEvent | undefined {
  if (!isObject(value)) return undefined
  const core = isObject(value.regarding) && !isObject(value.involvedObject) ? toCoreNames(value) : value
  if (!isObject(core.involvedObject)) return undefined
  const parsed = v.safeParse(WireEvent, core)
  return parsed.success ? fromWire(parsed.output) : undefined
}

function fromWire(wire: WireEvent): KubeEvent {
  const { metadata, series, source } = wire
  const eventTime = parseTime(wire.eventTime)
  const first = parseTime(wire.firstTimestamp)
  const last = parseTime(wire.lastTimestamp)
  const observed = parseTime(series.lastObservedTime)
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    type: wire.type,
    reason: wire.reason,
    message: wire.message,
    action: wire.action,
    involvedObject: subjectOf(wire),
    related: wire.related,
    component: source.component || wire.reportingComponent,
    instance: wire.reportingInstance,
    host: source.host,
    count: greatest(series.count, wire.count),
    firstAt: first ?? eventTime ?? last ?? observed,
    lastAt: greatest(observed, last) ?? eventTime ?? first,
    eventTime,
    at: greatest(greatest(observed, last), greatest(eventTime, first)) ?? parseTime(metadata.creationTimestamp),
  }
}

/** What the event is about; where it does not say, the node of the kubelet that speaks. */
function subjectOf({ involvedObject, source }: Pick<WireEvent, 'involvedObject' | 'source'>): ObjectReference {
  const isNamed = involvedObject.kind !== '' || involvedObject.name !== ''
  return isNamed || source.host === '' ? involvedObject : { ...involvedObject, kind: 'Node', name: source.host }
}

function greatest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other
  return other === undefined || one > other ? one : other
}
