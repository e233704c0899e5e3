import type { Outcome } from '../core/outcome.ts'

/** Is told what became of each batch and sweep, for who counts. */
export interface Meter {
  batch(batch: MeteredBatch): void
  /** `now` in milliseconds since the epoch. */
  sweep(sweep: MeteredRequests & { hasDelivered: boolean; now: number }): void
}

export interface MeteredRequests {
  requests: number
  edits: number
  rateLimited: number
  reclaimed: number
}

/** How many records of a batch, one for each target, ended in this way. */
export interface Ended {
  outcome: Outcome
  why: string
  records: number
}

export interface MeteredBatch extends MeteredRequests {
  ended: readonly Ended[]
  /** Incidents that had something new, and until when each is open: its latest trouble and its quiet time. */
  open: { key: string; until: number }[]
  milliseconds: number
  /** Milliseconds since the epoch. */
  now: number
}

export const noMeter: Meter = { batch: () => {}, sweep: () => {} }
