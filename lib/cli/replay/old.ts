import type { Config } from '../../app/config/config.ts'
import { decode } from '../../core/event/decode.ts'
import { readRecords } from '../../core/event/record.ts'
import { keptMilliseconds } from '../../core/incident/incident.ts'
import type { RecordedBatch } from '../recording.ts'
import { startCount } from '../stats/count.ts'

export interface Old {
  records: number
  /** How many the chats get of these alone, at most: as if nothing of them was ever shown. */
  messages: number
}

/** Counts the records that are older than state is kept for, so that nobody knows whether they were shown. */
export function countOld(batches: readonly RecordedBatch[], config: Config, now: number): Old {
  const counter = startCount(config)
  for (const { event } of batches)
    for (const record of readRecords(event)) {
      const decoded = decode(record.value)
      const isOld = 'event' in decoded && (decoded.event.at ?? now) < now - keptMilliseconds
      if (isOld) counter.add({ record, decoded, isPlaced: true, arrivedAt: now })
    }
  const { records, messages } = counter.counted()
  return { records, messages }
}
