import * as v from 'valibot'

// A field of another type than Kubernetes gives it counts as missing: the rest of the event is still worth showing.
const text = v.fallback(v.optional(v.string(), ''), '')
const number = v.fallback(v.optional(v.number()), undefined)
const emptyObject = () => ({})

const ObjectReference = v.object({
  kind: text,
  namespace: text,
  name: text,
  uid: text,
  apiVersion: text,
  fieldPath: text,
})
export type ObjectReference = v.InferOutput<typeof ObjectReference>

const Metadata = v.object({ name: text, namespace: text, uid: text, resourceVersion: text, creationTimestamp: text })
const Source = v.object({ component: text, host: text })
const Series = v.object({ count: number, lastObservedTime: text })

function part<const Schema extends v.GenericSchema<unknown, object>>(schema: Schema) {
  return v.fallback(v.optional(schema), undefined)
}

/**
 * What an Event may carry, in core/v1's field names and in those of events.k8s.io/v1 (`regarding`, `note`, `reportingController`,
 * `deprecated…`; Kubernetes API reference, Event). Every field may be missing: kube-eventer leaves out what is empty.
 */
export const WireEvent = v.object({
  kind: text,
  metadata: v.fallback(v.optional(Metadata, emptyObject), v.parse(Metadata, {})),
  involvedObject: part(ObjectReference),
  regarding: part(ObjectReference),
  related: part(ObjectReference),
  reason: text,
  type: text,
  action: text,
  message: text,
  note: text,
  count: number,
  deprecatedCount: number,
  firstTimestamp: text,
  deprecatedFirstTimestamp: text,
  lastTimestamp: text,
  deprecatedLastTimestamp: text,
  eventTime: text,
  series: part(Series),
  source: part(Source),
  deprecatedSource: part(Source),
  reportingComponent: text,
  reportingController: text,
  reportingInstance: text,
})
export type WireEvent = v.InferOutput<typeof WireEvent>
