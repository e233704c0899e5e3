import { UserError } from './command.ts'
import { eventArrival, flushMilliseconds, type InputRecord, readWholeInput } from './inspect/input.ts'

/** The records of one invocation. */
export interface RecordedBatch {
  /** When the records reached Kafka, in milliseconds since the epoch; undefined if unknown. */
  at: number | undefined
  event: { records: Record<string, unknown[]> }
  size: number
}

/** The records of a file in batches, as kube-eventer would have sent them. `-` is standard input. */
export async function readBatches(file: string, mostRecords: number): Promise<RecordedBatch[]> {
  const records = await readWholeInput(file)
  if (records.length === 0) throw new UserError(`${file}: there are no records in it`)
  return toBatches(records, mostRecords)
}

/** Batches of at most `mostRecords`. Each half minute, in which kube-eventer collects events, begins a new batch. */
export function toBatches(records: readonly InputRecord[], mostRecords: number): RecordedBatch[] {
  const bursts: { at: number | undefined; records: InputRecord[] }[] = []
  for (const record of byTime(records)) {
    const at = record.arrivedAt
    const last = bursts.at(-1)
    if (last && stepOf(last.at) === stepOf(at)) {
      last.at = at
      last.records.push(record)
    } else bursts.push({ at, records: [record] })
  }
  return bursts.flatMap((burst) =>
    Array.from({ length: Math.ceil(burst.records.length / mostRecords) }, (_, index) => {
      const part = burst.records.slice(index * mostRecords, (index + 1) * mostRecords)
      return { at: burst.at, event: lambdaEvent(part), size: part.length }
    }),
  )
}

/** Events without an offset, for example those of kubectl, are in no order: sorts and numbers them by time. */
function byTime(records: readonly InputRecord[]): readonly InputRecord[] {
  if (records.every(({ isPlaced }) => isPlaced)) return records
  return records
    .map((one) => ({ ...one, arrivedAt: one.arrivedAt ?? eventArrival(one.decoded) }))
    .sort((one, other) => (one.arrivedAt ?? 0) - (other.arrivedAt ?? 0))
    .map((one, offset) => (one.isPlaced ? one : { ...one, record: { ...one.record, offset } }))
}

function stepOf(at: number | undefined): number | undefined {
  return at === undefined ? undefined : Math.floor(at / flushMilliseconds)
}

function lambdaEvent(records: readonly InputRecord[]): RecordedBatch['event'] {
  const groups = Map.groupBy(records, ({ record }) => record.mapKey)
  return {
    records: Object.fromEntries(
      [...groups].map(([mapKey, group]) => [
        mapKey,
        group.map(({ record: { topic, partition, offset, value } }) => ({ topic, partition, offset, value })),
      ]),
    ),
  }
}
