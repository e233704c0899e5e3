import { beforeAll, describe, expect, it } from 'vitest'
import { chatId } from './app.ts'
import { cases, crash, type Death, deaths, keyOf, type Situation, situations } from './kill-cases.ts'
import { numbersShown, records } from './records.ts'
import type { NewState } from './scenarios.ts'
import { onStage, type Stage } from './stage.ts'

// Of processes that share two cores with those of other tests.
export const timeout = 60_000
export const mark = '↻ possibly repeated\n'

/** What has to hold for every durable state when real processes are killed at each step, and their batch comes again to new ones. */
export function killScenarios(name: string, newState: NewState) {
  describe(`${name}: a process is killed`, { timeout }, () => {
    const clean = new Map<Situation, { shown: string[]; grown: string[] }>()
    beforeAll(async () => {
      for (const situation of Object.values(situations))
        clean.set(situation, await onStage(newState, (stage) => cleanRun(stage, situation)))
    }, timeout)

    it.concurrent.each(cases)('$name', async ({ situation, death }) => {
      const { shown = [], grown = [] } = clean.get(situation) ?? {}
      const { paid, action, batch, next } = situation
      await onStage(newState, async (stage) => {
        await deliver(stage, situation.before)
        expect(await die(stage, death, batch)).toBe('killed')
        const isHeld = death.left.startsWith('claim')
        const isUnknown = isHeld && action === 'send'
        const incident = (await stage.store.readIncidents([keyOf(next)])).get(keyOf(next))
        expect(incident?.claim?.kind).toBe(isHeld ? action : undefined)
        const requests = stage.standin.journal.length
        const now = isHeld ? 'owed: claimed' : death.left === 'all done' ? 'skipped: already shown' : paid
        expect(await stage.start().notify(batch)).toEqual(all(batch, now))
        if (isHeld) expect(stage.standin.journal).toHaveLength(requests)
        stage.pass(60)
        const later = isUnknown ? 'sent: possibly repeated' : isHeld ? paid : 'skipped: already shown'
        expect(await stage.start().notify(batch)).toEqual(all(batch, later))
        await stage.paid()
        const isDoubled = isUnknown && death.left !== 'claim'
        const expected = (texts: string[]) => [
          ...texts.slice(0, -1),
          ...(isDoubled ? shown.slice(-1) : []),
          ...texts.slice(-1).map((text) => (isUnknown ? mark + text : text)),
        ]
        expect(stage.texts()).toEqual(expected(shown))
        stage.pass(900)
        expect(await stage.start().notify([next])).toEqual(['sent: updated'])
        expect(stage.texts()).toEqual(expected(grown))
        await expectAllFree(stage)
      })
    })

    it.concurrent('and the one that repeats it, too: at most one repeat for each, at growing intervals', () =>
      onStage(newState, async (stage) => {
        const batch = [crash(0)]
        for (const _ of ['first', 'second']) {
          expect(await stage.killed(true, (child) => child.notify(batch))).toBe('killed')
          expect(await stage.start().notify(batch)).toEqual(['owed: claimed'])
          stage.pass(60)
        }
        expect(await stage.start().notify(batch)).toEqual(['owed: claimed'])
        stage.pass(120)
        expect(await stage.start().notify(batch)).toEqual(['sent: possibly repeated'])
        await stage.paid()
        const [first = '', ...repeats] = stage.texts()
        expect(repeats).toEqual([mark + first, mark + first])
        await expectAllFree(stage)
      }))

    const parts: [string, Death['at'], string[]][] = [
      ['before the second’s slot', { method: 'saveChat', when: 'before', call: 2 }, ['skipped: already shown', shown]],
      ['before the second’s claim', { method: 'claim', when: 'before', call: 2 }, ['skipped: already shown', shown]],
      ['after the second’s claim', { method: 'claim', when: 'after', call: 2 }, ['skipped: already shown', claimed]],
      ['before the first’s end', { method: 'settle', when: 'before', call: 1 }, [claimed, shown]],
    ]
    it.concurrent.each(parts)('between two incidents, %s: the other one is paid at once', (_, at, outcomes) =>
      onStage(newState, async (stage) => {
        const batch = [crash(0), crash(1, { pod: 'api-5c6d7f8b9-zzzzz' })]
        expect(await die(stage, { at }, batch)).toBe('killed')
        expect(await stage.start().notify(batch)).toEqual(outcomes)
        stage.pass(60)
        await stage.paid()
        const unmarked = stage.texts().map((text) => text.replace(mark, ''))
        expect(new Set(unmarked).size).toBe(2)
        const isAccepted = typeof at === 'object' && at.method === 'settle'
        expect(stage.texts().filter((text) => text.startsWith(mark))).toHaveLength(outcomes.includes(claimed) ? 1 : 0)
        expect(unmarked).toHaveLength(isAccepted ? 3 : 2)
        await expectAllFree(stage)
      }),
    )

    it.concurrent('with the last slot of its urgency: the slot frees itself', () =>
      onStage(newState, async (stage) => {
        const { store, clock } = stage
        const [startAt, freeAt] = [clock.now() - 10_000, clock.now() + 600_000]
        const slots = Array.from({ length: 17 }, (_, index) => ({ token: `${index}`, startAt, freeAt }))
        await store.saveChat(String(chatId), { slots, coolDownUntil: 0, threadless: [] }, 0)
        const batch = [crash(0)]
        expect(await die(stage, { at: { method: 'saveChat', when: 'after', call: 1 } }, batch)).toBe('killed')
        expect(await stage.start().notify(batch)).toEqual(['owed: budget'])
        stage.pass(60)
        expect(await stage.start().notify(batch)).toEqual(['owed: budget'])
        stage.pass(60)
        expect(await stage.start().notify(batch)).toEqual([shown])
        expect(stage.texts()).toEqual([expect.not.stringContaining(mark)])
      }))

    const alone = Object.entries(deaths).map(([when, death]) => ({ when, death }))
    it.concurrent.each(alone)('with INCIDENTS=off, $when', ({ death }) =>
      onStage(withoutIncidents(newState), async (stage) => {
        const batch = records(2)
        const isHeld = death.left.startsWith('claim')
        expect(await die(stage, death, batch)).toBe('killed')
        const first = isHeld ? claimed : death.left === 'all done' ? 'skipped: already shown' : shown
        expect(await stage.start().notify(batch)).toEqual([first, shown])
        stage.pass(60)
        await stage.paid()
        const isDoubled = death.left === 'claim, and Telegram has accepted it'
        expect(numbersShown(stage.texts()).toSorted()).toEqual(isDoubled ? [0, 0, 1] : [0, 1])
        expect(stage.texts().filter((text) => text.startsWith(mark))).toHaveLength(isHeld ? 1 : 0)
        await expectAllFree(stage)
      }),
    )
  })

  describe(`${name}: two processes at once`, { timeout }, () => {
    it.concurrent('with the same batch show each incident once', () =>
      onStage(newState, async (stage) => {
        const batch = ['web', 'api', 'job'].map((app, offset) => crash(offset, { pod: `${app}-7d9f8c6b5-x2k4p` }))
        const ends = await Promise.all([stage.start(), stage.start()].map((child) => child.notify(batch)))
        for (const outcome of ends.flat())
          expect([shown, claimed, 'sent: already covered', 'skipped: already shown']).toContain(outcome)
        await stage.paid()
        expect(stage.standin.journal.map(({ method }) => method)).toEqual(batch.map(() => 'sendMessage'))
        expect(new Set(stage.texts()).size).toBe(3)
        expect(stage.texts().join()).not.toContain(mark)
        await expectAllFree(stage)
      }))
  })
}

const shown = 'sent: shown'
const claimed = 'owed: claimed'

function withoutIncidents(newState: NewState): NewState {
  return async () => {
    const { environment, remove } = await newState()
    return { environment: { ...environment, INCIDENTS: 'off' }, remove }
  }
}

function all(batch: unknown[], outcome: string): string[] {
  return batch.map(() => outcome)
}

/** One process for each batch, a minute between them. */
export async function deliver(stage: Stage, batches: Situation['before']) {
  for (const batch of batches) {
    expect(await stage.start().notify(batch)).toEqual(all(batch, shown))
    stage.pass(60)
  }
}

function die(stage: Stage, { at }: Pick<Death, 'at'>, batch: Situation['batch']): Promise<unknown> {
  if (typeof at === 'object') return stage.start({ ...at, signal: 'SIGKILL' }).notify(batch)
  return stage.killed(at === 'request, accepted', (child) => child.notify(batch))
}

/** What a chat shows that nobody disturbs: after the batch, and after the next record. */
export async function cleanRun(stage: Stage, { before, batch, next, paid }: Situation) {
  await deliver(stage, before)
  expect(await stage.start().notify(batch)).toEqual(all(batch, paid))
  await stage.paid()
  const shown = stage.texts()
  stage.pass(900)
  expect(await stage.start().notify([next])).toEqual(['sent: updated'])
  return { shown, grown: stage.texts() }
}

/** Slots of the dead have freed themselves, and nothing is owed. */
export async function expectAllFree({ store, clock, pass }: Stage) {
  pass(120)
  const chat = await store.readChat(String(chatId))
  expect(chat?.value.slots.filter(({ freeAt }) => freeAt > clock.now())).toEqual([])
  expect(await store.countOwed()).toMatchObject({ count: 0 })
}
