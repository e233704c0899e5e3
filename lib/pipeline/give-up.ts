import { bodyOf, type Incident, keptMilliseconds } from '../core/incident/incident.ts'
import { compareText } from '../core/incident/order.ts'
import { notDeliveredText } from '../core/message/own-event-texts.ts'
import type { Words } from '../core/message/words/en.ts'
import { isBrokenForGood } from '../core/rate-limit/chat.ts'
import type { Target } from '../core/routing/target.ts'
import type { Item } from './deliver/deliver.ts'
import type { DueDependencies, Lane } from './due.ts'
import { type OwnEventDependencies, ownEvent, saveOwnEvents } from './own-events.ts'
import { orOutage } from './ports.ts'
import { inParallel } from './save.ts'

// Incidents of a day ago are no news, and hundreds of them at once would hide what is new.
const giveUpMilliseconds = 24 * 3_600_000
const mostAtOnce = 500
const notDelivered = 'not-delivered'

export interface GiveUpDependencies extends DueDependencies, OwnEventDependencies {
  words: Words
  timeZone: string
  /** Where an event goes that no route names. */
  defaultTarget: Target
}

/**
 * Gives up what a target owes for more than a day, if the configuration has it no more or Telegram refuses it. Its incidents become one line
 * with their number. That line is kept before they are given up, and stays the same if this is done again.
 */
export async function giveUp(lanes: Lane[], deadline: number, dependencies: GiveUpDependencies): Promise<Item[]> {
  const { clock } = dependencies
  const until = clock.now() - giveUpMilliseconds
  const items: Item[] = []
  for (const lane of lanes) {
    const { isConfigured, chat } = lane
    if (isConfigured && !isBrokenForGood(chat, clock.now())) continue
    if (clock.now() >= deadline) break
    const told = await orOutage(() => giveUpLane(lane, until, deadline, dependencies))
    if ('value' in told) items.push(...told.value)
  }
  return items
}

async function giveUpLane(
  { name, target, isConfigured }: Lane,
  until: number,
  deadline: number,
  dependencies: GiveUpDependencies,
): Promise<Item[]> {
  const { store, fallback, defaultTarget, words, timeZone } = dependencies
  const due = await store.readDue(name, { from: 0, until }, mostAtOnce)
  const found = await store.readIncidents(due.map(({ key }) => key))
  const old = due.flatMap(({ key }) => {
    const incident = found.get(key)
    const isOld = incident?.pendingSince !== undefined && incident.pendingSince <= until
    return incident && isOld && incident.identity.cause !== notDelivered ? [incident] : []
  })
  // In an order that stays, so that who does this again after a crash tells of the same event, and its greatest count is what counts.
  const unseen = old
    .filter(({ shown }) => shown === undefined)
    .toSorted((a, b) => (a.pendingSince ?? 0) - (b.pendingSince ?? 0) || compareText(a.key, b.key))
  const to = fallback ?? (isConfigured && target ? target : defaultTarget)
  const [first] = unseen
  const told = first ? await tell(first) : []
  // If the line could not be saved, a later sweep gives up these incidents.
  if (first && told.length === 0) return []
  const ended = await inParallel(
    old.filter((incident) => incident !== first),
    (incident) => end(incident, deadline, dependencies),
  )
  if (first && ended.every(Boolean)) await end(first, deadline, dependencies)
  return told

  function tell({ key, pendingSince = 0 }: Incident): Promise<Item[]> {
    const since = unseen.reduce((earliest, one) => Math.min(earliest, one.pendingSince ?? earliest), pendingSince)
    const event = ownEvent({
      ...{ reason: 'NotDelivered', type: 'Warning', kind: 'Target', name, id: `${key.slice(0, 16)}.NotDelivered` },
      ...{ message: notDeliveredText(since, timeZone, words), count: unseen.length, at: since + giveUpMilliseconds },
    })
    return saveOwnEvents([event], to, deadline, dependencies)
  }
}

/** One write: it owes nothing any more. Whoever merges into it meanwhile owes it anew. False if that could not be saved. */
async function end(incident: Incident, deadline: number, { store, clock }: GiveUpDependencies): Promise<boolean> {
  const now = clock.now()
  if (now >= deadline) return false
  const timing = { expiresAt: now + keptMilliseconds }
  const saved = await orOutage(() => store.saveBody(incident.key, bodyOf(incident), timing, incident.version))
  return 'value' in saved
}
