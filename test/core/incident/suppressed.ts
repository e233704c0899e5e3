import { type Suppressed, type SuppressedRecord, withSuppressed } from '../../../lib/core/incident/suppressed.ts'

/** Batch after batch, as it is kept between them. */
export function countAll(
  batches: readonly (readonly SuppressedRecord[])[],
  period = '2026-11-25',
  held?: Suppressed,
): Suppressed | undefined {
  return batches.reduce((kept: Suppressed | undefined, batch) => {
    const next = withSuppressed(kept, batch, period)
    return next ? JSON.parse(JSON.stringify(next)) : kept
  }, held)
}
