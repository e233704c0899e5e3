import type { Config } from '../../app/config/config.ts'
import { decode } from '../../core/event/decode.ts'
import { readRecords } from '../../core/event/record.ts'
import { storedMilliseconds } from '../../core/incident/incident.ts'
import type { RecordedBatch } from '../recording.ts'
import { startCount } from '../stats/count.ts'

export interface Old {
  records: number
  /** At most so many messages for these records, if none was shown before. */
  messages: number
}

/** Counts the records that are so old that no state remembers whether they were shown. */
export function countOld(batches: readonly RecordedBatch[], config: Config, now: number): Old {
  const counter = startCount(config)
  for (const { event } of batches)
    for (const record of readRecords(event)) {
      const decoded = decode(record.value)
      const isOld = 'event' in decoded && (decoded.event.at ?? now) < now - storedMilliseconds
      if (isOld) counter.add({ record, decoded, isPlaced: true, arrivedAt: now })
    }
  const { records, messages } = counter.counted()
  return { records, messages }
}
