import type { Body, Button, DeliveryState, Incident, Lease, Timing } from '../core/incident/incident.ts'
import type { Suppressed } from '../core/incident/suppressed-counts.ts'
import type { LastSeen } from '../core/incident/watchdog.ts'
import type { OutcomeName } from '../core/outcome.ts'
import type { ChatState, Urgency } from '../core/rate-limit/chat.ts'
import type { BotApiAnswer } from '../core/telegram-verdict.ts'

/** The answer of a function with ReportBatchItemFailures (AWS Lambda Developer Guide, Kafka); `@types/aws-lambda` has none for Kafka. */
export interface KafkaBatchResponse {
  batchItemFailures: { itemIdentifier: { partition: string; offset: number } }[]
}

/** The time. The program reads it nowhere else, so that a test can hand in its own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `milliseconds`, or at once when `signal` aborts. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Calls `callback` once after `milliseconds`, unless the returned function is called before: the time-out of a request. */
  after(milliseconds: number, callback: () => void): () => void
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export type LogFields = Record<string, unknown>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Logs what a batch or sweep did, with its metrics. `isIdle`: it did nothing. */
  summary(message: 'batch' | 'sweep', summary: Summary): void
}

export interface Summary {
  measured: Measured
  fields: LogFields
  /** Nothing was done. */
  isIdle: boolean
}

/** The metrics of batches and sweeps. */
export const metrics = [
  { Name: 'Records', Unit: 'Count' },
  { Name: 'Sent', Unit: 'Count' },
  { Name: 'Skipped', Unit: 'Count' },
  { Name: 'Rejected', Unit: 'Count' },
  { Name: 'Pending', Unit: 'Count' },
  { Name: 'Returned', Unit: 'Count' },
  { Name: 'Requests', Unit: 'Count' },
  { Name: 'Edits', Unit: 'Count' },
  { Name: 'RateLimited', Unit: 'Count' },
  { Name: 'PossibleRepeats', Unit: 'Count' },
  { Name: 'PendingIncidents', Unit: 'Count' },
  { Name: 'OldestPending', Unit: 'Seconds' },
  { Name: 'OldestSent', Unit: 'Seconds' },
] as const

export type Measured = Partial<Record<(typeof metrics)[number]['Name'], number>>

/** Counts what became of batches and sweeps. */
export interface Meter {
  batch(batch: MeteredBatch): void
  /** `now` in milliseconds since the epoch. */
  sweep(sweep: MeteredRequests & { hasDelivered: boolean; now: number }): void
}

export interface MeteredRequests {
  requests: number
  edits: number
  rateLimited: number
  possibleRepeats: number
}

/** How many records of a batch, one per target, ended with this outcome. */
export interface Ended {
  outcome: OutcomeName
  why: string
  records: number
}

export interface MeteredBatch extends MeteredRequests {
  ended: readonly Ended[]
  /** Incidents with new events, and until when each is open. */
  open: { key: string; until: number }[]
  milliseconds: number
  /** Milliseconds since the epoch. */
  now: number
}

export const noMeter: Meter = { batch: () => {}, sweep: () => {} }

export interface TelegramMessage {
  chat: string
  threadId: number | undefined
  text: string
  /** False: the text has no markup. It is sent as code, in which Telegram makes no links, mentions or commands. */
  isHtml: boolean
  /** Below the text, one in a row. An edit without buttons removes those that are there. */
  buttons: Button[]
  /** Sent without a sound. Edits never make one. */
  isSilent: boolean
  /** The message that this one answers; it may have been deleted. */
  replyTo?: number | undefined
}

export interface TelegramClient {
  /** One sendMessage request, never repeated, given up after `timeoutMilliseconds`. Rejects for bugs only. */
  send(message: TelegramMessage, timeoutMilliseconds: number): Promise<BotApiAnswer>
  /** The same for editMessageText. */
  edit(messageId: number, message: TelegramMessage, timeoutMilliseconds: number): Promise<BotApiAnswer>
  /** Closes idle sockets, so that none outlives a freeze of the sandbox. */
  close(): void
}

/**
 * What the program remembers between invocations. Every method rejects with StateUnavailable if the store cannot be read or written now: then
 * nothing is known, which is not the same as "not found". All methods ignore items past their `expiresAt`.
 */
export interface Store {
  /** False: the content is lost with the process, so nothing may be pending. */
  isDurable: boolean
  /** Reads consistently. A key without an incident is not in the map. */
  readIncidents(keys: string[]): Promise<Map<string, Incident>>
  /** Writes the body if `version` is still the stored one (0: there is none). Raises version and revision. */
  saveBody(key: string, body: Body, timing: Timing, version: number): Promise<Written>
  /** Writes a lease if `revision` is still the stored one, so that the lease belongs to the state that was decided about. Raises revision. */
  takeLease(key: string, lease: Lease, revision: number): Promise<Written>
  /**
   * Ends a lease if it is still the stored one and so is `version`. Raises revision, and version too, since the next merge depends on what is
   * shown. `isForgotten`: the merged state is not needed any more.
   */
  recordDelivery(
    key: string,
    token: string,
    delivery: Omit<DeliveryState, 'lease'> & Timing,
    version: number,
    isForgotten?: boolean,
  ): Promise<Written>
  /** The stable names of all targets that may have something due now or later, in no order. */
  listDueTargets(): Promise<string[]>
  /** What a target has due within this span: the most urgent first, then by time. */
  readDue(target: string, span: Span, most: number): Promise<DueIncident[]>
  /** The earliest time after `after` at which a target has something due. */
  nextDue(target: string, after: number): Promise<number | undefined>
  /** How many incidents are pending, and since when the oldest one is. */
  countPending(): Promise<{ count: number; since: number | undefined }>
  /** What is known of chats, by name. They do not expire. */
  chats: Documents<ChatState>
  /** What rules suppressed, by partition. */
  counters: ListedDocuments<Suppressed>
  /** When each cluster's records last came, by cluster. */
  lastSeen: ListedDocuments<LastSeen>
  /** Which topics consumer groups have read, by group and topic. */
  readTopics: Documents<ReadTopic>
  /** The last good text of rules in AWS, by the value of CONFIG_FILE. They do not expire. */
  goodRules: Documents<RulesText>
  deadLetters: DeadLetters
  close(): void
}

/** The incident after the write, or, if the condition did not hold, the present one. Undefined if there is none. */
export type Written = { saved: Incident } | { current: Incident | undefined }

/** Both ends are included. Milliseconds since the epoch. */
export interface Span {
  from: number
  until: number
}

export interface DueIncident {
  key: string
  target: string
  urgency: Urgency
  due: number
}

/** Versioned values of one kind, by name. */
export interface Documents<Value> {
  /** Reads consistently. A name without a document is not in the map. */
  read(names: string[]): Promise<Map<string, Versioned<Value>>>
  /** Writes if the document still has this version; 0 means that there is none. */
  save(name: string, value: Value, version: number, expiresAt?: number): Promise<Saved<Value>>
}

/** Documents that can be listed. They always expire, so that the list stays short. */
export interface ListedDocuments<Value> extends Documents<Value> {
  save(name: string, value: Value, version: number, expiresAt: number): Promise<Saved<Value>>
  /** All documents of the kind, in no order. One that was created seconds ago may be missing. */
  list(): Promise<Map<string, Versioned<Value>>>
}

export interface Versioned<Value> {
  version: number
  value: Value
}

/** Rules in AWS, as read. */
export interface RulesText {
  text: string
  version: string
  /** In milliseconds since the epoch. */
  modifiedAt: number | undefined
}

export interface ReadTopic {
  /** Milliseconds since the epoch. */
  readAt: number
}

/** The version that was written, or, if the document had another version, what was found. */
export type Saved<Value> = { version: number } | { current: Versioned<Value> | undefined }

/** Records that can never be shown, stored for an operator. */
export interface DeadLetters {
  /** Stores a record once for each target. */
  put(item: DeadLetter): Promise<void>
  /** Lists the records, latest first. */
  list(now: number): Promise<DeadLetter[]>
  drop(id: string): Promise<void>
}

export interface DeadLetter {
  /** 16 hexadecimal digits, of (record, target). */
  id: string
  topic: string
  partition: number
  offset: number
  /** The target that refused the text; null if the record is not an event. */
  target: string | null
  why: string
  detail: string
  /** Milliseconds since the epoch. */
  at: number
  expiresAt: number
  sha256: string
  bytes: number
  /** The value without secrets, gzipped, in base64. */
  gzip?: string
  /** The beginning of the value, if it is larger than 100 KB even when gzipped. */
  head?: string
}

/** The state cannot be read or written now: an outage, a lock, a full disk. All other errors of a store are bugs. */
export class StateUnavailable extends Error {
  constructor(what: string, cause?: unknown) {
    super(`the state is not available: ${what}${cause instanceof Error ? `: ${cause.message}` : ''}`)
    this.name = 'StateUnavailable'
  }
}

export async function readDocument<Value>(
  documents: Pick<Documents<Value>, 'read'>,
  name: string,
): Promise<Versioned<Value> | undefined> {
  return (await documents.read([name])).get(name)
}

/** The result of `work`, or the message of StateUnavailable. */
export async function orOutage<Value>(work: () => Promise<Value>): Promise<{ value: Value } | { outage: string }> {
  try {
    return { value: await work() }
  } catch (error) {
    if (error instanceof StateUnavailable) return { outage: error.message }
    throw error
  }
}
