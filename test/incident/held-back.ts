import { counted, type Drop, type HeldBack } from '../../lib/incident/held-back.ts'

/** Batch after batch, as it is kept between them. */
export function countAll(
  batches: readonly (readonly Drop[])[],
  period = '2026-11-25',
  held?: HeldBack,
): HeldBack | undefined {
  return batches.reduce((kept: HeldBack | undefined, batch) => {
    const next = counted(kept, batch, period)
    return next ? JSON.parse(JSON.stringify(next)) : kept
  }, held)
}
