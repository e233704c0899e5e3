import { fieldsOf, textOf, toCoreNames } from '../../core/event/fields.ts'
import { isoTime, parseTime } from '../../core/event/time.ts'
import { isObject, type JsonObject } from '../../core/json.ts'

// Go writes a type's fields in the order of its declaration (k8s.io/api/core/v1, k8s.io/apimachinery meta/v1).
const metadataFields =
  'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences finalizers clusterName managedFields'
const managedFields = 'manager operation apiVersion time fieldsType fieldsV1'
const referenceFields = 'kind namespace name uid apiVersion resourceVersion fieldPath'
const seriesFields = 'count lastObservedTime state'

/** An Event as kube-eventer sends it: the Event's indented JSON as a string, beside its time and tags. */
export function envelope(event: JsonObject, now: number): string {
  const core = isObject(event.regarding) && !isObject(event.involvedObject) ? toCoreNames(event) : event
  const value = eventValue(core)
  return goText(
    JSON.stringify({
      EventValue: goText(JSON.stringify(value, undefined, 1)),
      EventTimestamp: timestampOf(core, now),
      EventTags: tagsOf(core),
    }),
  )
}

/** Without kind and apiVersion. Empty fields are omitted if Go's type has omitempty. */
function eventValue(event: JsonObject): JsonObject {
  const { metadata, involvedObject, series, related } = event
  return {
    metadata: metadataOf(fieldsOf(metadata)),
    involvedObject: ordered(fieldsOf(involvedObject), referenceFields),
    ...unlessEmpty({ reason: event.reason, message: event.message }),
    source: ordered(fieldsOf(event.source), 'component host'),
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    ...unlessEmpty({ count: event.count, type: event.type }),
    eventTime: event.eventTime ?? null,
    ...(isObject(series) ? { series: ordered(series, seriesFields) } : {}),
    ...unlessEmpty({ action: event.action }),
    ...(isObject(related) ? { related: ordered(related, referenceFields) } : {}),
    reportingComponent: event.reportingComponent ?? '',
    reportingInstance: event.reportingInstance ?? '',
  }
}

function metadataOf(metadata: JsonObject): JsonObject {
  const fields = ordered({ ...metadata, creationTimestamp: metadata.creationTimestamp ?? null }, metadataFields)
  if (!Array.isArray(fields.managedFields)) return fields
  return { ...fields, managedFields: fields.managedFields.map((one) => ordered(fieldsOf(one), managedFields)) }
}

/** The fields of these names, in this order. */
function ordered(fields: JsonObject, names: string): JsonObject {
  return Object.fromEntries(
    names.split(' ').flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  )
}

function unlessEmpty(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== 0),
  )
}

/** RFC 3339 in UTC, with no more fractional digits than needed. */
function timestampOf({ lastTimestamp, eventTime }: JsonObject, now: number): string {
  const given = [lastTimestamp, eventTime].find((time) => typeof time === 'string' && parseTime(time) !== undefined)
  const text = typeof given === 'string' && given.endsWith('Z') ? given : isoTime(parseTime(String(given)) ?? now)
  return text.replace(/\.(\d*?)0*Z$/, (_, digits) => (digits === '' ? 'Z' : `.${digits}Z`))
}

/** Sorted by name, because Go sorts the keys of maps. */
function tagsOf({ metadata, source, involvedObject }: JsonObject): Record<string, string> {
  const { kind, uid, name } = fieldsOf(involvedObject)
  return {
    eventID: textOf(fieldsOf(metadata).uid),
    hostname: textOf(fieldsOf(source).host),
    ...(kind === 'Pod' ? { pod_id: textOf(uid), pod_name: textOf(name) } : {}),
  }
}

const escapes: Record<string, string> = {
  '&': '\\u0026',
  '<': '\\u003c',
  '>': '\\u003e',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

/** Go's JSON escapes these characters, which occur only in strings. */
function goText(json: string): string {
  return json.replace(/[&<>\u2028\u2029]/g, (character) => escapes[character] ?? character)
}
