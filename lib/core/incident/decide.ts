import type { Timing } from '../../pipeline/ports.ts'
import { compareSeverity, isLoud } from '../event/severity.ts'
import type { Urgency } from '../rate-limit/chat.ts'
import { retryAt } from './delivery.ts'
import { type Incident, keptMilliseconds, type OlderMessage, type Renderer, type Shown, type Text } from './incident.ts'

export type Decision =
  /** A message of its own, which rings; `replaces` is the one that lived until now, with its last text if it owes one. */
  | {
      action: 'send'
      why: 'first message' | 'next generation' | 'now worse' | 'message gone'
      text: Text
      replaces?: OlderMessage
    }
  | { action: 'edit'; why: 'repeats' | 'more objects' | 'last words'; text: Text; messageId: number }
  /** A last edit of a message that another one has replaced. */
  | { action: 'edit older'; why: 'older message'; older: OlderMessage }
  /** Something is pending, and not before `at`. */
  | { action: 'owe'; why: 'throttled' | 'retry later' | 'quiet hours'; at: number }
  | { action: 'nothing'; why: 'shown' | 'text refused' | 'forgotten' | 'below atLeast' }

/**
 * What an incident's state asks for at `now`. Pure. People are rung by sends only, so a send is for what is new, has become critical, or was silent until now;
 * everything else edits, soon at first, then at growing intervals.
 */
export function decide(incident: Incident, renderer: Renderer, now: number): Decision {
  const wanted = decideFreely(incident, renderer, now)
  const { identity, merged } = incident
  if (wanted.action === 'nothing') return wanted
  const at = retryAt(incident, now)
  if (at > now) return { action: 'owe', why: 'retry later', at }
  if (wanted.action !== 'send') return wanted
  const loudness = renderer.loudness(identity.target, merged.severity, now)
  return typeof loudness === 'string' ? wanted : { action: 'owe', why: 'quiet hours', at: loudness.delayUntil }
}

/**
 * For how long a sweep may leave an incident alone. What has to wait longer, as for the end of quiet hours, is looked at in between, so a
 * time that lies further ahead was written by a wrong clock.
 */
export const mostPutOffMilliseconds = 60 * 60_000

/** What follows for the sweep and for how long the state is kept. */
export function timingOf(incident: Incident, renderer: Renderer, now: number): Timing {
  const decision = decide(incident, renderer, now)
  if (decision.action === 'nothing') return { expiresAt: expiryOf(incident, now) }
  // What is due already keeps its place among the others.
  const due =
    decision.action === 'owe' ? Math.min(decision.at, now + mostPutOffMilliseconds) : Math.min(incident.due ?? now, now)
  // What its target wants to hear later is not overdue before.
  const pendingSince = decision.why === 'quiet hours' ? decision.at : (incident.pendingSince ?? now)
  return { pendingSince, due, urgency: urgencyOf(incident) }
}

/** How urgent the request is that an incident asks for, as far as that is known without deciding: who may take a chat's last slots. */
export function urgencyOf({ identity, merged, shown }: Incident): Urgency {
  // Records that are incidents of their own come in their order, so there is nothing to keep a slot free for.
  if (identity.record !== undefined) return 'critical'
  const isWorse = shown !== undefined && compareSeverity(merged.severity, shown.severity) > 0
  return shown === undefined || shown.isGone || isWorse ? merged.severity : 'edit'
}

/** By a clock that is behind an incident expires no earlier than by the others, and by one that is ahead a day later at most. */
function expiryOf({ expiresAt = 0 }: Incident, now: number): number {
  const own = now + keptMilliseconds
  return expiresAt <= own + dayMilliseconds ? Math.max(own, expiresAt) : own
}

const dayMilliseconds = 24 * 3_600_000

function decideFreely(incident: Incident, renderer: Renderer, now: number): Decision {
  const { generation, merged, shown, older, refused, ended, isBelow = false } = incident
  // With INCIDENTS=off only the receipt is kept of what is shown.
  if (merged.events.length === 0) return { action: 'nothing', why: 'forgotten' }
  const text = renderer.text(incident)
  const isRefused = refused === text.hash
  const isEnded = shown !== undefined && shown.generation < generation
  const last =
    isEnded && !shown.isGone && ended?.generation === shown.generation && ended.hash !== shown.hash ? ended : undefined
  if (!isRefused && !isBelow) {
    if (!shown) return { action: 'send', why: 'first message', text }
    if (isEnded) return { action: 'send', why: 'next generation', text, ...(last ? replacing(shown, last.markup) : {}) }
    if (shown.hash !== text.hash) return grown(incident, shown, text, renderer, now)
  }
  if (shown && last) return { action: 'edit', why: 'last words', text: last, messageId: shown.messageId }
  const [first] = older
  if (first) return { action: 'edit older', why: 'older message', older: first }
  if (isBelow) return { action: 'nothing', why: 'below atLeast' }
  return { action: 'nothing', why: isRefused ? 'text refused' : 'shown' }
}

function grown(incident: Incident, shown: Shown, text: Text, renderer: Renderer, now: number): Decision {
  const { merged } = incident
  if (shown.isGone) {
    const pointer = shown.isElsewhere ? replacing(shown, renderer.replaced(incident)) : {}
    return { action: 'send', why: 'message gone', text, ...pointer }
  }
  const { messageId } = shown
  const isWorse = compareSeverity(merged.severity, shown.severity) > 0
  const isLouder = isLoud(merged.severity) && !merged.isSilent && (shown.isSilent || !isLoud(shown.severity))
  if (isLouder || (isWorse && merged.severity === 'critical'))
    return { action: 'send', why: 'now worse', text, ...replacing(shown, renderer.replaced(incident)) }
  // 2, 4, 8 … times as many objects are news.
  if (merged.objects.length >= 2 * Math.max(1, shown.objects))
    return { action: 'edit', why: 'more objects', text, messageId }
  const milliseconds = secondsUntilEdit(shown.edits) * 1_000
  const at = shown.at + milliseconds
  // Who edited it last by a clock that is ahead must not hold up the next edit.
  return now >= at || at > now + 2 * milliseconds
    ? { action: 'edit', why: 'repeats', text, messageId }
    : { action: 'owe', why: 'throttled', at }
}

function replacing({ chat, messageId, isElsewhere = false }: Shown, markup: string): { replaces: OlderMessage } {
  return { replaces: { chat, messageId, markup, ...(isElsewhere ? { isElsewhere } : {}) } }
}

// The first repeats soon, so that a crash loop is seen to be one; later ones change little.
const intervals = [10, 20, 40, 80, 160, 300, 600]

function secondsUntilEdit(edits: number): number {
  return intervals[Math.min(edits, intervals.length - 1)] ?? 0
}
