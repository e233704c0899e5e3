import { type Suppressed, type SuppressedRecord, withSuppressed } from '../../../lib/core/incident/suppressed-counts.ts'

/** Counts several batches in turn, and stores the count as JSON between them. */
export function countAll(
  batches: readonly (readonly SuppressedRecord[])[],
  period = '2026-11-25',
  suppressed?: Suppressed,
): Suppressed | undefined {
  return batches.reduce((left: Suppressed | undefined, batch) => {
    const next = withSuppressed(left, batch, period)
    return next ? JSON.parse(JSON.stringify(next)) : left
  }, suppressed)
}
