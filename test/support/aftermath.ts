import { describe, expect, it } from 'vitest'
import { chatId } from './app.ts'
import {
  crash,
  type Death,
  deaths,
  deliver,
  die,
  expectAllFree,
  known,
  leased,
  low,
  mark,
  oom,
  repeated,
  shown,
  timeout,
} from './kill-cases.ts'
import { numbersShown, records } from './records.ts'
import type { NewState } from './scenarios.ts'
import { onStage } from './stage.ts'

const isMarked = (text: string) => text.startsWith(mark)

/** Scenarios after a process was killed while it delivered to a chat. */
export function aftermathScenarios(name: string, newState: NewState) {
  const { concurrent } = it

  describe(`${name}: after a process was killed`, { timeout }, () => {
    concurrent('each process that repeats is killed too: one repeat for each at most, at growing intervals', () =>
      onStage(newState, async (stage) => {
        const batch = [crash(0)]
        for (const _ of ['first', 'second']) {
          await die(stage, 'request, accepted', batch)
          expect(await stage.start().notify(batch)).toEqual([leased])
          stage.pass(60)
        }
        expect(await stage.start().notify(batch)).toEqual([leased])
        stage.pass(120)
        expect(await stage.start().notify(batch)).toEqual([repeated])
        await stage.sweepUntilDelivered()
        const [first = '', ...repeats] = stage.texts()
        expect(repeats).toEqual([mark + first, mark + first])
        await expectAllFree(stage)
      }),
    )

    concurrent('a sweep is killed too: another one delivers', () =>
      onStage(newState, async (stage) => {
        await die(stage, { method: 'takeLease', when: 'before', call: 1 }, [crash(0)])
        const sweeper = stage.start({ method: 'takeLease', when: 'after', call: 1, signal: 'SIGKILL' })
        await expect(sweeper.sweep()).rejects.toThrow('killed in a sweep')
        expect(await stage.start().sweep()).toMatchObject({ pending: 1 })
        expect(stage.texts()).toEqual([])
        stage.pass(60)
        await stage.sweepUntilDelivered()
        expect(stage.texts()).toEqual([expect.stringMatching(`^${mark}🟠 Crash loop`)])
        await expectAllFree(stage)
      }),
    )

    concurrent('Telegram had told it to wait: no process sends earlier', () =>
      onStage(newState, async (stage) => {
        const batch = [crash(0)]
        stage.emulator.inject({ kind: 'too many requests', retryAfter: 150 })
        await die(stage, { method: 'recordDelivery', when: 'before', call: 1 }, batch)
        for (const outcome of [leased, 'pending: cool-down', 'pending: cool-down', repeated]) {
          expect(await stage.start().notify(batch)).toEqual([outcome])
          stage.pass(60)
        }
        expect(stage.emulator.journal.map(({ status }) => status)).toEqual([429, 200])
        await expectAllFree(stage)
      }),
    )

    concurrent('more records come before its lease expires: one message shows them all', () =>
      onStage(newState, async (stage) => {
        await die(stage, 'request, not accepted', [crash(0, { count: 2 })])
        expect(await stage.start().notify([crash(1, { count: 7, at: 60 })])).toEqual([leased])
        stage.pass(60)
        await stage.sweepUntilDelivered()
        expect(stage.texts()).toEqual([expect.stringMatching(`^${mark}(.|\n)*×7 in 60 s`)])
        await expectAllFree(stage)
      }),
    )

    concurrent('it had the lease of an edit: a rise to critical waits for it, and has no mark', () =>
      onStage(newState, async (stage) => {
        await deliver(stage, [[low(0, 1)]])
        await die(stage, 'request, accepted', [low(1, 4)])
        expect(await stage.start().notify([oom(2, 2, 60)])).toEqual([leased])
        stage.pass(60)
        expect(await stage.start().notify([oom(2, 2, 60)])).toEqual([shown])
        await stage.sweepUntilDelivered()
        const [older, newer] = stage.texts()
        expect(older).toContain('↓ continues in a newer message')
        expect(newer).toMatch(/^🔴 Node low on memory(.|\n)*×6 in/)
        expect(stage.texts()).toHaveLength(2)
        await expectAllFree(stage)
      }),
    )

    const parts: [string, Death['at'], string[]][] = [
      ['before the second’s slot', { method: 'chats.save', when: 'before', call: 2 }, [known, shown]],
      ['before the second’s lease', { method: 'takeLease', when: 'before', call: 2 }, [known, shown]],
      ['after the second’s lease', { method: 'takeLease', when: 'after', call: 2 }, [known, leased]],
      ['before the first’s end', { method: 'recordDelivery', when: 'before', call: 1 }, [leased, shown]],
    ]
    concurrent.each(parts)('it was between two incidents, %s: the other one is delivered at once', (_, at, outcomes) =>
      onStage(newState, async (stage) => {
        const batch = [crash(0), crash(1, { pod: 'api-5c6d7f8b9-zzzzz' })]
        await die(stage, at, batch)
        expect(await stage.start().notify(batch)).toEqual(outcomes)
        stage.pass(60)
        await stage.sweepUntilDelivered()
        const isAccepted = typeof at === 'object' && at.method === 'recordDelivery'
        expect(stage.texts()).toHaveLength(isAccepted ? 3 : 2)
        expect(new Set(stage.texts().map((text) => text.replace(mark, ''))).size).toBe(2)
        expect(stage.texts().filter(isMarked)).toHaveLength(outcomes.includes(leased) ? 1 : 0)
        await expectAllFree(stage)
      }),
    )

    concurrent('it had the last slot of its urgency: the slot becomes free', () =>
      onStage(newState, async (stage) => {
        const { store, clock } = stage
        const [startAt, freeAt] = [clock.now() - 10_000, clock.now() + 600_000]
        const slots = Array.from({ length: 17 }, (_, index) => ({ token: `${index}`, startAt, freeAt }))
        await store.chats.save(String(chatId), { slots, coolDownUntil: 0, threadless: [] }, 0)
        const batch = [crash(0)]
        await die(stage, { method: 'chats.save', when: 'after', call: 1 }, batch)
        expect(await stage.start().notify(batch)).toEqual(['pending: rate limit'])
        stage.pass(60)
        expect(await stage.start().notify(batch)).toEqual(['pending: rate limit'])
        stage.pass(60)
        expect(await stage.start().notify(batch)).toEqual([shown])
        expect(stage.texts()).toEqual([expect.not.stringContaining(mark)])
      }),
    )

    const alone = Object.entries(deaths).map(([when, death]) => ({ when, death }))
    concurrent.each(alone)('it was killed $when with INCIDENTS=off', ({ death: { at, left } }) =>
      onStage(withoutIncidents(newState), async (stage) => {
        const batch = records(2)
        const isLeased = left.startsWith('lease')
        await die(stage, at, batch)
        const first = isLeased ? leased : left === 'all done' ? known : shown
        expect(await stage.start().notify(batch)).toEqual([first, shown])
        stage.pass(60)
        const last = stage.start()
        expect(await last.notify(batch)).toEqual([isLeased ? repeated : known, known])
        await stage.sweepUntilDelivered(last)
        const isDoubled = left === 'lease, and Telegram has accepted it'
        expect(numbersShown(stage.texts()).toSorted()).toEqual(isDoubled ? [0, 0, 1] : [0, 1])
        expect(stage.texts().filter(isMarked)).toHaveLength(isLeased ? 1 : 0)
        await expectAllFree(stage)
      }),
    )
  })
}

function withoutIncidents(newState: NewState): NewState {
  return async () => {
    const { environment, remove } = await newState()
    return { environment: { ...environment, INCIDENTS: 'off' }, remove }
  }
}
