import { expect } from 'vitest'
import { apply } from '../../lib/core/incident/apply.ts'
import type { Change } from '../../lib/core/incident/fold.ts'
import type { Incident } from '../../lib/core/incident/incident.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import { mostAcceptedIn } from '../../lib/emulator/journal.ts'
import { type Aftermath, chats, chatsOf, targets } from './chaos.ts'
import { changesOf, renderer } from './incidents.ts'
import { lastingText } from './records.ts'
import { textOf } from './rights.ts'

const mark = '↻ possibly repeated\n'

/** What holds after any chaos. */
export async function expectOrder(aftermath: Aftermath): Promise<void> {
  await expectAllShown(aftermath)
  expectNothingDoubled(aftermath)
  expectNobodySilent(aftermath)
  if (aftermath.isOnTime) expectLimitsKept(aftermath)
}

/** What Kafka or the state still held is merged, and each incident's living message shows exactly what its state says. */
async function expectAllShown(aftermath: Aftermath) {
  const { emulator, store } = aftermath
  const expected = Object.values(chats).flatMap((chat) => changesIn(chat, aftermath))
  const incidents = await store.readIncidents(expected.map(({ change }) => change.key))
  expect(await store.countPending()).toMatchObject({ count: 0 })
  for (const { change, kept, isWhole } of expected) {
    const incident = incidents.get(change.key)
    expectKept(change.key, kept, aftermath)
    if (!incident) {
      expect(kept).toEqual([])
      continue
    }
    if (isWhole && aftermath.isOnTime) expectExactly(incident, change, aftermath)
    expect(incident.delivery.lease).toBeUndefined()
    const { shown, refused } = incident.delivery
    if (refused === renderer.text(incident.body).hash) continue
    const message = emulator.messages(Number(shown?.chat)).find(({ id }) => id === shown?.messageId)
    expect(lastingText(message?.text ?? '')).toBe((shown?.isRepeat ? mark : '') + textOf(incident.body))
  }
}

interface Expected {
  change: Change
  /** What no deletion of the incident's item has taken away: the event's id, and the least count that it must have. */
  kept: [id: string, count: number][]
  /** The item was never deleted. */
  isWhole: boolean
}

function changesIn(chat: number, { written, rights: { deletions }, taken }: Aftermath): Expected[] {
  const here = written.filter(({ team }) => chatsOf[team].some((name) => chats[name] === chat))
  const changes = changesOf(
    here.map(({ fields }) => fields),
    'test',
    parseTarget(String(chat)) as Target,
  )
  return changes.map((change) => {
    const deleted = 1 + deletions.findLastIndex((one) => 'incident' in one && one.incident === change.key)
    // What was taken before or meanwhile may be gone with the item.
    const left = change.entries.filter(({ source }) => {
      const { offset = '' } = here[source.record.offset]?.record ?? {}
      return (taken.get(offset) ?? -1) >= deleted
    })
    return {
      change,
      kept: left.flatMap(({ merged }) => merged.events.map(([id, count]): [string, number] => [id, count])),
      isWhole: deleted === 0,
    }
  })
}

function expectKept(key: string, kept: Expected['kept'], { rights: { merged } }: Aftermath) {
  const lost = kept.filter(([id, count]) => (merged.get(key)?.get(id) ?? 0) < count)
  expect(lost).toEqual([])
}

function expectExactly({ body: { generation, ...stored } }: Incident, change: Change, { clock }: Aftermath) {
  const { body } = apply(change, undefined, renderer, clock.now())
  expect(stored.merged.lastAt).toBe(body.merged.lastAt)
  // An incident that has not ended in between has forgotten nothing.
  if (generation === 1) expect(textOf(stored)).toBe(textOf(body))
}

/**
 * Without a mark each message is there once, and none ever goes back. That also holds where clocks are wrong: who sends over the lease of
 * another one, whatever the time is, marks it. Only an item that was deleted is forgotten, so that it is shown again.
 */
function expectNothingDoubled({ emulator, rights: { sends } }: Aftermath) {
  const messages = emulator.messages()
  const unmarked = messages.flatMap(({ chatId, date, revisions: [first] }) => {
    if (!first || first.text.startsWith(mark)) return []
    const text = lastingText(first.text)
    const target = String(targets.get(chatId))
    const send = sends.findLast((one) => one.target === target && one.text === text && one.at <= date)
    return [send?.place ?? text]
  })
  expect(unmarked).toEqual([...new Set(unmarked)])
  for (const { revisions } of messages) {
    const totals = revisions.flatMap(({ text }) => /×([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? []).map(Number)
    expect(totals).toEqual(totals.toSorted((a, b) => a - b))
  }
}

/** Whatever processes with wrong clocks have written, and whatever is pending elsewhere. */
function expectNobodySilent({ minutesUntilHeard }: Aftermath) {
  const tooLate = Object.keys(chats).filter(
    (name) => (minutesUntilHeard.get(name as keyof typeof chats) ?? Number.POSITIVE_INFINITY) > 20,
  )
  expect(tooLate).toEqual([])
}

/**
 * Telegram's limits by its own counting, and what a process was told, or could read, when it asked. Who has deleted a chat's item has
 * deleted what was known of its last minute.
 */
function expectLimitsKept({ emulator: { journal }, rights: { broken, requests, deletions } }: Aftermath) {
  expect(broken).toEqual([])
  const forgotten = (target = 0) =>
    deletions.filter((one) => 'chat' in one && Number(one.chat) === target).map(({ at }) => at)
  for (const [chat, target] of targets) {
    const ends = [0, ...forgotten(target).flatMap((at) => [at, at + 60_000]), Number.POSITIVE_INFINITY]
    for (let from = 0; from < ends.length; from += 2) {
      const [start = 0, end = 0] = ends.slice(from)
      const between = journal.filter(({ acceptedAt = 0 }) => acceptedAt >= start && acceptedAt < end)
      expect(mostAcceptedIn(between, chat, 60_000)).toBeLessThanOrEqual(20)
    }
  }
  for (const { at, endedAt, chatId = 0, description = '' } of journal.filter(({ status }) => status === 429)) {
    const target = targets.get(chatId)
    const until = endedAt + 1_000 * Number(/retry after (\d+)/.exec(description)?.[1])
    if (forgotten(target).some((time) => time >= at && time < until)) continue
    const told = requests.find((request) => request.at === at && Number(request.chat) === target)?.lane
    expect(requests.filter(({ lane, at: later }) => lane === told && later > at && later < until)).toEqual([])
  }
}
