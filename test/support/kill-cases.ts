import { expect } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { readDocument } from '../../lib/pipeline/ports.ts'
import { chatId } from './app.ts'
import type { Fate } from './children.ts'
import { changesOf } from './incidents.ts'
import { crashLoop } from './records.ts'
import type { Stage } from './stage.ts'

/** What a process does when it is killed. */
export interface Situation {
  /** Batches that are delivered before, a minute apart, by processes that are not killed. */
  before: ConsumedRecord[][]
  batch: ConsumedRecord[]
  /** One more record of the incident, a quarter of an hour later. */
  next: ConsumedRecord
  action: 'send' | 'edit'
  /** The total count in the message. */
  total: number
  /** The outcome of each record in the process that delivers it. */
  delivered: string
  /** The batch was merged before. */
  isMerged?: boolean
}

/** Where the process is killed, and what that leaves. */
export interface Death {
  at: Omit<Fate, 'signal'> | 'request, not accepted' | 'request, accepted'
  left: 'nothing' | 'lease' | 'lease, and Telegram has accepted it' | 'all done'
}

export const deaths: Record<string, Death> = {
  'before the merge is saved': { at: { method: 'saveBody', when: 'before', call: 1 }, left: 'nothing' },
  'after the merge is saved': { at: { method: 'saveBody', when: 'after', call: 1 }, left: 'nothing' },
  'before a slot is taken': { at: { method: 'chats.save', when: 'before', call: 1 }, left: 'nothing' },
  'after a slot is taken': { at: { method: 'chats.save', when: 'after', call: 1 }, left: 'nothing' },
  'before the lease': { at: { method: 'takeLease', when: 'before', call: 1 }, left: 'nothing' },
  'after the lease': { at: { method: 'takeLease', when: 'after', call: 1 }, left: 'lease' },
  'request written, not accepted': { at: 'request, not accepted', left: 'lease' },
  'accepted, not answered': { at: 'request, accepted', left: 'lease, and Telegram has accepted it' },
  'answered, before the result is saved': {
    at: { method: 'recordDelivery', when: 'before', call: 1 },
    left: 'lease, and Telegram has accepted it',
  },
  'after the result is saved': { at: { method: 'recordDelivery', when: 'after', call: 1 }, left: 'all done' },
  'after the slot is given back': { at: { method: 'chats.save', when: 'after', call: 2 }, left: 'all done' },
}

/** A record of a recent crash loop, because older events are marked as late. */
export const crash = crashLoop(Date.now() - 1_800_000)

const other = 'web-7d9f8c6b5-bbbbb'
const node = { kind: 'Node', name: 'worker-1' }

export function low(offset: number, count: number) {
  const message = 'Node worker-1 is short of memory'
  return crash(offset, { count, fields: { involvedObject: node, reason: 'NodeHasInsufficientMemory', message } })
}

/** Of the same incident, and critical. */
export function oom(offset: number, count: number, at: number) {
  const message = 'System OOM encountered, victim process: mysqld'
  return crash(offset, { count, at, pod: 'oom', fields: { involvedObject: node, reason: 'SystemOOM', message } })
}

export const situations: Record<string, Situation> = {
  'the first message': {
    before: [],
    batch: [crash(0, { count: 3, at: 30 }), crash(1, { pod: other, at: 40 }), crash(2, { count: 5, at: 50 })],
    next: crash(9, { count: 12, at: 900 }),
    action: 'send',
    total: 6,
    delivered: 'sent: shown',
  },
  'an edit': {
    before: [[crash(0)]],
    batch: [crash(1, { count: 4, at: 60 }), crash(2, { pod: other, count: 2, at: 70 })],
    next: crash(9, { count: 12, at: 900 }),
    action: 'edit',
    total: 6,
    delivered: 'sent: updated',
  },
  'a rise to critical': {
    before: [[low(0, 1)]],
    batch: [oom(1, 2, 60)],
    next: oom(9, 6, 900),
    action: 'send',
    total: 3,
    delivered: 'sent: shown',
  },
  'the last edit of the message that a rise has replaced': {
    before: [[low(0, 1)], [oom(1, 2, 60)]],
    batch: [oom(1, 2, 60)],
    next: oom(9, 6, 900),
    action: 'edit',
    total: 3,
    delivered: 'skipped: already shown',
    isMerged: true,
  },
}

/** Every situation with every death that can happen in it. */
export const cases = Object.entries(situations).flatMap(([name, situation]) =>
  Object.entries(deaths)
    .filter(([, { at }]) => !(situation.isMerged && typeof at === 'object' && at.method === 'saveBody'))
    .map(([when, death]) => ({ name: `${name}, ${when}`, situation, death })),
)

/** The incident's key in the state. */
export function keyOf({ value }: ConsumedRecord): string {
  const { EventValue } = JSON.parse(value ?? '')
  const [change] = changesOf([JSON.parse(EventValue)], 'test')
  return change?.key ?? ''
}

// The processes share two cores with those of other tests.
export const timeout = 60_000
export const mark = '↻ possibly repeated\n'

export const shown = 'sent: shown'
export const updated = 'sent: updated'
export const repeated = 'sent: possibly repeated'
export const leased = 'pending: leased'
export const known = 'skipped: already shown'

/** Delivers batches in one process, a minute apart. */
export async function deliver(stage: Stage, batches: Situation['before']) {
  if (batches.length === 0) return
  const child = stage.start()
  for (const batch of batches) {
    expect(await child.notify(batch)).toEqual(batch.map(() => shown))
    stage.pass(60)
  }
}

/** Kills a process at this step of the delivery. */
export async function die(stage: Stage, at: Death['at'], batch: Situation['batch']) {
  const end =
    typeof at === 'object'
      ? stage.start({ ...at, signal: 'SIGKILL' }).notify(batch)
      : stage.killed(at === 'request, accepted', (child) => child.notify(batch))
  expect(await end).toBe('killed')
}

/** The texts of a chat without a kill: after the batch, and after the next record. */
export async function cleanRun(stage: Stage, { before, batch, next, delivered, total }: Situation) {
  await deliver(stage, before)
  const child = stage.start()
  expect(await child.notify(batch)).toEqual(batch.map(() => delivered))
  await stage.sweepUntilDelivered(child)
  const texts = stage.texts()
  for (const older of texts.slice(0, -1)) expect(older).toContain('↓ continues in a newer message')
  expect(texts.at(-1)).toContain(`×${total} in`)
  stage.pass(900)
  expect(await child.notify([next])).toEqual([updated])
  return { texts, grown: stage.texts() }
}

/** Expects that the slots of killed processes are free, and that nothing is pending. */
export async function expectAllFree({ store, clock, pass }: Stage) {
  pass(120)
  const chat = await readDocument(store.chats, String(chatId))
  expect(chat?.value.slots.filter(({ freeAt }) => freeAt > clock.now())).toEqual([])
  expect(await store.countPending()).toMatchObject({ count: 0 })
}
