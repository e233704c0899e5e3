import { isObject, parseJson } from '../../core/json.ts'
import { type InputRecord, readInput } from '../inspect/input.ts'
import { envelope } from './envelope.ts'
import type { OutgoingRecord } from './send.ts'

/** The records of a file in the form in which they are written. Calls `onLeftOut` for each without a writable value. */
export async function* readOutgoing(
  file: string,
  now: () => number,
  onLeftOut: () => void,
): AsyncGenerator<OutgoingRecord> {
  for await (const one of readInput(file)) {
    const outgoing = outgoingOf(one, now)
    if (outgoing) yield outgoing
    else onLeftOut()
  }
}

/** Recorded values are written unchanged, to their partition. Kubernetes Events are wrapped as kube-eventer would. */
function outgoingOf({ record, decoded, isPlaced }: InputRecord, now: () => number): OutgoingRecord | undefined {
  const { value, partition } = record
  if (!isPlaced) {
    const bytes = Buffer.from(String(value), 'base64')
    return { value: 'event' in decoded ? wrapped(bytes, now) : bytes }
  }
  const place = partition >= 0 ? { partition } : {}
  if (value === undefined || value === null) return { value: null, ...place }
  return typeof value === 'string' ? { value: Buffer.from(value, 'base64'), ...place } : undefined
}

function wrapped(bytes: Buffer, now: () => number): Buffer {
  const value = parseJson(bytes.toString('utf8'))
  return isObject(value) && !('EventValue' in value) ? Buffer.from(envelope(value, now()), 'utf8') : bytes
}
