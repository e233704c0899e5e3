import { compareSeverity, isLoud } from '../event/severity.ts'
import type { Urgency } from '../rate-limit/chat.ts'
import type { Loudness } from '../routing/quiet.ts'
import { retryAt } from './delivery.ts'
import {
  type DeliveryState,
  type Incident,
  type OlderMessage,
  type Shown,
  storedMilliseconds,
  type Timing,
} from './incident.ts'
import type { Merged } from './merged.ts'

/** The last text that a message needs when a new one replaces it: its incident has ended, or continues in the new message. */
export type LastText = 'ended' | 'continued'

export type Decision =
  /** A message of its own. A message that it replaces may need a last text. */
  | {
      action: 'send'
      why: 'first message' | 'next generation' | 'now worse' | 'message gone'
      lastText?: LastText
    }
  | { action: 'edit'; why: 'repeats' | 'more objects' | 'last words'; messageId: number }
  /** The last edit of a message that another one has replaced. */
  | { action: 'edit older'; why: 'older message'; older: OlderMessage }
  /** Something is pending, and no request is due before `at`. */
  | { action: 'wait'; why: 'throttled' | 'retry later' | 'quiet hours'; at: number }
  | { action: 'nothing'; why: 'shown' | 'text refused' | 'forgotten' | 'below atLeast' }

/** What deciding has to know besides the stored incident. */
export interface Presentation {
  /** Of the text that the incident's body asks for now. */
  textHash: string
  /** Of a new message to the target, now. */
  loudness: Loudness
}

/**
 * What an incident's state asks for at `now`. Pure. Only sends make a sound, so a send is for what is new, has become critical, or had no
 * sound until now; everything else is an edit, soon at first and then at growing intervals.
 */
export function decide(incident: Incident, presentation: Presentation, now: number): Decision {
  const wanted = decideFreely(incident, presentation, now)
  if (wanted.action === 'nothing') return wanted
  const at = retryAt(incident.delivery, now)
  if (at > now) return { action: 'wait', why: 'retry later', at }
  const { loudness } = presentation
  if (wanted.action !== 'send' || typeof loudness === 'string') return wanted
  return { action: 'wait', why: 'quiet hours', at: loudness.delayUntil }
}

/**
 * The longest time for which a sweep may leave an incident alone. An incident that waits longer, for example until quiet hours end, is looked
 * at in between. So a time that lies further ahead was written by a wrong clock.
 */
export const mostPutOffMilliseconds = 60 * 60_000

/** When the sweep has to look at the incident, and until when it is stored. */
export function timingOf(incident: Incident, presentation: Presentation, now: number): Timing {
  const { delivery } = incident
  const decision = decide(incident, presentation, now)
  if (decision.action === 'nothing') return { expiresAt: expiryOf(delivery, now) }
  // An incident that is due already keeps its place.
  const due =
    decision.action === 'wait'
      ? Math.min(decision.at, now + mostPutOffMilliseconds)
      : Math.min(delivery.due ?? now, now)
  // A message that quiet hours delay is not overdue before they end.
  const pendingSince = decision.why === 'quiet hours' ? decision.at : (delivery.pendingSince ?? now)
  return { pendingSince, due, urgency: urgencyOf(incident) }
}

/** How urgent the incident's next request is, estimated without deciding. It decides which requests may take a chat's last slots. */
export function urgencyOf({ body: { identity, merged }, delivery: { shown } }: Incident): Urgency {
  // Without incidents, records are sent in their order, so no slot is reserved for worse ones.
  if (identity.record !== undefined) return 'critical'
  const isWorse = shown !== undefined && compareSeverity(merged.severity, shown.severity) > 0
  return shown === undefined || shown.isGone || isWorse ? merged.severity : 'edit'
}

/** A clock that is behind does not shorten the time, and one that is ahead extends it by a day at most. */
function expiryOf({ expiresAt = 0 }: DeliveryState, now: number): number {
  const own = now + storedMilliseconds
  return expiresAt <= own + dayMilliseconds ? Math.max(own, expiresAt) : own
}

const dayMilliseconds = 24 * 3_600_000

function decideFreely({ body, delivery }: Incident, { textHash }: Presentation, now: number): Decision {
  const { generation, merged, ended, isBelow = false } = body
  const { shown, older, refused } = delivery
  // With INCIDENTS=off only a receipt is kept of an event that was shown.
  if (merged.events.length === 0) return { action: 'nothing', why: 'forgotten' }
  const isRefused = refused === textHash
  const isEnded = shown !== undefined && shown.generation < generation
  const needsLastText = isEnded && !shown.isGone && ended?.generation === shown.generation && ended.hash !== shown.hash
  if (!isRefused && !isBelow) {
    if (!shown) return { action: 'send', why: 'first message' }
    if (isEnded) return { action: 'send', why: 'next generation', ...(needsLastText ? { lastText: 'ended' } : {}) }
    if (shown.hash !== textHash) return decideGrown(merged, shown, now)
  }
  if (shown && needsLastText) return { action: 'edit', why: 'last words', messageId: shown.messageId }
  const [first] = older
  if (first) return { action: 'edit older', why: 'older message', older: first }
  if (isBelow) return { action: 'nothing', why: 'below atLeast' }
  return { action: 'nothing', why: isRefused ? 'text refused' : 'shown' }
}

function decideGrown(merged: Merged, shown: Shown, now: number): Decision {
  const { messageId } = shown
  if (shown.isGone)
    return { action: 'send', why: 'message gone', ...(shown.isElsewhere ? { lastText: 'continued' } : {}) }
  const isWorse = compareSeverity(merged.severity, shown.severity) > 0
  const isLouder = isLoud(merged.severity) && !merged.isSilent && (shown.isSilent || !isLoud(shown.severity))
  if (isLouder || (isWorse && merged.severity === 'critical'))
    return { action: 'send', why: 'now worse', lastText: 'continued' }
  // Readers want to know when 2, 4, 8 … times as many objects are affected.
  if (merged.objects.length >= 2 * Math.max(1, shown.objects)) return { action: 'edit', why: 'more objects', messageId }
  const milliseconds = secondsUntilEdit(shown.edits) * 1_000
  const at = shown.at + milliseconds
  // A clock that was ahead at the last edit must not hold up the next one.
  return now >= at || at > now + 2 * milliseconds
    ? { action: 'edit', why: 'repeats', messageId }
    : { action: 'wait', why: 'throttled', at }
}

// The first edit comes soon, so that a crash loop is recognised as one; later edits change little.
const intervals = [10, 20, 40, 80, 160, 300, 600]

function secondsUntilEdit(edits: number): number {
  return intervals[Math.min(edits, intervals.length - 1)] ?? 0
}
