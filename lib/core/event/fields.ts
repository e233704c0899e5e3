import { isObject, type JsonObject } from '../json.ts'

export interface ObjectReference {
  kind: string
  namespace: string
  name: string
  uid: string
  fieldPath: string
}

// A field of an unexpected type counts as missing: the rest of the event is still worth showing.

export function fieldsOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function integerOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

export function referenceOf({ kind, namespace, name, uid, fieldPath }: JsonObject): ObjectReference {
  return {
    kind: textOf(kind),
    namespace: textOf(namespace),
    name: textOf(name),
    uid: textOf(uid),
    fieldPath: textOf(fieldPath),
  }
}

/** events.k8s.io/v1's names (Kubernetes API reference, Event v1) under those of core/v1. */
export function toCoreNames(event: JsonObject): JsonObject {
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
