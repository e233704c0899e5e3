import type { Severity } from '../event/severity.ts'
import type { Urgency } from '../rate-limit/chat.ts'
import type { Counted } from './counted.ts'
import type { Identity } from './key.ts'
import type { Merged } from './merged.ts'

/** A stored incident. Times are milliseconds since the epoch. */
export interface Incident {
  key: string
  /** Raised by every write that a merge depends on: of the body, and of delivery results. */
  version: number
  /** Raised by every write. */
  revision: number
  body: Body
  delivery: DeliveryState
}

/** The part of an incident that merging writes. */
export interface Body {
  identity: Identity
  /** The number of this incident among those of the same key, which follow one another. */
  generation: number
  /** The end of the generation before; 0 for the first. */
  after: number
  /** What the generations before have counted; undefined before the first has ended. */
  counted?: Counted
  merged: Merged
  /** The last text of the generation before, until its message shows it. */
  ended?: { generation: number; markup: string; hash: string }
  /** It has not happened often enough for any rule to show it. Once it may be shown it stays so. */
  isBelow?: true
  /** Why its next events are not shown; its message says so. */
  suppression?: Suppression
}

/** A rule, or a mute until a time in milliseconds since the epoch, that came while an incident was open. */
export type Suppression = { kind: 'rule'; name: string } | { kind: 'mute'; name: string; until: number; reason: string }

/** The part of an incident that delivering writes. */
export interface DeliveryState {
  shown?: Shown
  /** Messages that another one has replaced, and that still need their last edit. */
  older: OlderMessage[]
  /** The hash of a text that Telegram refused even as plain text. */
  refused?: string
  lease?: Lease
  /** Tries that have shown nothing. */
  retry?: Retry
  /** Sends with an unknown result since the last certain one: the next send is marked as a possible repeat. */
  unknowns?: number
  pendingSince?: number
  /** When the sweep has to look at it; undefined if nothing is pending. */
  due?: number
  /** From then on it counts as deleted; undefined while something is pending. */
  expiresAt?: number
}

/** What the sweep and the expiry of an incident depend on. */
export interface Timing extends Pick<DeliveryState, 'pendingSince' | 'due' | 'expiresAt'> {
  /** How urgent the due request is; if it is not given, the incident's severity decides. */
  urgency?: Urgency
}

export interface Shown {
  generation: number
  /** The chat's id, which changes when the group is upgraded; message ids are the chat's own. */
  chat: string
  messageId: number
  /** The hash of the text that the message shows. */
  hash: string
  /** When it was sent or last edited. */
  at: number
  severity: Severity
  /** A rule had it sent without a sound. */
  isSilent?: true
  /** How many objects it names or counts. */
  objects: number
  /** How often it was edited. */
  edits: number
  /** It is marked as a possible repeat. */
  isRepeat: boolean
  /** It was deleted, or is in a group that was upgraded. News needs a new message. */
  isGone?: boolean
  /** It is in a chat that the target has left, so the message that replaces it is in another chat. */
  isElsewhere?: boolean
}

export interface Retry {
  /** Failures in a row that only time heals. */
  tries: number
  /** Those of them before which the chat accepted another message. */
  alone: number
  /** When it failed last. */
  failedAt: number
  /** No request before this time; 0 if the failure may have been the chat's. */
  at: number
  why: string
}

export interface OlderMessage {
  chat: string
  messageId: number
  markup: string
  /** It is in a chat that the target has left. */
  isElsewhere?: boolean
}

/** The right of one invocation to deliver an incident. */
export interface Lease {
  token: string
  until: number
  kind: 'send' | 'edit'
  /** Earlier sends with an unknown result. */
  unknowns: number
}

/** What a card shows of an incident. */
export type ShownBody = Pick<Body, 'identity' | 'merged' | 'suppression'>

/** The texts of an incident. Pure: a text depends on the incident's body alone, so it is the same at any moment. */
export interface Renderer {
  /** The same object for the same body, which is rendered once. */
  text(body: ShownBody): Text
  /** The last text of a message whose incident has ended: short enough to be stored until the message shows it. */
  last(body: ShownBody): Text
  /** The last text of a message that a newer one of the same incident has replaced. */
  replaced(body: ShownBody): string
  /** The text of a replaced message, with a link to the newer message if Telegram has an address for it. */
  linked(markup: string, newer: { chat: string; messageId: number; threadId: number | undefined }): string
  /** The text with what its delivery adds, which is not part of the text's hash. */
  marked(markup: string, marks: Marks): string
}

/** What a delivery adds to a text. */
export interface Marks {
  /** An earlier send may have reached the chat. */
  isRepeat: boolean
  lateMilliseconds: number
  /** When its events happened and when the message was sent: it gets the date if that was another day. */
  times?: { firstAt: number; lastAt: number; sentAt: number }
}

export interface Text {
  markup: string
  /** The hash of the markup and the buttons. */
  hash: string
  buttons?: Button[]
}

/** A button below a message: it copies a text to the clipboard, or opens an address. */
export type Button = { text: string; copy: string } | { text: string; url: string }

/** How long an incident is stored after its last change. */
export const storedMilliseconds = 48 * 3_600_000

/** An incident that is not stored yet. */
export function newIncident(key: string, body: Body): Incident {
  return { key, version: 0, revision: 0, body, delivery: { older: [] } }
}
