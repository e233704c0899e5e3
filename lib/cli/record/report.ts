import type { ConsumedRecord } from '../../adapters/kafka/lambda-event.ts'
import { plural } from '../terminal.ts'

/** What was written to the file. */
export interface Recorded {
  file: string
  topic: string
  records: number
  /** The size of the values. */
  bytes: number
  /** First and last offset. */
  partitions: { partition: number; first: number; last: number; records: number }[]
  ended: 'end' | 'max' | 'interrupted'
  /** The number of records that could be read; null with --follow. */
  available: number | null
}

export interface RecordingCount {
  readonly records: number
  /** Returns the number of records so far. */
  add(record: ConsumedRecord): number
  recorded(ended: Recorded['ended'], available: number | undefined): Recorded
}

export function startRecordingCount({ topic, file }: Pick<Recorded, 'topic' | 'file'>): RecordingCount {
  const partitions = new Map<number, Recorded['partitions'][number]>()
  let records = 0
  let bytes = 0
  return {
    get records() {
      return records
    },
    add({ partition, offset, value, encoding }) {
      const last = Number(offset)
      const known = partitions.get(partition) ?? { partition, first: last, last, records: 0 }
      partitions.set(partition, { ...known, last, records: known.records + 1 })
      bytes += value === null ? 0 : Buffer.byteLength(value, encoding ?? 'utf8')
      records += 1
      return records
    },
    recorded: (ended, available = undefined) => ({
      file,
      topic,
      records,
      bytes,
      partitions: [...partitions.values()].sort((one, other) => one.partition - other.partition),
      ended,
      available: available ?? null,
    }),
  }
}

export function renderRecorded({ file, topic, records, partitions, ended, available }: Recorded): string {
  if (records === 0) return `No records arrived in topic ${topic}, so ${file} was not written.`
  const isPart = available !== null && records < available
  const early = ended === 'interrupted' ? 'interrupted: ' : ''
  const share = isPart ? ` of ${available.toLocaleString('en')}` : ''
  const more = isPart && ended === 'max' ? ' (use --max for more)' : ''
  const rows = partitions.map(({ partition, first, last }) => `  partition ${partition}: offsets ${first} to ${last}`)
  return [
    `${early}${plural(records, 'record')}${share} of topic ${topic} in ${file}${more}`,
    ...rows,
    '',
    'Next:',
    `  kube-eventer-telegram replay ${file}`,
    file.endsWith('.json')
      ? `  npx serverless invoke local -f notify -p ${file}`
      : `  kube-eventer-telegram stats ${file}`,
  ].join('\n')
}
