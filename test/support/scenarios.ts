import { describe, expect, it } from 'vitest'
import { mostAcceptedIn } from '../../lib/emulator/journal.ts'
import { type AppOptions, chatId, startApp, type TestApp } from './app.ts'
import { readRecording } from './recordings.ts'
import { lastingText } from './records.ts'
import { random, shuffled, split } from './shuffle.ts'

/** The environment of an app with its own store, and a function that removes the store. */
export type NewState = () => Promise<{ environment: Record<string, string>; remove: () => Promise<void> }>

/** Runs several apps on one store and one chat, and closes them even after an error. */
export async function together<Result>(
  newState: NewState,
  count: number,
  options: AppOptions,
  work: (apps: TestApp[]) => Promise<Result>,
): Promise<Result> {
  const { environment, remove } = await newState()
  const first = await startApp({ ...options, environment: { ...environment, ...options.environment } })
  const apps = [first]
  try {
    while (apps.length < count)
      apps.push(await startApp({ ...options, environment: { ...environment, ...options.environment }, beside: first }))
    return await work(apps)
  } finally {
    for (const app of apps.reverse()) await app.close()
    await remove()
  }
}

const replaced = '↓ continues in a newer message'

/** The sorted texts of current messages, and the number of replaced ones. */
export function chatOf({ emulator }: TestApp): { living: string[]; older: number } {
  const texts = emulator.messages(chatId).map(({ text }) => lastingText(text))
  const living = texts.filter((text) => !text.includes(replaced))
  return { living: living.sort(), older: texts.length - living.length }
}

/** Expects that Telegram's limits were respected, as the emulator counts them. */
export function expectLimitsKept({ emulator }: TestApp) {
  const { journal } = emulator
  expect(mostAcceptedIn(journal, chatId, 60_000)).toBeLessThanOrEqual(20)
  expect(journal.filter(({ status }) => status === 429)).toEqual([])
  const starts = journal.filter(({ chatId: id }) => id === chatId).map(({ at }) => at)
  for (const [index, at] of starts.entries()) expect(at - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_100)
}

/** Scenarios for every durable store. */
export function sharedStateScenarios(name: string, newState: NewState) {
  describe(`${name}: the same chat`, () => {
    it('after the same batch five times, shuffled and split, from three concurrent handlers', async () => {
      const batch = readRecording('cluster-mixed').slice(0, 260)
      const clean = await together(newState, 1, { isPaced: true }, async ([app]) => {
        await app?.notify(batch)
        await app?.sweepUntilDelivered()
        return chatOf(app as TestApp)
      })
      const shared = await together(newState, 3, { isPaced: true }, async (apps) => {
        const next = random(20_261_124)
        const [first] = apps as [TestApp]
        const queue = Array.from({ length: 5 }, () => split(shuffled(batch, next), 80, next)).flat()
        await Promise.all(
          apps.map(async (app) => {
            for (let piece = queue.shift(); piece; piece = queue.shift())
              expect(await app.notify(piece)).toEqual({ batchItemFailures: [] })
          }),
        )
        await Promise.all(apps.map((app) => app.sweepUntilDelivered()))
        expectLimitsKept(first)
        expect(first.log.filter(({ outcome }) => outcome === 'returned')).toEqual([])
        return chatOf(first)
      })
      expect(shared.living).toEqual(clean.living)
      expect(shared.older).toBeLessThanOrEqual(clean.older)
      expect(clean.living.length).toBeGreaterThan(40)
    }, 120_000)
  })

  describe(`${name}: order`, () => {
    it.each([1, 2, 3])(
      'a recording of growing counts shows the highest count and never goes back (seed %i)',
      async (seed) => {
        const records = shuffled(readRecording('stub-growing'), random(seed))
        await together(newState, 1, { isPaced: true }, async (apps) => {
          const [app] = apps as [TestApp]
          for (let first = 0; first < records.length; first += 25) {
            expect(await app.notify(records.slice(first, first + 25))).toEqual({ batchItemFailures: [] })
            await app.clock.sleep(30_000)
          }
          await app.sweepUntilDelivered()
          const counts = new Map<number, number>()
          for (const { revisions, id } of app.emulator.messages(chatId)) {
            for (const { text } of revisions) {
              const count = Number(/×([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? 1)
              expect(count).toBeGreaterThanOrEqual(counts.get(id) ?? 0)
              counts.set(id, count)
            }
          }
          const clean = await together(newState, 1, {}, async ([other]) => {
            await other?.notify(readRecording('stub-growing'), 3_600_000)
            await other?.sweepUntilDelivered()
            return chatOf(other as TestApp)
          })
          expect(chatOf(app).living).toEqual(clean.living)
        })
      },
      60_000,
    )
  })
}
