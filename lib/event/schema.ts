import * as v from 'valibot'

// A field of another type than Kubernetes gives it counts as missing: the rest of the event is still worth showing.
const text = v.fallback(v.string(), '')
const number = v.fallback(v.optional(v.pipe(v.number(), v.safeInteger())), undefined)

const referenceFields = { kind: text, namespace: text, name: text, uid: text, fieldPath: text }
const metadataFields = { name: text, namespace: text, uid: text, resourceVersion: text, creationTimestamp: text }
const sourceFields = { component: text, host: text }
const seriesFields = { count: number, lastObservedTime: text }

const ObjectReference = v.object(referenceFields)
export type ObjectReference = v.InferOutput<typeof ObjectReference>

/** core/v1's Event (Kubernetes API reference). Every field may be missing: kube-eventer leaves out what is empty. */
export const WireEvent = v.object({
  metadata: lenient(v.object(metadataFields)),
  involvedObject: lenient(ObjectReference),
  related: v.fallback(v.optional(ObjectReference), undefined),
  reason: text,
  type: text,
  action: text,
  message: text,
  count: number,
  firstTimestamp: text,
  lastTimestamp: text,
  eventTime: text,
  series: lenient(v.object(seriesFields)),
  source: lenient(v.object(sourceFields)),
  reportingComponent: text,
  reportingInstance: text,
})
export type WireEvent = v.InferOutput<typeof WireEvent>

/** events.k8s.io/v1's names (Kubernetes API reference, Event v1) under those of core/v1. */
export function toCoreNames(event: Record<string, unknown>): Record<string, unknown> {
  return {
    ...event,
    involvedObject: event.regarding,
    message: event.note,
    count: event.deprecatedCount,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    source: event.deprecatedSource,
    reportingComponent: event.reportingController ?? event.reportingComponent,
  }
}

// Missing, null or of another type: as if it were empty.
function lenient<const Schema extends v.GenericSchema<unknown, object>>(schema: Schema) {
  return v.fallback(schema, v.parse(schema, {}))
}
