import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { chatId, type TestApp } from '../support/app.ts'
import { readRecording } from '../support/recordings.ts'
import { expectLimitsKept, together } from '../support/scenarios.ts'
import { storm } from '../support/storm.ts'

const startAt = Date.parse('2026-11-24T00:00:00Z')

async function newState() {
  const folder = mkdtempSync(join(tmpdir(), 'storm-'))
  return {
    environment: { STATE: `sqlite:${join(folder, 'state.db')}` },
    remove: async () => rmSync(folder, { recursive: true }),
  }
}

interface Burst {
  at: number
  records: ConsumedRecord[]
}

/** Bursts arrive in batches of 100 while the sweep runs once a minute; then it goes on until nothing is pending. */
async function weather(app: TestApp, bursts: Burst[]): Promise<number[]> {
  const pending: number[] = []
  const { clock } = app
  let nextSweep = startAt + 60_000
  const until = async (time: number) => {
    while (nextSweep <= time) {
      if (clock.now() < nextSweep) await clock.sleep(nextSweep - clock.now())
      nextSweep = Math.max(nextSweep + 60_000, clock.now())
      pending.push((await app.sweep()).pending)
    }
    if (clock.now() < time) await clock.sleep(time - clock.now())
  }
  for (const { at, records } of bursts) {
    await until(startAt + at)
    for (let first = 0; first < records.length; first += 100)
      expect(await app.notify(records.slice(first, first + 100))).toEqual({ batchItemFailures: [] })
  }
  while (pending.at(-1) !== 0) await until(nextSweep)
  return pending
}

function figures(name: string, records: number, { emulator }: TestApp, pending: number[]): string {
  const { journal } = emulator
  const sends = journal.filter(({ method }) => method === 'sendMessage').length
  const minutes = Math.ceil(((journal.at(-1)?.endedAt ?? startAt) - startAt) / 60_000)
  const refused = journal.filter(({ status }) => status !== 200).length
  const places = [0, 5, 10, 15, 20, 30, 45].filter((minute) => minute < pending.length)
  const curve = places.map((minute) => `${minute + 1} min ${pending[minute]}`).join(', ')
  return `${name}: ${records} records, ${journal.length} requests (${sends} messages, ${journal.length - sends} edits), ${refused} refused, all shown after ${minutes} min; pending after ${curve}`
}

it.each([
  ['storm', storm({ startAt }).bursts],
  ['cluster-mixed', [{ at: 30_000, records: readRecording('cluster-mixed') }]],
])(
  '%s: everything is shown, no limit is exceeded, and nothing is refused',
  async (name, bursts) => {
    await together(newState, 1, { isPaced: true }, async (apps) => {
      const [app] = apps as [TestApp]
      const pending = await weather(app, bursts)
      expectLimitsKept(app)
      const records = bursts.flatMap((burst) => burst.records)
      expect(app.log.filter(({ message }) => message === 'record')).toHaveLength(records.length)
      if (name === 'storm') {
        expect(records).toHaveLength(4_000)
        expect(app.emulator.messages(chatId)).toHaveLength(storm({ startAt }).incidents)
        const total = app.emulator
          .messages(chatId)
          .reduce((sum, { text }) => sum + Number(/×([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? 1), 0)
        expect(total).toBe(4_000)
      }
      console.log(figures(name, records.length, app, pending))
    })
  },
  120_000,
)
