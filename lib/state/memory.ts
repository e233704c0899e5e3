import type { Receipt } from '../outcome.ts'

/** What became of each (record, target), remembered for as long as the process lives. */
export interface Receipts {
  find(recordKey: string, target: string): Receipt | undefined
  save(recordKey: string, target: string, receipt: Receipt): void
}

/** Receipts in memory; above `most` the oldest is forgotten. They are lost with the process, so a redelivery after that shows a record again. */
export function memoryReceipts({ most = 50_000 } = {}): Receipts {
  const receipts = new Map<string, Receipt>()
  return {
    find: (recordKey, target) => receipts.get(`${target} ${recordKey}`),
    save(recordKey, target, receipt) {
      const key = `${target} ${recordKey}`
      // Deleted first, so that the map's order is the order of saving.
      receipts.delete(key)
      receipts.set(key, receipt)
      if (receipts.size > most) receipts.delete(receipts.keys().next().value as string)
    },
  }
}
