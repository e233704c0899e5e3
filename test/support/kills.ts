import { beforeAll, describe, expect, it } from 'vitest'
import { chatId } from './app.ts'
import { cases, type Death, type Situation, situations } from './kill-cases.ts'
import type { NewState } from './scenarios.ts'
import { onStage, type Stage } from './stage.ts'

const mark = '↻ possibly repeated\n'

/** What has to hold for every durable state when real processes are killed at each step. */
export function killScenarios(name: string, newState: NewState) {
  describe(`${name}: a process is killed`, () => {
    const clean = new Map<Situation, { shown: string[]; grown: string[] }>()
    beforeAll(async () => {
      for (const situation of Object.values(situations))
        clean.set(situation, await onStage(newState, cleanRun(situation)))
    })

    it.concurrent.each(cases)('$name', async ({ situation, death }) => {
      const { shown = [], grown = [] } = clean.get(situation) ?? {}
      const { paid, action, batch, next } = situation
      await onStage(newState, async (stage) => {
        await deliver(stage, situation.before)
        expect(await die(stage, death, batch)).toBe('killed')
        const isHeld = death.left.startsWith('claim')
        const isUnknown = isHeld && action === 'send'
        const requests = stage.standin.journal.length
        const now = all(batch, isHeld ? 'owed: claimed' : death.left === 'all done' ? 'skipped: already shown' : paid)
        expect(await stage.start().notify(batch)).toEqual(now)
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
  })
}

function all(batch: unknown[], outcome: string): string[] {
  return batch.map(() => outcome)
}

/** One process for each batch, a minute between them. */
async function deliver(stage: Stage, batches: Situation['before']) {
  for (const batch of batches) {
    expect(await stage.start().notify(batch)).toEqual(all(batch, 'sent: shown'))
    stage.pass(60)
  }
}

function die(stage: Stage, { at }: Death, batch: Situation['batch']): Promise<unknown> {
  if (typeof at === 'object') return stage.start({ ...at, signal: 'SIGKILL' }).notify(batch)
  return stage.killed(at === 'request, accepted', (child) => child.notify(batch))
}

/** What a chat shows that nobody disturbs. */
function cleanRun({ before, batch, next, paid }: Situation) {
  return async (stage: Stage) => {
    await deliver(stage, before)
    expect(await stage.start().notify(batch)).toEqual(all(batch, paid))
    await stage.paid()
    const shown = stage.texts()
    stage.pass(900)
    expect(await stage.start().notify([next])).toEqual(['sent: updated'])
    return { shown, grown: stage.texts() }
  }
}

/** Slots of the dead have freed themselves, and nothing is owed or claimed. */
async function expectAllFree({ store, clock, pass }: Stage) {
  pass(120)
  const chat = await store.readChat(String(chatId))
  expect(chat?.value.slots.filter(({ freeAt }) => freeAt > clock.now())).toEqual([])
  expect(await store.countOwed()).toMatchObject({ count: 0 })
}
