import type { Incident } from '../core/incident/incident.ts'
import { storedMilliseconds } from '../core/incident/incident.ts'
import { compareText } from '../core/incident/order.ts'
import { notDeliveredText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import { isBrokenForGood } from '../core/rate-limit/chat.ts'
import type { Target } from '../core/routing/target.ts'
import type { IncidentToDeliver } from './deliver/run.ts'
import type { DueTarget } from './due.ts'
import { ownEvent, type RaiseOwnEvents } from './own-events.ts'
import { type Clock, orOutage, type Store } from './ports.ts'
import { updateAll } from './update-with-retry.ts'

// After a day, hundreds of old incidents at once would hide the new ones.
const giveUpMilliseconds = 24 * 3_600_000
const mostAtOnce = 500
const notDelivered = 'not-delivered'

interface GiveUpTools {
  store: Store
  clock: Clock
  raise: RaiseOwnEvents
  fallback: Target | undefined
  /** The target of events that no route names. */
  defaultTarget: Target
  words: Words
  timeZone: string
}

export type GiveUp = (targets: DueTarget[], deadline: number) => Promise<IncidentToDeliver[]>

/**
 * Gives up what has been pending for more than a day in a target that the configuration does not have any more, or that Telegram refuses. An
 * own event tells how many incidents these were. It is saved before they are given up, and stays the same if this is done again.
 */
export function createGiveUp({ store, clock, raise, fallback, defaultTarget, words, timeZone }: GiveUpTools): GiveUp {
  return async (targets, deadline) => {
    const until = clock.now() - giveUpMilliseconds
    const raised: IncidentToDeliver[] = []
    for (const one of targets) {
      if (one.isConfigured && !isBrokenForGood(one.chat, clock.now())) continue
      if (clock.now() >= deadline) break
      const told = await orOutage(() => giveUpTarget(one, until, deadline))
      if ('value' in told) raised.push(...told.value)
    }
    return raised
  }

  async function giveUpTarget(
    { name, target, isConfigured }: DueTarget,
    until: number,
    deadline: number,
  ): Promise<IncidentToDeliver[]> {
    const due = await store.readDue(name, { from: 0, until }, mostAtOnce)
    const found = await store.readIncidents(due.map(({ key }) => key))
    const old = due.flatMap(({ key }) => {
      const incident = found.get(key)
      return incident && pendingSince(incident) <= until && incident.body.identity.cause !== notDelivered
        ? [incident]
        : []
    })
    // In a stable order: done again after a crash, this raises the same event, and its greatest count is what counts.
    const unseen = old
      .filter(({ delivery }) => delivery.shown === undefined)
      .toSorted((a, b) => pendingSince(a) - pendingSince(b) || compareText(a.key, b.key))
    const [first] = unseen
    const to = fallback ?? (isConfigured && target ? target : defaultTarget)
    const told = first ? await raise([notDeliveredEvent(name, first, unseen.length)], to, deadline) : []
    // If the event could not be saved, a later sweep gives up these incidents.
    if (first && told.length === 0) return []
    const others = old.filter((incident) => incident !== first)
    const ended = await updateAll(others, { deadline, clock }, endIncident)
    if (first && ended.every((one) => 'value' in one)) await updateAll([first], { deadline, clock }, endIncident)
    return told
  }

  function notDeliveredEvent(name: string, first: Incident, count: number) {
    const since = pendingSince(first)
    return ownEvent({
      reason: 'NotDelivered',
      type: 'Warning',
      kind: 'Target',
      name,
      id: `${first.key.slice(0, 16)}.NotDelivered`,
      message: notDeliveredText(since, timeZone, words),
      count,
      at: since + giveUpMilliseconds,
    })
  }

  /** One write: nothing is pending any more. A merge in between makes it pending again. */
  async function endIncident({ key, body, version }: Incident): Promise<void> {
    await store.saveBody(key, body, { expiresAt: clock.now() + storedMilliseconds }, version)
  }
}

/** An incident with nothing pending is never old. */
function pendingSince({ delivery }: Incident): number {
  return delivery.pendingSince ?? Number.POSITIVE_INFINITY
}
