import type { DeliveryState, Incident, Timing } from '../../core/incident/incident.ts'
import type { Merged } from '../../core/incident/merged.ts'

/** An incident as it is stored. What merging writes (`body`, `merged`) and what delivering writes (`delivery`, `lease`) lie apart, as JSON. */
export interface StoredIncident {
  key: string
  version: number
  revision: number
  /** The body without its merged state. */
  body: string
  /** The body's merged state; null once it is forgotten. */
  merged: string | null
  /** The delivery state without its lease and timing. */
  delivery: string
  lease: string | null
  pendingSince: number | null
  due: number | null
  expiresAt: number | null
}

/** The delivery state of an incident that nothing has been sent for. */
export const unsent: DeliveryState = { older: [] }

export function toIncident({
  key,
  version,
  revision,
  body,
  merged,
  delivery,
  lease,
  ...timing
}: StoredIncident): Incident {
  return {
    key,
    version,
    revision,
    body: { ...JSON.parse(body), merged: merged === null ? forgotten() : JSON.parse(merged) },
    delivery: {
      ...JSON.parse(delivery),
      ...(lease === null ? {} : { lease: JSON.parse(lease) }),
      ...(timing.pendingSince === null ? {} : { pendingSince: timing.pendingSince }),
      ...(timing.due === null ? {} : { due: timing.due }),
      ...(timing.expiresAt === null ? {} : { expiresAt: timing.expiresAt }),
    },
  }
}

/** The delivery state without its lease and timing, as JSON. */
export function deliveryText({
  pendingSince,
  due,
  expiresAt,
  urgency,
  ...delivery
}: Omit<DeliveryState, 'lease'> & Timing): string {
  return JSON.stringify(delivery)
}

export function timingColumns({
  pendingSince,
  due,
  expiresAt,
}: Timing): Pick<StoredIncident, 'pendingSince' | 'due' | 'expiresAt'> {
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
