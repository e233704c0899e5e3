import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { KafkaBatchResponse } from '../../lib/pipeline/ports.ts'

export interface MappingOptions {
  /** How the mapping uses an answer: both readings of AWS's documentation of partial batch responses, or not at all. */
  reading: 'resumes at the first named' | 'retries the named only' | 'ignores answers'
  isBisecting: boolean
  batchSize: number
  /** Fails after this many invocations. */
  mostInvocations?: number
  beforeInvocation?: (invocation: number) => void
}

/**
 * An event source mapping with infinite retries: delivers batches in order until the function has accepted all records, and splits a
 * batch in two when the function fails, if it bisects. Resolves with the number of invocations.
 */
export async function drive(
  records: ConsumedRecord[],
  invoke: (event: unknown) => Promise<KafkaBatchResponse>,
  { reading, isBisecting, batchSize, mostInvocations = 500, beforeInvocation = () => {} }: MappingOptions,
): Promise<number> {
  const queue = batches(records, batchSize)
  for (let invocation = 1; ; invocation += 1) {
    const batch = queue.shift()
    if (!batch) return invocation - 1
    if (invocation > mostInvocations) throw new Error(`not delivered after ${mostInvocations} invocations`)
    beforeInvocation(invocation)
    const answer = await invoke(JSON.parse(JSON.stringify(toLambdaEvent(batch)))).catch(() => undefined)
    queue.unshift(...(answer ? left(batch, answer, reading) : again(batch, isBisecting)))
  }
}

function batches(records: ConsumedRecord[], size: number): ConsumedRecord[][] {
  return Array.from({ length: Math.ceil(records.length / size) }, (_, index) =>
    records.slice(index * size, (index + 1) * size),
  )
}

function again(batch: ConsumedRecord[], isBisecting: boolean): ConsumedRecord[][] {
  if (!isBisecting || batch.length === 1) return [batch]
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(0, middle), batch.slice(middle)]
}

function left(
  batch: ConsumedRecord[],
  { batchItemFailures }: KafkaBatchResponse,
  reading: MappingOptions['reading'],
): ConsumedRecord[][] {
  if (reading === 'ignores answers') return []
  const named = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  for (const { partition, offset } of named) {
    if (!batch.some((record) => isAt(record, partition, offset)))
      throw new Error(`${partition} ${offset} is not in the batch`)
  }
  const isLeft = (record: ConsumedRecord) =>
    named.some(({ partition, offset }) =>
      reading === 'retries the named only'
        ? isAt(record, partition, offset)
        : mapKey(record) === partition && Number(record.offset) >= offset,
    )
  const rest = batch.filter(isLeft)
  return rest.length === 0 ? [] : [rest]
}

function isAt(record: ConsumedRecord, partition: string, offset: number): boolean {
  return mapKey(record) === partition && Number(record.offset) === offset
}

function mapKey({ topic, partition }: ConsumedRecord): string {
  return `${topic}-${partition}`
}
