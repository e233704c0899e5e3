import { describe, expect, it } from 'vitest'
import { apply } from '../../lib/core/incident/apply.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import type { Store } from '../../lib/pipeline/ports.ts'
import { startApp, type TestApp } from './app.ts'
import { changesOf, renderer } from './incidents.ts'
import { envelope, event, record } from './records.ts'
import type { NewState } from './scenarios.ts'

const dead = -1001
const flooded = -1002
const other = -1003
const minute = 60_000
const hour = 60 * minute

/** Starts an app with pending incidents. */
export async function withPending(
  newState: NewState,
  chats: number[],
  pending: (now: number) => Pending[],
  work: (app: TestApp, textsIn: (chat: number) => string[]) => Promise<void>,
): Promise<void> {
  const { environment, remove } = await newState()
  let opened: Store | undefined
  const setups = chats.map((id): ChatSetup => {
    const state = id === dead ? { state: 'kicked' as const } : {}
    return { id, type: 'supergroup', title: String(id), ...state }
  })
  const app = await startApp({
    environment,
    chats: setups,
    rules: JSON.stringify({ defaults: false, routes: [{ match: { namespace: 'none' }, to: chats.map(String) }] }),
    targets: [String(other)],
    isPaced: true,
    decorate(store) {
      opened = store
      return store
    },
  })
  try {
    // Opens the state.
    await app.sweep()
    if (!opened) throw new Error('no state')
    await savePending(opened, pending(app.clock.now()))
    await work(app, (chat) => app.emulator.messages(chat).map(({ text }) => text))
  } finally {
    await app.close()
    await remove()
  }
}

/** 5,000 incidents in 60 chats. One chat refuses everything, and another one has more than its rate limit allows. The worst of each is its latest. */
export const sixtyChats = [dead, flooded, ...Array.from({ length: 58 }, (_, index) => other - index)]
export function pendingInSixtyChats(now: number): Pending[] {
  const since = now - 2 * hour
  const others = sixtyChats.slice(2)
  return [
    { chat: dead, severity: 'critical', count: 2_000, since, name: 'gone' },
    { chat: flooded, severity: 'warning', count: 2_419, since, name: 'flood' },
    { chat: flooded, severity: 'critical', count: 1, since: now - 1_000, name: 'worst' },
    ...others.flatMap((chat): Pending[] => [
      { chat, severity: 'warning', count: 9, since: now - 30 * minute, name: `lesser${chat}` },
      { chat, severity: 'critical', count: 1, since: now - 1_000, name: `worst${chat}` },
    ]),
  ]
}

/** Sweeps at once and a minute later, as the schedule does. */
export async function sweepTwice(app: TestApp): Promise<void> {
  const startedAt = app.clock.now()
  await app.sweep(58_000)
  await app.clock.sleep(Math.max(0, startedAt + minute - app.clock.now()))
  await app.sweep(58_000)
}

export function expectAllServed(textsIn: (chat: number) => string[]): void {
  const served = sixtyChats.slice(2).filter((chat) => textsIn(chat).some((text) => text.includes(`worst${chat}-0`)))
  expect(served).toEqual(sixtyChats.slice(2))
  expect(textsIn(flooded)[0]).toContain('worst-0')
}

/** Scenarios in which a chat with problems must not delay another one. */
export function fairnessScenarios(name: string, newState: NewState, crowd: { sweep: number; batch: number }) {
  const since = (now: number) => now - 2 * hour
  const late = (now: number): Pending => ({
    ...{ chat: other, severity: 'critical', count: 5 },
    since: now - minute,
    name: 'late',
  })
  const lateIn = (texts: string[]) => texts.filter((text) => text.includes('late-')).toSorted()
  const shown = [0, 1, 2, 3, 4].map((number) => expect.stringContaining(`late-${number}`))
  // An unrelated incident without a sound.
  const quiet = (number: number) =>
    record(number, { value: envelope(event(number, { type: 'Normal', reason: 'Pulled', message: 'Image' })) })

  describe.each([
    ['a chat that refuses everything', dead],
    ['a chat that is at its rate limit', flooded],
  ])(`${name}: five critical incidents after those of %s`, { timeout: 120_000 }, (_, chat) => {
    const behind = (count: number, work: Parameters<typeof withPending>[3]) =>
      withPending(
        newState,
        [chat, other],
        (now) => [late(now), { chat, severity: 'critical', count, since: since(now), name: 'crowd' }],
        work,
      )

    it(`${crowd.sweep} are shown by the first sweep`, () =>
      behind(crowd.sweep, async (app, textsIn) => {
        await app.sweep(58_000)
        expect(lateIn(textsIn(other))).toEqual(shown)
      }))

    it(`${crowd.batch} are shown without a sweep, by the second batch`, () =>
      behind(crowd.batch, async (app, textsIn) => {
        await app.notify([quiet(1)])
        await app.clock.sleep(minute)
        await app.notify([quiet(2)])
        expect(lateIn(textsIn(other))).toEqual(shown)
      }))
  })
}

/** Incidents of one chat that are not shown yet. */
interface Pending {
  chat: number
  severity: 'critical' | 'warning'
  count: number
  /** Milliseconds since the epoch at which the first became due. Each further one is due a millisecond later. */
  since: number
  /** Part of each incident's object name, which its message shows. */
  name: string
}

const writtenAtOnce = 32

/** Saves pending incidents as a batch does, one merge each. */
async function savePending(store: Store, groups: Pending[]): Promise<void> {
  const single = groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, number) => ({ ...group, number, since: group.since + number })),
  )
  const queue = single.values()
  const writer = async () => {
    for (const { chat, severity, name, number, since } of queue) {
      const at = new Date(since).toISOString()
      const times = { firstTimestamp: at, lastTimestamp: at, count: 1 }
      const object = `${name}-${number}`
      const trouble =
        severity === 'critical'
          ? { involvedObject: { kind: 'Node', name: object }, reason: 'SystemOOM', message: 'System OOM encountered' }
          : {
              involvedObject: { kind: 'CronJob', namespace: 'shop', name: object },
              reason: 'MissSchedule',
              message: 'x',
            }
      const [change] = changesOf([{ ...trouble, ...times }], 'test', parseTarget(String(chat)) as Target)
      if (!change) throw new Error('no incident')
      const { body } = apply(change, undefined, renderer, since)
      const written = await store.saveBody(change.key, body, { pendingSince: since, due: since }, 0)
      if (!('saved' in written)) throw new Error('it is there already')
    }
  }
  await Promise.all(Array.from({ length: writtenAtOnce }, writer))
}
