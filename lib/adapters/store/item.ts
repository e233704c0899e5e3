import type { DeliveryState, Incident } from '../../core/incident/incident.ts'
import type { Merged } from '../../core/incident/merged.ts'
import type { Timing } from '../../pipeline/ports.ts'

/** An incident as it is stored. What merging writes (`body`, `merged`) and what sending writes (`deliveryState`, `lease`) lie apart, as JSON. */
export interface Item {
  key: string
  version: number
  revision: number
  body: string
  /** None once it is forgotten. */
  merged: string | null
  deliveryState: string
  lease: string | null
  pendingSince: number | null
  due: number | null
  expiresAt: number | null
}

/** The deliveryState of an incident that nobody has sent anything for. */
export const unsent: DeliveryState = { older: [] }

export function toIncident({ key, version, revision, body, merged, deliveryState, lease, ...timing }: Item): Incident {
  return {
    key,
    version,
    revision,
    ...JSON.parse(body),
    merged: merged === null ? forgotten() : JSON.parse(merged),
    ...JSON.parse(deliveryState),
    ...(lease === null ? {} : { lease: JSON.parse(lease) }),
    ...(timing.pendingSince === null ? {} : { pendingSince: timing.pendingSince }),
    ...(timing.due === null ? {} : { due: timing.due }),
    ...(timing.expiresAt === null ? {} : { expiresAt: timing.expiresAt }),
  }
}

/** What sending writes besides the lease and the timing. */
export function deliveryText({
  pendingSince,
  due,
  expiresAt,
  urgency,
  ...deliveryState
}: Omit<DeliveryState, 'lease'> & Timing): string {
  return JSON.stringify(deliveryState)
}

export function timingColumns({
  pendingSince,
  due,
  expiresAt,
}: Timing): Pick<Item, 'pendingSince' | 'due' | 'expiresAt'> {
  return { pendingSince: pendingSince ?? null, due: due ?? null, expiresAt: expiresAt ?? null }
}

/** The kinds of versioned documents: the properties of a store that hold them. */
export type DocumentKind = 'chats' | 'counters' | 'lastSeen' | 'readTopics'

/** Stores delete expired items late, so each read checks. */
export function isThere({ expiresAt }: { expiresAt: number | null }, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

/** The merged state of an incident whose own one was deleted. It has no events, unlike all others. */
function forgotten(): Merged {
  return {
    events: [],
    hasMoreEvents: false,
    recent: [],
    undated: [],
    objects: [],
    hasMoreObjects: false,
    nodes: [],
    firstAt: 0,
    lastAt: 0,
    severity: 'good',
    needs: [],
    isSilent: false,
    latest: {
      at: 0,
      resourceVersion: '',
      name: '',
      namespace: '',
      type: '',
      reason: '',
      message: '',
      missing: 0,
      tail: '',
      action: '',
      kind: '',
      ownerKind: '',
      objectNamespace: '',
      objectName: '',
      container: '',
      related: undefined,
      component: '',
      instance: '',
      host: '',
      eventTime: undefined,
      rule: '',
    },
  }
}
