import { beforeAll, describe, expect, it } from 'vitest'
import type { ChatState } from '../../lib/budget/chat.ts'
import { chatId } from './app.ts'
import type { Child, Fate } from './children.ts'
import { crash, keyOf, type Situation, situations } from './kill-cases.ts'
import { cleanRun, deliver, expectAllFree, mark, timeout } from './kills.ts'
import type { NewState } from './scenarios.ts'
import { onStage, type Stage } from './stage.ts'

const first = 'the first message'
const edit = 'an edit'
const rise = 'a rise to critical'
const afterMerge = { method: 'saveBody', when: 'after', call: 1 } as const
const afterSlot = { method: 'saveChat', when: 'after', call: 1 } as const
const afterClaim = { method: 'claim', when: 'after', call: 1 } as const
const beforeEnd = { method: 'settle', when: 'before', call: 1 } as const
const again = 'sent: possibly repeated'
const known = 'skipped: already shown'

/** Where it freezes; how the batch ends in other processes, at once and a minute later; how it ends in this one. */
const freezes: [
  name: string,
  situation: string,
  at: Omit<Fate, 'signal'>,
  others: [string, string],
  resumed: string,
][] = [
  ['after the merge is saved', first, afterMerge, ['sent: shown', known], 'owed: deadline'],
  ['after a slot is taken', first, afterSlot, ['sent: shown', known], 'sent: already covered'],
  ['after the claim of a send', first, afterClaim, ['owed: claimed', again], 'owed: deadline'],
  ['after the claim of an edit', edit, afterClaim, ['owed: claimed', 'sent: updated'], 'owed: deadline'],
  ['after the claim of a rise', rise, afterClaim, ['owed: claimed', again], 'owed: deadline'],
  ['before the end of a send is saved', first, beforeEnd, ['owed: claimed', again], 'sent: shown'],
  ['before the end of an edit is saved', edit, beforeEnd, ['owed: claimed', 'sent: updated'], 'sent: updated'],
  ['before the end of a rise is saved', rise, beforeEnd, ['owed: claimed', again], 'sent: shown'],
]

/** What has to hold when a process stands still, as a sandbox between two invocations does, and goes on long after others have come. */
export function freezeScenarios(name: string, newState: NewState) {
  describe(`${name}: a process is frozen, others pay, and it goes on`, { timeout }, () => {
    const clean = new Map<string, string[]>()
    beforeAll(async () => {
      for (const situation of [first, edit, rise])
        clean.set(situation, (await onStage(newState, (stage) => cleanRun(stage, situationOf(situation)))).shown)
    }, timeout)

    it.concurrent.each(freezes)('%s', async (_, situation, at, others, resumed) => {
      const { before, batch } = situationOf(situation)
      const shown = clean.get(situation) ?? []
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
        expect(await stage.start().notify(batch)).toEqual(all(later))
        await expectUndisturbed(stage, batch, own, async () => {
          frozen.send('SIGCONT')
          expect(await ended).toEqual(all(resumed))
        })
        await stage.paid()
        expect(stage.texts()).toEqual([
          ...shown.slice(0, -1),
          ...(resumed === 'sent: shown' ? shown.slice(-1) : []),
          ...shown.slice(-1).map((text) => (later === again ? mark + text : text)),
        ])
        await expectAllFree(stage)
      })
    })

    it.concurrent('before the claim, and nobody else came: sent by a sweep, without a mark', () =>
      onStage(newState, async (stage) => {
        const { batch } = situationOf(first)
        const frozen = stage.start({ method: 'claim', when: 'before', call: 1, signal: 'SIGSTOP' })
        const ended = frozen.notify(batch)
        await frozen.met
        stage.pass(60)
        frozen.send('SIGCONT')
        expect(await ended).toEqual(batch.map(() => 'owed: deadline'))
        expect(stage.standin.journal).toEqual([])
        await stage.paid()
        expect(stage.texts()).toEqual(clean.get(first))
        await expectAllFree(stage)
      }))

    const twice: [string, Omit<Fate, 'signal'>, string, number][] = [
      ['after their claims', afterClaim, 'owed: deadline', 1],
      ['before their ends are saved', beforeEnd, 'sent: shown', 2],
    ]
    it.concurrent.each(twice)('two of them %s: the first leaves the second’s claim alone', (_, at, resumed, messages) =>
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
          one.send('SIGCONT')
          expect(await endOfOne).toEqual([resumed])
        })
        other.send('SIGCONT')
        expect(await endOfOther).toEqual([again])
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
  return (await store.readChat(String(chatId)))?.value.slots ?? []
}

/** Meanwhile nothing is asked of Telegram, the incident's state does not change, nor does any slot but the process's own. */
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
    requests: stage.standin.journal.length,
  })
  const before = await look()
  expect(before.incidents.size).toBeGreaterThan(0)
  await work()
  expect(await look()).toEqual(before)
}
