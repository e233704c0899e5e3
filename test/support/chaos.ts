import type { Clock } from '../../lib/clock.ts'
import { orOutage, StateUnavailable, type Store } from '../../lib/incident/store.ts'
import type { ConsumedRecord } from '../../lib/kafka/event.ts'
import type { Fault } from '../../lib/standin/faults.ts'
import type { Standin } from '../../lib/standin/server.ts'
import type { VirtualClock } from '../../lib/standin/virtual-clock.ts'
import { aroundStore } from '../../lib/state/around.ts'
import { startApp, type TestApp } from './app.ts'
import { drive } from './mapping.ts'
import { below, openNews } from './news.ts'
import { openRights, type Rights } from './rights.ts'
import type { NewState } from './scenarios.ts'
import { random } from './shuffle.ts'

const rounds = 4
const workers = 3
const batchesOfRound = 5
const quietMilliseconds = [0, 600_000, 2_400_000, 20_000_000]

/** What is left when it is over: all that went back to Kafka has come again, and all is paid. */
export interface Aftermath {
  standin: Standin
  clock: VirtualClock
  rights: Rights
  /** The Events that were written, each once. */
  events: Record<string, unknown>[]
}

interface Scene extends Aftermath {
  draw: (next: () => number) => ConsumedRecord
  /** Without `next` nothing happens to it. */
  startProcess: (next?: () => number) => Promise<Process>
  /** What went back to Kafka, and has not come again. */
  returned: ConsumedRecord[]
}

/**
 * Three workers at once on one state and one chat, in virtual time: a state that is slow, away, or away once it has done what was asked;
 * processes that never answer again; Telegram's faults; records late and repeated; quiet times. The same for the same seed.
 */
export async function afterChaos(seed: number, newState: NewState, look: (aftermath: Aftermath) => Promise<void>) {
  const { environment, remove } = await newState()
  // Unpaced: what keeps within Telegram's limits is the program alone.
  const first = await startApp({ environment })
  const { clock, standin } = first
  const apps = [first]
  const rights = openRights(clock)

  async function startProcess(next?: () => number): Promise<Process> {
    const life = newLife()
    const { decorate, after } = rights.watch()
    const app = await startApp({
      environment,
      beside: { ...first, clock: { ...clock, after } },
      decorate: (store) => (next ? troubled(decorate(store), life, next, clock) : decorate(store)),
    })
    apps.push(app)
    return { app, life }
  }

  const scene: Scene = { standin, clock, rights, ...openNews(clock), startProcess, returned: [] }
  try {
    for (let round = 0; round < rounds; round += 1) {
      const [own = () => 0, ...others] = Array.from({ length: workers + 1 }, (_, worker) =>
        random((seed * rounds + round) * 10 + worker),
      )
      await Promise.all(others.map((next) => work(scene, next)))
      await clock.sleep(oneOf(quietMilliseconds, own))
    }
    const { app } = await startProcess()
    const invoke = (event: unknown) => app.notify(event)
    await drive(scene.returned, invoke, { reading: 'retries the named only', isBisecting: true, batchSize: 50 })
    await app.paid()
    await look(scene)
  } finally {
    for (const each of apps.reverse()) await each.close()
    await remove()
  }
}

const unparsed = { ok: false, error_code: 400, description: "Bad Request: can't parse entities: a test" }
const faults: Fault[] = [
  { kind: 'too many requests', retryAfter: 7 },
  { kind: 'too many requests', retryAfter: 90 },
  { kind: 'internal error', times: 2 },
  { kind: 'bad gateway', isAccepted: true },
  { kind: 'bad gateway', isAccepted: false },
  { kind: 'reset', isAccepted: true },
  { kind: 'reset', isAccepted: false },
  { kind: 'answer', status: 400, body: unparsed },
]

/** One batch after another, each by a process of its own. */
async function work({ standin, clock, draw, startProcess, returned }: Scene, next: () => number) {
  for (let batch = 0; batch < batchesOfRound; batch += 1) {
    const process = await startProcess(next)
    const again = returned.splice(0, below(3, next))
    const records = [...again, ...Array.from({ length: 1 + below(12, next) }, () => draw(next))]
    if (next() < 0.4) standin.inject(oneOf(faults, next))
    const end = await Promise.race([deliver(process, records, next), process.life.end])
    returned.push(...(end === 'dead' ? records : end))
    await clock.sleep(below(20_000, next))
  }
}

/** What goes back to Kafka after a few tries. */
async function deliver({ app }: Process, records: ConsumedRecord[], next: () => number): Promise<ConsumedRecord[]> {
  let left = records
  for (let tries = 0; tries < 3 && left.length > 0; tries += 1) {
    const { batchItemFailures } = await app.notify(left, 30_000)
    const offsets = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier.offset))
    left = left.filter(({ offset }) => offsets.has(Number(offset)))
  }
  if (next() < 0.4) await orOutage(() => app.sweep(30_000))
  return left
}

interface Process {
  app: TestApp
  life: Life
}

interface Life {
  isDead: boolean
  die: () => void
  end: Promise<'dead'>
  /** Its state is not there before. */
  awayUntil: number
}

function newLife(): Life {
  const { promise: end, resolve } = Promise.withResolvers<'dead'>()
  const life: Life = { isDead: false, die, end, awayUntil: 0 }
  function die() {
    life.isDead = true
    resolve('dead')
  }
  return life
}

/** Each call may take its time, fail before or after it is done, or never come back, nor any after it. */
function troubled(store: Store, life: Life, next: () => number, clock: Clock): Store {
  async function pass() {
    const chance = next()
    if (chance < 0.008) await clock.sleep(90_000)
    else if (chance < 0.015) await clock.sleep(below(20_000, next))
    else if (chance < 0.2) await clock.sleep(below(300, next))
    else for (let turns = below(5, next); turns > 0; turns -= 1) await Promise.resolve()
    if (next() < 0.006) life.die()
    if (life.isDead) await new Promise<never>(() => {})
    if (next() < 0.01) life.awayUntil = clock.now() + 1 + below(2, next) * below(5_000, next)
    if (clock.now() < life.awayUntil) throw new StateUnavailable('a test')
  }
  return aroundStore(store, async (_, call) => {
    await pass()
    const answer = await call()
    await pass()
    return answer
  })
}

function oneOf<Item>(items: Item[], next: () => number): Item {
  return items[below(items.length, next)] as Item
}
