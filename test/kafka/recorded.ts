import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { cli, temporaryFolder } from '../cli/spawn.ts'
import { environmentOf } from './broker.ts'

/** Runs the command on this topic. */
export function record(topic: string, args: string[], environment: Record<string, string> = environmentOf()) {
  return cli(['record', '--topic', topic, ...args], environment)
}

/** Records into a new file, and reads it. */
export async function recorded(topic: string, args: string[] = [], environment?: Record<string, string>) {
  const file = join(temporaryFolder(), 'out.ndjson')
  const ended = await record(topic, [file, ...args], environment)
  return { ...ended, file, records: existsSync(file) ? linesOf(readFileSync(file, 'utf8')) : [] }
}

export function linesOf(text: string): ConsumedRecord[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ConsumedRecord)
}

export const places = (records: readonly ConsumedRecord[]) =>
  records.map(({ partition, offset }) => `${partition}@${offset}`)
export const valuesOf = (records: readonly ConsumedRecord[]) => records.map(({ value }) => value)

/** Stock kube-eventer sends no timestamp. */
export const noTime = { timestamp: '-1' }
export const logTime = { 'message.timestamp.type': 'LogAppendTime' }
