import { isObject, parseJson } from '../json.ts'
import { type KubeEvent, toEvent } from './event.ts'

/** Why a record's value is not an event. */
export type Problem =
  | 'empty'
  /** The record is too large, or in a form that this program cannot read. */
  | 'unreadable'
  | 'not base64'
  | 'not UTF-8'
  | 'not JSON'
  | 'no EventValue'
  | 'EventValue not JSON'
  | 'not an Event'

export type Decoded = { event: KubeEvent } | { problem: Problem; detail?: string }

/**
 * Decodes the value of a Lambda Kafka record: base64 of kube-eventer's `{EventValue, EventTimestamp, EventTags}`, or of a bare Event.
 * Total: any input becomes an event or a problem.
 */
export function decode(value: unknown): Decoded {
  // A tombstone has no value, or null (Powertools for AWS Lambda, issues 4988 and 5016).
  if (value === undefined || value === null || value === '') return { problem: 'empty' }
  // The worker replaces a value that it cannot read with this (lib/adapters/kafka/lambda-event.ts); Lambda always gives text.
  if (isObject(value) && typeof value.unreadable === 'string')
    return { problem: 'unreadable', detail: value.unreadable }
  if (typeof value !== 'string') return { problem: 'not base64' }
  const bytes = fromBase64(value)
  if (!bytes) return { problem: 'not base64' }
  const text = utf8(bytes)
  if (text === undefined) return { problem: 'not UTF-8' }
  const record = parseJson(text)
  if (record === undefined) return { problem: 'not JSON' }
  return fromRecord(record)
}

function fromRecord(record: unknown): Decoded {
  const inner = isObject(record) ? record.EventValue : undefined
  if (inner === undefined) {
    const bare = toEvent(record)
    return bare ? { event: bare } : { problem: 'no EventValue' }
  }
  const parsed = typeof inner === 'string' ? parseJson(inner) : inner
  if (parsed === undefined) return { problem: 'EventValue not JSON' }
  const event = toEvent(parsed)
  return event ? { event } : { problem: 'not an Event' }
}

const strict = new TextDecoder('utf-8', { fatal: true })

function utf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  if (!text.includes('\ufffd')) return start ? text.slice(start) : text
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** The bytes of a base64 text, with or without padding; undefined if it is not base64. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  // Buffer.from skips what is not base64, so the result is shorter then.
  return bytes.length === decodedLength(text) ? bytes : undefined
}

function decodedLength(text: string): number {
  let length = text.length
  while (length > 0 && text.length - length < 2 && text[length - 1] === '=') length -= 1
  return Math.floor((length * 3) / 4)
}
