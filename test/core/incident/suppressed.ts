import { counted, type Drop, type Suppressed } from '../../../lib/core/incident/suppressed.ts'

/** Batch after batch, as it is kept between them. */
export function countAll(
  batches: readonly (readonly Drop[])[],
  period = '2026-11-25',
  held?: Suppressed,
): Suppressed | undefined {
  return batches.reduce((kept: Suppressed | undefined, batch) => {
    const next = counted(kept, batch, period)
    return next ? JSON.parse(JSON.stringify(next)) : kept
  }, held)
}
