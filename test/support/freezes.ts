import { beforeAll, describe, expect, it } from 'vitest'
import type { ChatState } from '../../lib/core/rate-limit/chat.ts'
import { readDocument } from '../../lib/pipeline/ports.ts'
import { chatId } from './app.ts'
import type { Child, Fate } from './children.ts'
import {
  cleanRun,
  crash,
  deliver,
  expectAllFree,
  keyOf,
  known,
  leased,
  mark,
  repeated,
  type Situation,
  shown,
  situations,
  timeout,
  updated,
} from './kill-cases.ts'
import type { NewState } from './scenarios.ts'
import { onStage, type Stage } from './stage.ts'

const first = 'the first message'
const edit = 'an edit'
const rise = 'a rise to critical'
const afterMerge = { method: 'saveBody', when: 'after', call: 1 } as const
const afterSlot = { method: 'chats.save', when: 'after', call: 1 } as const
const afterLease = { method: 'takeLease', when: 'after', call: 1 } as const
const beforeEnd = { method: 'recordDelivery', when: 'before', call: 1 } as const
const late = 'pending: deadline'

/** Where the process freezes; the outcome in other processes, at once and a minute later; the outcome in this process. */
const freezes: [
  name: string,
  situation: string,
  at: Omit<Fate, 'signal'>,
  others: [string, string],
  resumed: string,
][] = [
  ['before the merge is saved', first, { ...afterMerge, when: 'before' }, [shown, known], known],
  ['after the merge is saved', first, afterMerge, [shown, known], late],
  ['after a slot is taken', first, afterSlot, [shown, known], late],
  ['after the lease of a send', first, afterLease, [leased, repeated], late],
  ['after the lease of an edit', edit, afterLease, [leased, updated], late],
  ['after the lease of a rise', rise, afterLease, [leased, repeated], late],
  ['before the result of a send is saved', first, beforeEnd, [leased, repeated], shown],
  ['before the result of an edit is saved', edit, beforeEnd, [leased, updated], updated],
  ['before the result of a rise is saved', rise, beforeEnd, [leased, repeated], shown],
]

/** Scenarios in which a process is frozen, as a sandbox is between invocations, and resumes long after other processes ran. */
export function freezeScenarios(name: string, newState: NewState) {
  describe(`${name}: a process is frozen, others deliver, and it resumes`, { timeout }, () => {
    const clean = new Map<string, string[]>()
    beforeAll(async () => {
      for (const situation of [first, edit, rise])
        clean.set(situation, (await onStage(newState, (stage) => cleanRun(stage, situationOf(situation)))).texts)
    }, timeout)

    it.concurrent.each(freezes)('%s', async (_, situation, at, others, resumed) => {
      const { before, batch } = situationOf(situation)
      const texts = clean.get(situation) ?? []
      const all = (outcome: string) => batch.map(() => outcome)
      await onStage(newState, async (stage) => {
        await deliver(stage, before)
        const frozen = stage.start({ ...at, signal: 'SIGSTOP' })
        const ended = frozen.notify(batch)
        await frozen.met
        const own = await slotsOf(stage)
        const [atOnce, later] = others
        expect(await stage.start().notify(batch)).toEqual(all(atOnce))
        stage.pass(60)
        const last = stage.start()
        expect(await last.notify(batch)).toEqual(all(later))
        await expectUndisturbed(stage, batch, own, async () => {
          await frozen.goOn()
          expect(await ended).toEqual(all(resumed))
        })
        // The log names the message that no incident has any more.
        if (resumed === shown) expect(frozen.said).toContainEqual(expect.stringMatching(/^unsaved: .* message \d+$/))
        await stage.sweepUntilDelivered(last)
        expect(stage.texts()).toEqual([
          ...texts.slice(0, -1),
          ...(resumed === shown ? texts.slice(-1) : []),
          ...texts.slice(-1).map((text) => (later === repeated ? mark + text : text)),
        ])
        await expectAllFree(stage)
      })
    })

    it.concurrent('before the lease, others deliver, and it resumes in time: it notices the change', () =>
      onStage(newState, async (stage) => {
        const frozen = stage.start({ method: 'takeLease', when: 'before', call: 1, signal: 'SIGSTOP' })
        const ended = frozen.notify([crash(0)])
        await frozen.met
        const own = await slotsOf(stage)
        expect(await stage.start().notify([crash(0)])).toEqual([shown])
        await expectUndisturbed(stage, [crash(0)], own, async () => {
          await frozen.goOn()
          expect(await ended).toEqual(['sent: already covered'])
        })
        await expectAllFree(stage)
      }))

    it.concurrent('before the result of a send is saved, others merge, and it resumes in time: a sweep edits the message', () =>
      onStage(newState, async (stage) => {
        const frozen = stage.start({ ...beforeEnd, signal: 'SIGSTOP' })
        const ended = frozen.notify([crash(0)])
        await frozen.met
        expect(await stage.start().notify([crash(1, { count: 7, at: 60 })])).toEqual([leased])
        await frozen.goOn()
        expect(await ended).toEqual([shown])
        await stage.sweepUntilDelivered()
        expect(stage.texts()).toEqual([expect.stringMatching(/^🟠 (.|\n)*×7 in 60 s/)])
        await expectAllFree(stage)
      }))

    it.concurrent('before the lease, and no other process ran: a sweep sends the message without a mark', () =>
      onStage(newState, async (stage) => {
        const { batch } = situationOf(first)
        const frozen = stage.start({ method: 'takeLease', when: 'before', call: 1, signal: 'SIGSTOP' })
        const ended = frozen.notify(batch)
        await frozen.met
        stage.pass(60)
        await frozen.goOn()
        expect(await ended).toEqual(batch.map(() => late))
        expect(stage.emulator.journal).toEqual([])
        await stage.sweepUntilDelivered()
        expect(stage.texts()).toEqual(clean.get(first))
        await expectAllFree(stage)
      }))

    const twice: [string, Omit<Fate, 'signal'>, string, number][] = [
      ['after their leases', afterLease, late, 1],
      ['before their results are saved', beforeEnd, shown, 2],
    ]
    it.concurrent.each(twice)(
      'two processes %s: the first does not change the second’s lease',
      (_, at, resumed, messages) =>
        onStage(newState, async (stage) => {
          const batch = [crash(0)]
          const freeze = async (): Promise<[Child, Promise<unknown>]> => {
            const frozen = stage.start({ ...at, signal: 'SIGSTOP' })
            const ended = frozen.notify(batch)
            await frozen.met
            return [frozen, ended]
          }
          const [one, endOfOne] = await freeze()
          const own = await slotsOf(stage)
          stage.pass(60)
          const [other, endOfOther] = await freeze()
          await expectUndisturbed(stage, batch, own, async () => {
            await one.goOn()
            expect(await endOfOne).toEqual([resumed])
          })
          await other.goOn()
          expect(await endOfOther).toEqual([repeated])
          expect(stage.texts()).toHaveLength(messages)
          expect(stage.texts().map((text) => text.startsWith(mark))).toEqual(messages === 1 ? [true] : [false, true])
          expect(await stage.start().notify(batch)).toEqual([known])
          await expectAllFree(stage)
        }),
    )
  })
}

function situationOf(name: string): Situation {
  return situations[name] as Situation
}

async function slotsOf({ store }: Stage): Promise<ChatState['slots']> {
  return (await readDocument(store.chats, String(chatId)))?.value.slots ?? []
}

/** Expects that `work` sends no request and changes neither the incident nor the slots of other processes. */
async function expectUndisturbed(
  stage: Stage,
  batch: Situation['batch'],
  own: ChatState['slots'],
  work: () => Promise<void>,
) {
  const keys = batch.map(keyOf)
  const mine = new Set(own.map(({ token }) => token))
  const look = async () => ({
    incidents: await stage.store.readIncidents(keys),
    slots: (await slotsOf(stage)).filter(({ token }) => !mine.has(token)),
    requests: stage.emulator.journal.length,
  })
  const before = await look()
  expect(before.incidents.size).toBeGreaterThan(0)
  await work()
  expect(await look()).toEqual(before)
}
