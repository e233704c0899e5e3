import type { KubeEvent } from '../event/event.ts'
import type { Body, Incident, Suppression } from './incident.ts'
import type { Latest } from './latest.ts'

/** When an object recovered, by an event that says so. */
export interface Recovery {
  /** The object's id (fold.ts). */
  object: string
  at: number
}

/** Adds the time of an object's recovery; undefined if the incident does not know the object, or has a later time for it. */
export function withRecovery({ body }: Incident, { object, at }: Recovery): Body | undefined {
  const { objects } = body.merged
  const known = objects.find(([id]) => id === object)
  if (!known || known[2] >= at) return undefined
  const [id, troubleAt, , ...name] = known
  const recovered: typeof known = [id, troubleAt, at, ...name]
  return { ...body, merged: { ...body.merged, objects: objects.map((one) => (one === known ? recovered : one)) } }
}

/** Adds why the incident's next events are not shown; undefined if its message is not open, or says so already. */
export function withSuppression(
  { body, delivery: { shown } }: Incident,
  suppression: Suppression,
  quietMilliseconds: number,
  now: number,
): Body | undefined {
  const { generation, merged } = body
  const isOpen =
    shown?.generation === generation && !shown.isGone && now < Math.max(shown.at, merged.lastAt) + quietMilliseconds
  if (!isOpen || JSON.stringify(body.suppression) === JSON.stringify(suppression)) return undefined
  return { ...body, suppression }
}

/** The event that an incident shows, as far as it is stored: what rules may be asked about. */
export function eventOf(latest: Latest): KubeEvent {
  const { kind, objectNamespace, objectName, at, ...fields } = latest
  return {
    ...fields,
    uid: '',
    involvedObject: { kind, namespace: objectNamespace, name: objectName, uid: '', fieldPath: '' },
    related: undefined,
    count: undefined,
    firstAt: at,
    lastAt: at,
    at,
  }
}
