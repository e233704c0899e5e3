import type { Incident, Standing } from '../incident/incident.ts'
import type { Merged } from '../incident/merged.ts'
import type { Timing } from '../incident/store.ts'

/** An incident as it is stored. What merging writes (`body`, `merged`) and what sending writes (`standing`, `claim`) lie apart, as JSON. */
export interface Item {
  key: string
  version: number
  revision: number
  body: string
  /** None once it is forgotten. */
  merged: string | null
  standing: string
  claim: string | null
  owedSince: number | null
  due: number | null
  expiresAt: number | null
}

/** The standing of an incident that nobody has sent anything for. */
export const unsent: Standing = { older: [] }

export function toIncident({ key, version, revision, body, merged, standing, claim, ...timing }: Item): Incident {
  return {
    key,
    version,
    revision,
    ...JSON.parse(body),
    merged: merged === null ? forgotten() : completed(JSON.parse(merged)),
    ...JSON.parse(standing),
    ...(claim === null ? {} : { claim: JSON.parse(claim) }),
    ...(timing.owedSince === null ? {} : { owedSince: timing.owedSince }),
    ...(timing.due === null ? {} : { due: timing.due }),
    ...(timing.expiresAt === null ? {} : { expiresAt: timing.expiresAt }),
  }
}

/** What sending writes besides the claim and the timing. */
export function standingText({
  owedSince,
  due,
  expiresAt,
  urgency,
  ...standing
}: Omit<Standing, 'claim'> & Timing): string {
  return JSON.stringify(standing)
}

export function timingColumns({ owedSince, due, expiresAt }: Timing): Pick<Item, 'owedSince' | 'due' | 'expiresAt'> {
  return { owedSince: owedSince ?? null, due: due ?? null, expiresAt: expiresAt ?? null }
}

/** Stores delete late, so whoever reads has to look. */
export function isThere({ expiresAt }: { expiresAt: number | null }, now: number): boolean {
  return expiresAt === null || expiresAt > now
}

/** What an earlier version stored lacks the fields that came later. */
function completed(stored: Merged): Merged {
  const empty = forgotten()
  return { ...empty, ...stored, latest: { ...empty.latest, ...stored.latest } }
}

/** A merged state of which nothing is known any more; without events, which tells it from all others. */
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
