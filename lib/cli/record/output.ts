import { createWriteStream, existsSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type ConsumedRecord, toLambdaEvent } from '../../adapters/kafka/lambda-event.ts'
import { Misuse, UserError } from '../command.ts'

/** A recording with one record per line, or one Lambda batch. */
export type Form = 'recording' | 'batch'

export interface Output {
  write(record: ConsumedRecord): Promise<void>
  /** Resolves when everything is written. */
  close(): Promise<void>
}

export function formOf(file: string): Form {
  if (/\.ndjson(\.gz)?$/.test(file)) return 'recording'
  if (file.endsWith('.json')) return 'batch'
  throw new Misuse(`${file}: the name must end in .ndjson or .ndjson.gz (a recording), or .json (one batch)`)
}

interface Place {
  file: string
  /** An existing file is replaced. */
  overwrites: boolean
}

/** Throws a UserError if the file can't be written. Call it before the brokers are asked for anything. */
export function checkPlace({ file, overwrites }: Place) {
  const folder = dirname(file)
  if (!existsSync(folder)) throw new UserError(`${file}: folder ${folder} does not exist`)
  if (!existsSync(file)) return
  if (statSync(file).isDirectory()) throw new UserError(`${file}: is a folder`)
  if (!overwrites) throw new UserError(`${file}: already exists; use --force to overwrite it`)
}

/** The file is created with the first record. */
export function openOutput(place: Place, brokers: readonly string[]): Output {
  return formOf(place.file) === 'recording' ? recordingTo(place) : batchTo(place, brokers)
}

function recordingTo(place: Place): Output {
  let file: ReturnType<typeof openFile> | undefined
  return {
    async write(record) {
      file ??= openFile(place)
      const hasRoom = file.head.write(`${JSON.stringify(record)}\n`)
      if (!hasRoom)
        await named(place, Promise.race([new Promise<void>((go) => file?.head.once('drain', go)), file.done]))
    },
    async close() {
      file?.head.end()
      await named(place, Promise.resolve(file?.done))
    },
  }
}

function openFile({ file, overwrites }: Place) {
  const sink = createWriteStream(file, { flags: overwrites ? 'w' : 'wx' })
  const gzip = file.endsWith('.gz') ? createGzip() : undefined
  const done = gzip ? pipeline(gzip, sink) : finished(sink)
  // The next write or close reports the error.
  done.catch(() => {})
  return { head: gzip ?? sink, done }
}

function batchTo(place: Place, brokers: readonly string[]): Output {
  const records: ConsumedRecord[] = []
  return {
    write: async (record) => void records.push(record),
    async close() {
      if (records.length === 0) return
      const text = `${JSON.stringify(toLambdaEvent(records, brokers.join(',')), undefined, 2)}\n`
      await named(place, writeFile(place.file, text, { flag: place.overwrites ? 'w' : 'wx' }))
    },
  }
}

async function named({ file }: Place, done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`)
  }
}
