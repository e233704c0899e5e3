import type { Severity } from '../event/severity.ts'
import type { Change, Entry } from './fold.ts'
import type { Identity } from './key.ts'
import { type Merged, merge } from './merged.ts'

/** All that is stored for an incident. Times are milliseconds since the epoch. */
export interface Incident extends Body, Standing {
  key: string
  /** Counts the merges, and the ends of claims. */
  version: number
  /** Counts every write. */
  revision: number
}

/** What merging writes. */
export interface Body {
  identity: Identity
  /** Counts the incidents of this key that followed one another. */
  generation: number
  /** The end of the generation before; 0 for the first. An event that is not later belongs to an ended one. */
  after: number
  merged: Merged
  /** The last text of the generation before, until its message shows it. */
  ended?: { generation: number; markup: string; hash: string }
}

/** What sending writes. */
export interface Standing {
  shown?: Shown
  /** Last edits owed to messages that another one has replaced. */
  older: OlderMessage[]
  /** The hash of a text that Telegram refused even as plain text. */
  refused?: string
  claim?: Claim
  /** What is known of tries that have shown nothing. */
  retry?: Retry
  owedSince?: number
  /** When the sweep has to look at it; none if nothing is owed. */
  due?: number
  /** From then on it counts as not there; none while something is owed. */
  expiresAt?: number
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
  /** How many objects it tells of. */
  objects: number
  /** How often it was edited. */
  edits: number
  /** It bears the mark of a possible repeat. */
  isRepeat: boolean
  /** It is not there any more: deleted by somebody, or left behind in a group that was upgraded. What it does not tell needs a new one. */
  isGone?: boolean
}

export interface Retry {
  /** In a row, of a kind that only time heals. */
  tries: number
  /** No request before. */
  at: number
  why: string
  /** Sends before whose end nobody knows: the next one bears the mark. */
  unknowns: number
}

export interface OlderMessage {
  chat: string
  messageId: number
  markup: string
}

/** The right of one invocation to send for an incident. */
export interface Claim {
  token: string
  until: number
  kind: 'send' | 'edit'
  /** Sends before this one whose end nobody knows. */
  unknowns: number
}

/** What an incident's state reads like. Pure; texts are of the state alone: the same at any moment. */
export interface Renderer {
  text(incident: Pick<Body, 'identity' | 'merged'>): Text
  /** The last text of a message whose incident is over: short enough to be kept until it is shown. */
  last(incident: Pick<Body, 'identity' | 'merged'>): Text
  /** The last text of a message that a newer one of the same incident has replaced. */
  replaced(incident: Pick<Body, 'identity' | 'merged'>): string
  /** With what its delivery adds, which is no part of the text's hash: that it may be a repeat, and by how much it is late. */
  marked(markup: string, marks: { isRepeat: boolean; lateMilliseconds: number }): string
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

export interface Applied {
  body: Body
  /** What was there already, or twice in the change. */
  isUnchanged: (entry: Entry) => boolean
  /** What belongs to a generation that has ended. */
  isEndedBefore: (entry: Entry) => boolean
  hasChanged: boolean
}

/**
 * Merges a change into an incident's state; `renderer` makes the last text of a generation that ends by this. Pure. `now` matters only where
 * a node's clock is ahead of ours: what it says of the future ends nothing.
 */
export function apply(
  { identity, entries, quietMilliseconds }: Change,
  before: Incident | undefined,
  renderer: Renderer,
  now: number,
): Applied {
  const ended = new Set<Entry>()
  const known = new Set<Entry>()
  let body: Body | undefined = before && bodyOf(before)
  for (const entry of entries) {
    if (body && entry.at > 0 && entry.at <= body.after) ended.add(entry)
    else if (!body) body = { identity, generation: 1, after: 0, merged: entry.merged }
    // A record never changes: with INCIDENTS=off its state is only its receipt.
    else if (identity.record !== undefined) known.add(entry)
    else if (before && opensNext(body, before, Math.min(entry.at, now), quietMilliseconds, now))
      body = nextGeneration(body, entry, renderer, now)
    else {
      const merged = merge(body.merged, entry.merged)
      if (isSame(merged, body.merged)) known.add(entry)
      else body = { ...body, merged }
    }
  }
  return {
    body: body as Body,
    hasChanged: body !== undefined && ended.size + known.size < entries.length,
    isUnchanged: (entry) => known.has(entry),
    isEndedBefore: (entry) => ended.has(entry),
  }
}

/** A trouble after the quiet time is news that has to ring. What nobody has seen yet has not ended, whatever its times. */
function opensNext(
  { generation, merged }: Body,
  { shown }: Incident,
  at: number,
  quietMilliseconds: number,
  now: number,
): boolean {
  if (shown?.generation !== generation || merged.lastAt === 0) return false
  return at > (merged.lastAt <= now ? merged.lastAt : shown.at) + quietMilliseconds
}

function nextGeneration(body: Body, { merged }: Entry, renderer: Renderer, now: number): Body {
  const { identity, generation, merged: last } = body
  const after = last.lastAt <= now ? last.lastAt : body.after
  return { identity, generation: generation + 1, after, merged, ended: { generation, ...renderer.last(body) } }
}

function bodyOf({ identity, generation, after, merged, ended, shown }: Incident): Body {
  const isOwed = ended !== undefined && shown?.generation === ended.generation
  return { identity, generation, after, merged, ...(isOwed ? { ended } : {}) }
}

function isSame(a: Merged, b: Merged): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
