import { beforeAll, describe, expect, it } from 'vitest'
import { aftermathScenarios } from './aftermath.ts'
import { freezeScenarios } from './freezes.ts'
import {
  cases,
  cleanRun,
  crash,
  deliver,
  die,
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
import { onStage } from './stage.ts'

/** Scenarios for every durable store: real processes are killed or frozen at each step of a delivery. */
export function killScenarios(name: string, newState: NewState) {
  describe(`${name}: a process is killed, and its batch comes again at once and a minute later`, { timeout }, () => {
    const clean = new Map<Situation, { texts: string[]; grown: string[] }>()
    beforeAll(async () => {
      for (const situation of Object.values(situations))
        clean.set(situation, await onStage(newState, (stage) => cleanRun(stage, situation)))
    }, timeout)

    it.concurrent.each(cases)('$name', async ({ situation, death }) => {
      const { texts = [], grown = [] } = clean.get(situation) ?? {}
      const { before, batch, next, action, delivered } = situation
      const all = (outcome: string) => batch.map(() => outcome)
      const isLeased = death.left.startsWith('lease')
      // The only case in which it is unknown whether Telegram accepted the message.
      const isUnknown = isLeased && action === 'send'
      const isDoubled = isUnknown && death.left !== 'lease'
      const expected = (undisturbed: string[]) => [
        ...undisturbed.slice(0, -1),
        ...(isDoubled ? texts.slice(-1) : []),
        ...undisturbed.slice(-1).map((text) => (isUnknown ? mark + text : text)),
      ]
      await onStage(newState, async (stage) => {
        await deliver(stage, before)
        await die(stage, death.at, batch)
        const incident = (await stage.store.readIncidents([keyOf(next)])).get(keyOf(next))
        expect(incident?.delivery.lease?.kind).toBe(isLeased ? action : undefined)
        const requests = stage.emulator.journal.length
        const atOnce = isLeased ? leased : death.left === 'all done' ? known : delivered
        expect(await stage.start().notify(batch)).toEqual(all(atOnce))
        if (isLeased) expect(stage.emulator.journal).toHaveLength(requests)
        stage.pass(60)
        const later = isUnknown ? repeated : isLeased ? delivered : known
        const last = stage.start()
        expect(await last.notify(batch)).toEqual(all(later))
        await stage.sweepUntilDelivered(last)
        expect(stage.texts()).toEqual(expected(texts))
        stage.pass(900)
        expect(await last.notify([next])).toEqual([updated])
        expect(stage.texts()).toEqual(expected(grown))
        await expectAllFree(stage)
      })
    })
  })

  aftermathScenarios(name, newState)
  freezeScenarios(name, newState)

  describe(`${name}: two processes at once`, { timeout }, () => {
    it('show each incident of the same batch once', () =>
      onStage(newState, async (stage) => {
        const batch = ['web', 'api', 'job'].map((app, offset) => crash(offset, { pod: `${app}-7d9f8c6b5-x2k4p` }))
        const ends = await Promise.all([stage.start(), stage.start()].map((child) => child.notify(batch)))
        for (const outcome of ends.flat())
          expect([shown, 'sent: already covered', known, leased, 'pending: rate limit']).toContain(outcome)
        await stage.sweepUntilDelivered()
        expect(stage.emulator.journal.map(({ method }) => method)).toEqual(batch.map(() => 'sendMessage'))
        expect(new Set(stage.texts()).size).toBe(3)
        expect(stage.texts().join()).not.toContain(mark)
        await expectAllFree(stage)
      }))
  })
}
