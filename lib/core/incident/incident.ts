import type { Severity } from '../event/severity.ts'
import type { Urgency } from '../rate-limit/chat.ts'
import type { Counted } from './counted.ts'
import type { Identity } from './key.ts'
import type { Merged } from './merged.ts'

/** All that is stored for an incident. Times are milliseconds since the epoch. */
export interface Incident {
  key: string
  /** Counts the writes that a merge depends on: of the body, and the ends of leases. */
  version: number
  /** Counts every write. */
  revision: number
  body: Body
  delivery: DeliveryState
}

/** The part of an incident that merging writes. */
export interface Body {
  identity: Identity
  /** Counts the incidents of this key that followed one another. */
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
  /** Of the request that is due; where it is not given, the incident's severity decides. */
  urgency?: Urgency
}

export interface Shown {
  generation: number
  /** The chat's id, which changes when the group is upgraded; message ids are the chat's own. */
  chat: string
  messageId: number
  /** Of the text that the message shows. */
  hash: string
  /** When it was sent or last edited. */
  at: number
  severity: Severity
  /** A rule kept it from ringing. */
  isSilent?: true
  /** How many objects it tells of. */
  objects: number
  /** How often it was edited. */
  edits: number
  /** It bears the mark of a possible repeat. */
  isRepeat: boolean
  /** It is not there any more: deleted by somebody, or left behind in a group that was upgraded. What it does not tell needs a new one. */
  isGone?: boolean
  /** Its chat is one that the target has left: the message that follows it is elsewhere. */
  isElsewhere?: boolean
}

export interface Retry {
  /** Failures in a row, of a kind that only time heals. */
  tries: number
  /** Those of them before which the chat took another message. */
  alone: number
  /** When it failed last. */
  failedAt: number
  /** No request before; 0 where the failure may have been the chat's. */
  at: number
  why: string
}

export interface OlderMessage {
  chat: string
  messageId: number
  markup: string
  /** Its chat is one that the target has left. */
  isElsewhere?: boolean
}

/** The right of one invocation to send for an incident. */
export interface Lease {
  token: string
  until: number
  kind: 'send' | 'edit'
  /** Sends before this request whose end nobody knows. */
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
  /** The message may be there twice. */
  isRepeat: boolean
  lateMilliseconds: number
  /** When its events happened and when the message was sent: it gets the date if that was another day. */
  times?: { firstAt: number; lastAt: number; sentAt: number }
}

export interface Text {
  markup: string
  /** Of the markup and the buttons. */
  hash: string
  buttons?: Button[]
}

/** Below a message: what it copies to the clipboard, or the address that it opens. */
export type Button = { text: string; copy: string } | { text: string; url: string }

/** How long the state of an incident is kept after its last change. */
export const keptMilliseconds = 48 * 3_600_000

/** An incident that is not stored yet. */
export function newIncident(key: string, body: Body): Incident {
  return { key, version: 0, revision: 0, body, delivery: { older: [] } }
}
