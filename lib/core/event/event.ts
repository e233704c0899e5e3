import { isObject, type JsonObject } from '../json.ts'
import { fieldsOf, integerOf, type ObjectReference, referenceOf, textOf, toCoreNames } from './fields.ts'
import { parseTime } from './time.ts'

/** A Kubernetes Event of either API. Missing texts are `''`; times are milliseconds since the Unix epoch. */
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
  /** How often it happened: `series.count` if there is a series, else `count`. Undefined if the recorder does not count. */
  count: number | undefined
  firstAt: number | undefined
  lastAt: number | undefined
  /** `eventTime`, even if `firstAt` and `lastAt` were taken from it. */
  eventTime: number | undefined
  /** The latest time that the event itself names; `creationTimestamp` only if it names none, since a re-created event has a new one. */
  at: number | undefined
  /** The event's own `at`, if it is in the future and therefore ignored (future.ts). */
  claimedAt?: number
}

/** The Event in a parsed JSON value, or undefined if it is not one. */
export function toEvent(value: unknown): KubeEvent | undefined {
  if (!isObject(value)) return undefined
  const core = isObject(value.regarding) && !isObject(value.involvedObject) ? toCoreNames(value) : value
  return isObject(core.involvedObject) ? fromCore(core, core.involvedObject) : undefined
}

/** core/v1's Event (Kubernetes API reference). */
function fromCore(core: JsonObject, involvedObject: JsonObject): KubeEvent {
  const metadata = fieldsOf(core.metadata)
  const source = fieldsOf(core.source)
  const series = fieldsOf(core.series)
  const host = textOf(source.host)
  const eventTime = timeOf(core.eventTime)
  const first = timeOf(core.firstTimestamp)
  const last = timeOf(core.lastTimestamp)
  const observed = timeOf(series.lastObservedTime)
  return {
    name: textOf(metadata.name),
    namespace: textOf(metadata.namespace),
    uid: textOf(metadata.uid),
    resourceVersion: textOf(metadata.resourceVersion),
    type: textOf(core.type),
    reason: textOf(core.reason),
    message: textOf(core.message),
    action: textOf(core.action),
    involvedObject: subjectOf(referenceOf(involvedObject), host),
    related: isObject(core.related) ? referenceOf(core.related) : undefined,
    component: textOf(source.component) || textOf(core.reportingComponent),
    instance: textOf(core.reportingInstance),
    host,
    count: greatest(integerOf(series.count), integerOf(core.count)),
    firstAt: first ?? eventTime ?? last ?? observed,
    lastAt: greatest(observed, last) ?? eventTime ?? first,
    eventTime,
    at: greatest(greatest(observed, last), greatest(eventTime, first)) ?? timeOf(metadata.creationTimestamp),
  }
}

function timeOf(value: unknown): number | undefined {
  return parseTime(textOf(value))
}

/** The involved object; if the event names none, the node of the kubelet that reported it. */
function subjectOf(involvedObject: ObjectReference, host: string): ObjectReference {
  const isNamed = involvedObject.kind !== '' || involvedObject.name !== ''
  return isNamed || host === '' ? involvedObject : { ...involvedObject, kind: 'Node', name: host }
}

function greatest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other
  return other === undefined || one > other ? one : other
}

// client-go puts this before the message once one object and reason have had ten different ones (tools/record/events_cache.go).
const combinedPrefix = '(combined from similar events): '

/** True if the event message is only the latest of many similar ones. */
export function isCombined(message: string): boolean {
  return message.startsWith(combinedPrefix)
}

export function withoutCombinedPrefix(message: string): string {
  return isCombined(message) ? message.slice(combinedPrefix.length) : message
}
