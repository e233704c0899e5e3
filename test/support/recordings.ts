import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'

const folder = new URL('../recordings/', import.meta.url)

/** The names of recordings: records that a real kube-eventer wrote to a real broker. */
export function recordingNames(): string[] {
  return readdirSync(folder).map((file) => file.replace('.ndjson.gz', ''))
}

/** One recording, in the order in which a consumer got it. */
export function readRecording(name: string): ConsumedRecord[] {
  const text = gunzipSync(readFileSync(new URL(`${name}.ndjson.gz`, folder))).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ConsumedRecord)
}
