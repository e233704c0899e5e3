import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { inputReader } from '../../lib/cli/inspect/input.ts'
import { toBatches } from '../../lib/cli/recording.ts'

/** The batches of a recording. */
export function batchesOf(records: readonly ConsumedRecord[], mostRecords: number) {
  const read = inputReader('recording')
  return toBatches(
    records.flatMap((record) => read(record, '')),
    mostRecords,
  )
}
