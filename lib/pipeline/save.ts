import { type Applied, apply } from '../core/incident/apply.ts'
import { type Presentation, timingOf } from '../core/incident/decide.ts'
import type { Change } from '../core/incident/fold.ts'
import { type Body, type Incident, newIncident, type Renderer } from '../core/incident/incident.ts'
import type { Target } from '../core/routing/target.ts'
import type { Annotation } from './annotations.ts'
import { type Clock, orOutage, type Store } from './ports.ts'
import { type UpdateFailure, unavailable, updateAll, updateWithRetry, withKnownBody } from './update-with-retry.ts'

/** What a batch changes in one incident: by its own events, and by what other events say to it. */
export interface IncidentUpdate {
  key: string
  target: Target
  change: Change | undefined
  annotations: Annotation[]
}

/** An update that is saved, or, with `failure`, is not: then its records go back to Kafka. */
export type SavedUpdate = { update: IncidentUpdate } & (SavedIncident | { failure: UpdateFailure })

export interface SavedIncident {
  /** Undefined if the annotations' incident does not exist. */
  incident: Incident | undefined
  /** What became of the change's entries; undefined without a change. */
  applied: Applied | undefined
  wasPending: boolean
  isWritten: boolean
}

export type Save = (updates: IncidentUpdate[], deadline: number) => Promise<SavedUpdate[]>

interface SaveTools {
  store: Store
  clock: Clock
  renderer: Renderer
  present: (body: Body, now: number) => Presentation
}

/**
 * Merges updates into their stored incidents: one read for all, one conditional write for each that changes. The saved merge is the receipt:
 * from then on nothing depends on the records. A lease is neither waited for nor changed.
 */
export function createSave({ store, clock, renderer, present }: SaveTools): Save {
  return async (updates, deadline) => {
    const read = await orOutage(() => store.readIncidents(updates.map(({ key }) => key)))
    if ('outage' in read) return updates.map((update) => ({ update, failure: unavailable(read.outage) }))
    const saved = await updateAll(updates, { deadline, clock }, (update) => saveOne(update, read.value.get(update.key)))
    return updates.map((update, index) => {
      const result = saved[index]
      if (!result) throw new Error('an update has no result')
      return 'failure' in result ? { update, failure: result.failure } : { update, ...result.value }
    })
  }

  async function saveOne(update: IncidentUpdate, read: Incident | undefined): Promise<SavedIncident> {
    const { key, annotations } = update
    const wasPending = read?.delivery.pendingSince !== undefined
    const saved = await updateWithRetry<Incident, Omit<SavedIncident, 'wasPending'>>(
      `incident ${key}`,
      read,
      async (before) => {
        const now = clock.now()
        const { incident, applied } = updated(update, before, now)
        if (!incident || incident === before) return { incident, applied, isWritten: false }
        const { body } = incident
        const written = await store.saveBody(key, body, timingOf(incident, present(body, now), now), incident.version)
        if (!('saved' in written)) return written
        return { incident: withKnownBody(written.saved, body, incident.version + 1), applied, isWritten: true }
      },
    )
    const { delivery } = saved.incident ?? {}
    // An incident whose first message is pending becomes open as soon as that is sent.
    if (!delivery || delivery.shown || delivery.pendingSince === undefined) for (const { done } of annotations) done()
    return { ...saved, wasPending }
  }

  /** The incident after the update; `before` itself if nothing changes. */
  function updated({ key, change, annotations }: IncidentUpdate, before: Incident | undefined, now: number) {
    const applied = change && apply(change, before, renderer, now)
    let incident = before
    if (applied?.hasChanged || (applied && !before))
      incident = before ? { ...before, body: applied.body } : newIncident(key, applied.body)
    for (const { annotate } of annotations) {
      const body = incident && annotate(incident)
      if (incident && body) incident = { ...incident, body }
    }
    return { incident, applied }
  }
}
