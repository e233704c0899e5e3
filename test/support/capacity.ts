import type { Exchange } from '../adapters/store/relay.ts'

/** The calls to DynamoDB, and their capacity units. */
export interface Capacity {
  reads: number
  writes: number
  /** Units of 4 KB; an eventually consistent read needs half. */
  readUnits: number
  /** Units of 1 KB, without those of the index. */
  writeUnits: number
}

type Attributes = Record<string, Record<string, string>>

/** The capacity that these calls need (Amazon DynamoDB developer guide, Read and write operations). */
export function capacityOf(exchanges: Exchange[]): Capacity {
  const sum: Capacity = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
  for (const { operation, request, answer } of exchanges) {
    if (isWrite(operation)) {
      sum.writes += 1
      sum.writeUnits += unitsOf(bytesOf(written(request, answer)), 1_024)
    } else {
      sum.reads += 1
      sum.readUnits += readUnits(operation, request, answer)
    }
  }
  return sum
}

function isWrite(operation: string): boolean {
  return /^(Put|Update|Delete)/.test(operation)
}

function written(request: Record<string, unknown>, answer: Record<string, unknown>): Attributes {
  return (request.Item ?? answer.Attributes ?? answer.Item ?? {}) as Attributes
}

function readUnits(operation: string, request: Record<string, unknown>, answer: Record<string, unknown>): number {
  if (operation === 'BatchGetItem') {
    const items = Object.values((answer.Responses ?? {}) as Record<string, Attributes[]>).flat()
    const asked = Object.values(request.RequestItems as Record<string, { Keys: Attributes[] }>)
    const missing = asked.reduce((count, { Keys }) => count + Keys.length, 0) - items.length
    return items.reduce((units, item) => units + unitsOf(bytesOf(item), 4_096), missing)
  }
  if (operation === 'GetItem') return unitsOf(bytesOf((answer.Item ?? {}) as Attributes), 4_096)
  const items = (answer.Items ?? []) as Attributes[]
  return (
    unitsOf(
      items.reduce((bytes, item) => bytes + bytesOf(item), 0),
      4_096,
    ) / 2
  )
}

function unitsOf(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit))
}

function bytesOf(item: Attributes): number {
  return Object.entries(item).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + Buffer.byteLength(Object.values(value).join('')),
    0,
  )
}
