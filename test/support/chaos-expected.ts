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

/** Expectations that are true after any chaos. */
export async function expectOrder(aftermath: Aftermath): Promise<void> {
  await expectAllShown(aftermath)
  expectNothingDoubled(aftermath)
  expectEveryChatServed(aftermath)
  if (aftermath.isOnTime) expectLimitsRespected(aftermath)
}

/** Everything that Kafka or the store still had is merged, and each incident's message shows exactly its stored body. */
async function expectAllShown(aftermath: Aftermath) {
  const { emulator, store } = aftermath
  const expected = Object.values(chats).flatMap((chat) => changesIn(chat, aftermath))
  const incidents = await store.readIncidents(expected.map(({ change }) => change.key))
  expect(await store.countPending()).toMatchObject({ count: 0 })
  for (const { change, leastCounts, isWhole } of expected) {
    const incident = incidents.get(change.key)
    expectMerged(change.key, leastCounts, aftermath)
    if (!incident) {
      expect(leastCounts).toEqual([])
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
  /** Events that were not lost with a deleted item: the event's id and the least count that must be merged. */
  leastCounts: [id: string, count: number][]
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
    // Records that were accepted before the deletion may be lost with the item.
    const left = change.entries.filter(({ source }) => {
      const { offset = '' } = here[source.record.offset]?.record ?? {}
      return (taken.get(offset) ?? -1) >= deleted
    })
    return {
      change,
      leastCounts: left.flatMap(({ merged }) => merged.events.map(([id, count]): [string, number] => [id, count])),
      isWhole: deleted === 0,
    }
  })
}

function expectMerged(key: string, leastCounts: Expected['leastCounts'], { rights: { merged } }: Aftermath) {
  const lost = leastCounts.filter(([id, count]) => (merged.get(key)?.get(id) ?? 0) < count)
  expect(lost).toEqual([])
}

function expectExactly({ body: { generation, ...stored } }: Incident, change: Change, { clock }: Aftermath) {
  const { body } = apply(change, undefined, renderer, clock.now())
  expect(stored.merged.lastAt).toBe(body.merged.lastAt)
  // An incident that has not ended in between has forgotten nothing.
  if (generation === 1) expect(textOf(stored)).toBe(textOf(body))
}

/**
 * Each message without a mark is there once, and no total ever decreases, even with wrong clocks: a process that sends over the lease of another
 * one marks its message. Only an incident whose item was deleted is shown again.
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

/** Each chat showed its new incident soon, in spite of wrong clocks and pending incidents elsewhere. */
function expectEveryChatServed({ minutesUntilShown }: Aftermath) {
  const tooLate = Object.keys(chats).filter(
    (name) => (minutesUntilShown.get(name as keyof typeof chats) ?? Number.POSITIVE_INFINITY) > 20,
  )
  expect(tooLate).toEqual([])
}

/**
 * No chat got more than Telegram's limit, and no process sent during a cool-down that it knew or could read. A deleted chat item takes the
 * knowledge of its last minute with it.
 */
function expectLimitsRespected({ emulator: { journal }, rights: { broken, requests, deletions } }: Aftermath) {
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
    const told = requests.find((request) => request.at === at && Number(request.chat) === target)?.run
    expect(requests.filter(({ run, at: later }) => run === told && later > at && later < until)).toEqual([])
  }
}
