import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { envelope, event, record } from '../support/records.ts'
import { cpuMilliseconds, median } from './processes.ts'
import { measureRouting } from './rules.ts'

export interface Growth {
  what: string
  few: number
  many: number
  /** Microseconds per unit with few and with many units. */
  microseconds: { few: number; many: number }
  /** The ratio of the two. */
  ratio: number
  unit: string
}

const rounds = 3

/** The cost per unit when there is ten times as much. Chats have no rate limit and time is virtual, so that only work is measured. */
export async function measureGrowth(): Promise<Growth[]> {
  const incidents = await compare(1, 500, 5_000, withIncidents)
  return [
    growth('records', 'a record of 20 incidents', await compare(rounds, 1_000, 10_000, only(withRecords))),
    growth('rules', 'a rule, for each record', await compare(rounds, 100, 1_000, only(measureRouting))),
    growth('pending incidents', 'one of a chat that is shown', await compare(1, 500, 5_000, only(withPending))),
    growth('new incidents', 'one of 60 chats until it is shown', part(incidents, 0)),
    growth('open incidents', 'one that a record is merged into', part(incidents, 1)),
    growth('targets', 'a target, for each record', await compare(rounds, 6, 60, only(withTargets))),
  ]
}

interface Compared {
  few: number
  many: number
  /** Microseconds per unit, of several measurements. */
  taken: { few: number[]; many: number[] }[]
}

/** Measures both in turn, so that a slow moment of the machine affects both. */
async function compare(
  times: number,
  few: number,
  many: number,
  measure: (count: number) => Promise<number[]>,
): Promise<Compared> {
  const taken: Compared['taken'] = []
  for (let round = 0; round < times; round += 1) {
    const [first, second] = [await measure(few), await measure(many)]
    taken.push({ few: first, many: second })
  }
  return { few, many, taken }
}

function only(measure: (count: number) => number | Promise<number>) {
  return async (count: number) => [await measure(count)]
}

function part({ taken, ...counts }: Compared, at: number): Compared {
  return {
    ...counts,
    taken: taken.map(({ few, many }) => ({ few: few.slice(at, at + 1), many: many.slice(at, at + 1) })),
  }
}

function growth(what: string, unit: string, { few, many, taken }: Compared): Growth {
  const first = (values: number[]) => values[0] ?? Number.NaN
  const ratio = median(taken.map((one) => first(one.many) / first(one.few)))
  const microseconds = {
    few: median(taken.map((one) => first(one.few))),
    many: median(taken.map((one) => first(one.many))),
  }
  return { what, unit, few, many, microseconds, ratio }
}

/** Microseconds of CPU for each of `count`. */
async function timed(count: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuMilliseconds()
  await work()
  return ((cpuMilliseconds() - before) / count) * 1_000
}

function recordOf(number: number, workload: string, namespace = 'shop'): ConsumedRecord {
  const involvedObject = { kind: 'Pod', namespace, name: `${workload}-7d9f8c6b5-${suffix(number)}` }
  return record(number, { value: envelope(event(number, { involvedObject })) })
}

// The letters at the end of a pod's name.
const letters = 'bcdfghjklmnpqrstvwxz2456789'

function suffix(number: number): string {
  return Array.from(
    { length: 5 },
    (_, place) => letters[Math.floor(number / letters.length ** place) % letters.length],
  ).join('')
}

/** Records of 20 incidents that are already shown, so that reading and merging is measured. */
async function withRecords(count: number): Promise<number> {
  return inApp({ chats: 1 }, async (app) => {
    const records = (first: number) =>
      Array.from({ length: count }, (_, index) => recordOf(first + index, `web${(first + index) % 20}`))
    await app.notify(records(0).slice(0, 20))
    await app.sweepUntilDelivered()
    return timed(count, () => app.notify(records(count)))
  })
}

/** Pending incidents of one chat. Each sweep has time to show about twenty of them. */
async function withPending(count: number): Promise<number> {
  return inApp({ chats: 1 }, async (app) => {
    await app.notify(Array.from({ length: count }, (_, index) => recordOf(index, `web${index}`)))
    const before = app.emulator.messages().length
    const sweeps = async () => {
      for (let minute = 0; minute < 5; minute += 1) {
        await app.sweep()
        await app.clock.sleep(60_000)
      }
    }
    const microseconds = await timed(1, sweeps)
    return microseconds / (app.emulator.messages().length - before)
  })
}

/**
 * New incidents in 60 chats until all of them are shown: a batch leaves most of them pending, and each sweep reads them again. Then one more
 * record for each of them while none is due.
 */
async function withIncidents(count: number): Promise<number[]> {
  const chats = 60
  return inApp({ chats }, async (app) => {
    const notify = (round: number) =>
      app.notify(
        Array.from({ length: count }, (_, index) =>
          recordOf(round * count + index, `web${index}`, `team-${index % chats}`),
        ),
      )
    const shown = await timed(count, async () => {
      await notify(0)
      await app.sweepUntilDelivered()
    })
    // These are shown at once and use up the slots.
    await app.clock.sleep(hour)
    await notify(1)
    await app.sweepUntilDelivered()
    return [shown, await timed(count, () => notify(2))]
  })
}

const hour = 3_600_000

/** A hundred records for each of the targets, in incidents that are already shown there. */
async function withTargets(count: number): Promise<number> {
  const records = 100
  const rules = `routes: [{ to: [${chatIds(count).map((id) => `"${id}"`)}] }]`
  return inApp({ chats: count, rules }, async (app) => {
    await app.notify([recordOf(0, 'web')])
    await app.sweepUntilDelivered()
    const more = Array.from({ length: records }, (_, index) => recordOf(index + 1, 'web'))
    return timed(count * records, () => app.notify(more))
  })
}

function chatIds(count: number): number[] {
  return Array.from({ length: count }, (_, number) => -1_001_000_000_001 - number)
}

async function inApp<Result>(
  { chats, rules }: { chats: number; rules?: string },
  work: (app: TestApp) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-growth-'))
  const ids = chatIds(chats)
  const routes = ids.map((id, number) => `  - { match: { namespace: team-${number} }, to: "${id}" }`)
  const app = await startApp({
    environment: { STATE: `sqlite:${join(folder, 'state.db')}`, LOG_LEVEL: 'error' },
    chats: ids.map((id): ChatSetup => ({ id, type: 'supergroup', title: String(id) })),
    targets: [String(ids[0])],
    rules: rules ?? `defaults: false\nroutes:\n${routes.join('\n')}\n`,
  })
  try {
    return await work(app)
  } finally {
    await app.close()
    rmSync(folder, { recursive: true })
  }
}
