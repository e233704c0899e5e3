import type { KubeEvent } from '../event/event.ts'
import { type Body, bodyOf, type Held, type Incident } from './incident.ts'
import type { Latest } from './latest.ts'

/** When an object's trouble was over, by an event that says so. */
export interface Relief {
  /** The object's id (fold.ts). */
  object: string
  at: number
}

/** With the time of an object's relief; undefined if the incident does not know the object, or knew it. */
export function relieve(incident: Incident, { object, at }: Relief): Body | undefined {
  const body = bodyOf(incident)
  const known = body.merged.objects.find(([id]) => id === object)
  if (!known || known[2] >= at) return undefined
  const objects = body.merged.objects.map((one): typeof one =>
    one === known ? (one[3] === undefined ? [one[0], one[1], at] : [one[0], one[1], at, one[3]]) : one,
  )
  return { ...body, merged: { ...body.merged, objects } }
}

/** With what keeps its next events from being shown; undefined if its message is not open, or says so. */
export function hold(incident: Incident, held: Held, quietMilliseconds: number, now: number): Body | undefined {
  const { shown, generation, merged } = incident
  const isOpen =
    shown?.generation === generation && !shown.isGone && now < Math.max(shown.at, merged.lastAt) + quietMilliseconds
  if (!isOpen || JSON.stringify(incident.held) === JSON.stringify(held)) return undefined
  return { ...bodyOf(incident), held }
}

/** The event that an incident shows, as far as it is kept: what rules may be asked about. */
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
