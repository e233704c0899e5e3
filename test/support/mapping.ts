import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { Clock, KafkaBatchResponse } from '../../lib/pipeline/ports.ts'
import { shuffled } from './shuffle.ts'

/** How a mapping uses an answer: both readings of AWS's documentation of partial batch responses, or not at all. */
export type Reading = 'resumes at the first named' | 'retries the named only' | 'ignores answers'

export interface MappingOptions {
  reading: Reading
  isBisecting: boolean
  batchSize: number
  /** Invocations at once. 1 unless given. */
  consumers?: number
  /** Draws the partitions that a consumer mixes in a batch. Unless given, it takes its share of them in their order. */
  next?: () => number
  /** Records come over time, and a batch that is not full waits for more of them. Unless given, all of them are there. */
  arrivals?: { clock: Clock; windowMilliseconds: number; at: (record: ConsumedRecord) => number }
  /** Whether a batch comes again after it was accepted, as after a rebalance before its offsets were committed. */
  isDeliveredAgain?: () => boolean
  /** Fails after this many invocations. */
  mostInvocations?: number
}

/**
 * An event source mapping with infinite retries. Several consumers invoke the function at once, each with partitions that no other one has at this time,
 * so each partition is read in order. What the function does not accept blocks only the partitions of its batch. A batch is split in two when the function
 * fails, if the mapping bisects. Resolves with the number of invocations.
 */
export async function drive(
  records: ConsumedRecord[],
  invoke: (event: unknown) => Promise<KafkaBatchResponse>,
  options: MappingOptions,
): Promise<number> {
  const { reading, isBisecting, batchSize, consumers = 1, next, arrivals, mostInvocations = 500 } = options
  const isDeliveredAgain = options.isDeliveredAgain ?? (() => false)
  const share = Math.ceil(new Set(records.map(mapKey)).size / consumers)
  const busy = new Set<string>()
  let waiting = records
  let released = Promise.withResolvers<void>()
  let invocations = 0

  await Promise.all(Array.from({ length: consumers }, consume))
  return invocations

  async function consume() {
    while (waiting.length > 0) {
      const partitions = choosePartitions()
      if (partitions.size === 0) {
        await Promise.race([released.promise, nextArrival()])
        continue
      }
      for (const partition of partitions) busy.add(partition)
      await fillWindow(partitions)
      await settle(take(partitions))
      for (const partition of partitions) busy.delete(partition)
      released.resolve()
      released = Promise.withResolvers()
    }
  }

  function choosePartitions(): Set<string> {
    const free = [...new Set(waiting.filter(hasArrived).map(mapKey))].filter((partition) => !busy.has(partition))
    return new Set(next ? shuffled(free, next).slice(0, 1 + Math.floor(next() * share)) : free.slice(0, share))
  }

  async function fillWindow(partitions: Set<string>) {
    if (arrivals && candidates(partitions).length < batchSize) await arrivals.clock.sleep(arrivals.windowMilliseconds)
  }

  function take(partitions: Set<string>): ConsumedRecord[] {
    const batch = new Set(candidates(partitions).slice(0, batchSize))
    waiting = waiting.filter((record) => !batch.has(record))
    return [...batch]
  }

  function candidates(partitions: Set<string>): ConsumedRecord[] {
    return waiting.filter((record) => partitions.has(mapKey(record)) && hasArrived(record))
  }

  function hasArrived(record: ConsumedRecord): boolean {
    return arrivals === undefined || arrivals.at(record) <= arrivals.clock.now()
  }

  async function nextArrival() {
    const times = arrivals ? waiting.filter((record) => !hasArrived(record)).map(arrivals.at) : []
    if (arrivals && times.length > 0) await arrivals.clock.sleep(Math.min(...times) - arrivals.clock.now())
    else await new Promise<never>(() => {})
  }

  /** Delivers a batch until the function has accepted all of it. */
  async function settle(batch: ConsumedRecord[]) {
    const pieces = [batch]
    for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
      invocations += 1
      if (invocations > mostInvocations) throw new Error(`not delivered after ${mostInvocations} invocations`)
      const answer = await invoke(JSON.parse(JSON.stringify(toLambdaEvent(piece)))).catch(() => undefined)
      pieces.unshift(...(answer ? left(piece, answer, reading) : again(piece, isBisecting)))
      if (pieces.length === 0 && isDeliveredAgain()) pieces.push(batch)
    }
  }
}

function again(batch: ConsumedRecord[], isBisecting: boolean): ConsumedRecord[][] {
  if (!isBisecting || batch.length === 1) return [batch]
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(0, middle), batch.slice(middle)]
}

function left(
  batch: ConsumedRecord[],
  { batchItemFailures }: KafkaBatchResponse,
  reading: Reading,
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
