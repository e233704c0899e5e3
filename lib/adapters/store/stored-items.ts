import type { Body, DeliveryState, Incident, Timing } from '../../core/incident/incident.ts'
import type { Merged } from '../../core/incident/merged.ts'

/** What all stores share: how incidents become columns, the kinds of documents, and expiry. */

/** An incident as it is stored. Merging writes `body` and `merged`, delivering writes `delivery` and `lease`; all four are JSON. */
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

/** The delivery state of a new incident. */
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

// Delivering writes the rest of 16 KB: what is shown and up to three last texts (lib/core/message/render.ts).
const mostBodyBytes = 13_000

type BodyColumns = Pick<StoredIncident, 'body'> & { merged: string }

/**
 * The columns of a body. Only forged events can make it too large to store. It then loses its oldest sightings, then the counts of ended
 * generations, then the event message, so that no record makes an invocation fail.
 */
export function bodyColumns(body: Body): BodyColumns {
  let columns = toColumns(body)
  let reduced = body
  for (const reduce of reductions) {
    if (Buffer.byteLength(columns.body) + Buffer.byteLength(columns.merged) <= mostBodyBytes) break
    reduced = reduce(reduced)
    columns = toColumns(reduced)
  }
  return columns
}

const reductions: ((body: Body) => Body)[] = [
  (body) => ({ ...body, merged: { ...body.merged, recent: [], undated: [] } }),
  (body) => (body.counted ? { ...body, counted: { events: [], since: body.after } } : body),
  (body) => ({ ...body, merged: { ...body.merged, latest: { ...body.merged.latest, message: '', tail: '' } } }),
]

function toColumns({ merged, ...rest }: Body): BodyColumns {
  return { body: JSON.stringify(rest), merged: JSON.stringify(merged) }
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
export type DocumentKind = 'chats' | 'counters' | 'lastSeen' | 'readTopics' | 'goodRules'

/** Stores delete expired items late, so each read checks this. */
export function isUnexpired({ expiresAt }: { expiresAt: number | null }, now: number): boolean {
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
