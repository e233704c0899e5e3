import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import type { Interceptor } from '../../lib/adapters/store/intercept.ts'
import type { ChatSetup } from '../../lib/emulator/chats.ts'
import type { Fault } from '../../lib/emulator/faults.ts'
import type { Emulator } from '../../lib/emulator/server.ts'
import type { VirtualClock } from '../../lib/emulator/virtual-clock.ts'
import type { Clock } from '../../lib/pipeline/ports.ts'
import { orOutage, StateUnavailable, type Store } from '../../lib/pipeline/ports.ts'
import { startApp, type TestApp } from './app.ts'
import type { Disorder, DisorderlyState } from './disorder.ts'
import { below, openEventSource, type Team, type Written } from './event-source.ts'
import { drive } from './mapping.ts'
import { openRights, type Rights } from './rights.ts'
import { random } from './shuffle.ts'

const rounds = 4
const workers = 3
const batchesOfRound = 5
const minute = 60_000
const hour = 60 * minute

/** The chats: a healthy one, one that removes the bot, one with more incidents than its rate limit allows, and a group that is upgraded. */
export const chats = { healthy: -1001, dead: -1002, flooded: -1003, group: -4 } as const
const upgradedGroup = -1004

/** The target of each chat that exists in the end, by the chat's id. */
export const targets = new Map([
  ...Object.values(chats).map((id): [number, number] => [id, id]),
  [upgradedGroup, chats.group],
])

export const chatsOf: Record<Team, (keyof typeof chats)[]> = {
  healthy: ['healthy'],
  dead: ['dead'],
  flooded: ['flooded'],
  group: ['group'],
  both: ['healthy', 'dead'],
}

const routes = Object.entries(chatsOf).map(([team, names]) => ({
  match: { name: `${team}-*` },
  to: names.map((name) => String(chats[name])),
}))
const rules = JSON.stringify({ defaults: false, routes })

/** The result after all returned records came again and everything was delivered. */
export interface Aftermath {
  emulator: Emulator
  clock: VirtualClock
  rights: Rights
  /** The store without injected faults. */
  store: Store
  /** The events that were written, each once. */
  written: Written[]
  /** By offset: how many items had been deleted when the last batch that accepted the record began. */
  taken: Map<string, number>
  /** No clock was wrong by more than half a second. Then no limit is exceeded and no lease is taken over. */
  isOnTime: boolean
  /** After how many minutes each chat showed a new critical incident, once the clocks were right. */
  minutesUntilShown: Map<keyof typeof chats, number>
}

interface Scene extends Omit<Aftermath, 'minutesUntilShown' | 'store'> {
  source: ReturnType<typeof openEventSource>
  disorder: Disorder
  /** Without `next`, the process has no faults. */
  startProcess: (next?: () => number) => Promise<Process>
  /** Records that were returned and did not come again yet. */
  returned: ConsumedRecord[]
}

/**
 * Three parallel workers on one store and four chats, in virtual time, with wrong clocks; a store that is slow, fails before or after a call, has a
 * lagging index and loses items; processes that never answer again; Telegram's faults; a chat that removes the bot, and a group that is upgraded;
 * late and repeated records; quiet times. The same seed has the same result.
 */
export async function afterChaos(
  seed: number,
  newState: DisorderlyState,
  look: (aftermath: Aftermath) => Promise<void>,
): Promise<void> {
  const { environment, remove, disorder } = await newState()
  const setups = Object.entries(chats).map(([title, id]): ChatSetup => ({ id, type: 'supergroup', title }))
  const common = { environment, rules, targets: [String(chats.healthy)] }
  // Unpaced, so that the program alone has to respect Telegram's limits.
  const first = await startApp({ ...common, chats: setups })
  const { clock, emulator } = first
  const apps = [first]
  const rights = openRights(clock)
  const source = openEventSource(clock)
  const offsets = offsetsOf(seed)
  let opened: Store | undefined

  async function startProcess(next?: () => number): Promise<Process> {
    const life = newLife()
    const own = next ? shifted(clock, oneOf(offsets, next)) : clock
    const { decorate, after } = next ? rights.watch(own, troubled(life, next, clock)) : rights.watch(own)
    const lag = next ? below(10_000, next) : 0
    const app = await startApp({
      ...common,
      beside: { ...first, clock: { ...clock, ...own, after } },
      decorate(store) {
        opened = decorate(next ? disorder.lagging(store, clock, lag) : store)
        return opened
      },
    })
    apps.push(app)
    return { app, life }
  }

  const scene: Scene = {
    ...{ emulator, clock, rights, source, written: source.written, disorder, startProcess },
    ...{ taken: new Map(), returned: [], isOnTime: offsets.every((offset) => Math.abs(offset) <= 500) },
  }
  try {
    for (let round = 0; round < rounds; round += 1) {
      const [own = () => 0, ...others] = Array.from({ length: workers + 1 }, (_, worker) =>
        random((seed * rounds + round) * 10 + worker),
      )
      if (round === 2) setupOf(scene, 'group').migratedTo = upgradedGroup
      await Promise.all(others.map((next) => work(scene, next)))
      const pauses = scene.isOnTime ? quietMilliseconds : quietMilliseconds.slice(0, 3)
      await clock.sleep(oneOf(pauses, own))
    }
    delete setupOf(scene, 'dead').state
    const { app } = await startProcess()
    const minutesUntilShown = await showAll(scene, app)
    // Everything that a clock ahead of all others has delayed is due by then.
    await clock.sleep(Math.max(0, ...offsets))
    await drive(scene.returned, (event) => app.notify(event), {
      reading: 'retries the named only',
      isBisecting: true,
      batchSize: 50,
      consumers: workers,
      next: random(seed),
    })
    for (const { offset } of scene.returned) scene.taken.set(offset, rights.deletions.length)
    await app.sweepUntilDelivered(1_000)
    if (opened) await look({ ...scene, store: opened, minutesUntilShown })
  } finally {
    for (const each of apps.reverse()) await each.close()
    await remove()
  }
}

// The last is longer than an incident is stored by a clock that is a day behind.
const quietMilliseconds = [0, 600_000, 2_400_000, 20_000_000]

/** Clock errors, all equally likely. Two clocks that are two days apart would let incidents that are stored for 48 h expire at once. */
function offsetsOf(seed: number): number[] {
  const near = [0, 0, 0, 0, 400, -400]
  if (seed % 2 === 1) return near
  const day = 24 * hour
  return [...near, hour, -hour, seed % 4 === 0 ? day : -day]
}

function shifted({ sleep, after, now }: Clock, milliseconds: number): Clock {
  return { sleep, after, now: () => now() + milliseconds }
}

function setupOf({ emulator }: Pick<Scene, 'emulator'>, name: keyof typeof chats): ChatSetup {
  const chat = emulator.chats.get(chats[name])
  if (!chat) throw new Error(`no chat ${name}`)
  return chat.setup
}

const mostMinutes = 60

/** One new critical incident for each chat, and sweeps by a process with the right time. */
async function showAll({ emulator, clock, source, returned, taken, rights }: Scene, app: TestApp) {
  const shown = new Map<keyof typeof chats, number>()
  const names = Object.keys(chats) as (keyof typeof chats)[]
  const records = names.map((name) => source.outOfMemory(name, 'last'))
  const { batchItemFailures } = await app.notify(records)
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier.offset))
  for (const record of records) {
    if (failed.has(Number(record.offset))) returned.push(record)
    else taken.set(record.offset, rights.deletions.length)
  }
  const startedAt = clock.now()
  for (let minutes = 0; minutes < mostMinutes && shown.size < names.length; minutes += 1) {
    const texts = emulator.messages().map(({ text }) => text)
    for (const name of names) {
      const isShown = texts.some((text) => text.includes(`${name}-last`))
      if (isShown && !shown.has(name)) shown.set(name, minutes)
    }
    await app.sweep()
    await clock.sleep(Math.max(0, startedAt + (minutes + 1) * minute - clock.now()))
  }
  return shown
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

/** Handles one batch after another, each in a process of its own. */
async function work(scene: Scene, next: () => number) {
  const { emulator, clock, source, startProcess, returned } = scene
  for (let batch = 0; batch < batchesOfRound; batch += 1) {
    const process = await startProcess(next)
    const again = returned.splice(0, below(3, next))
    const fresh = Array.from({ length: 1 + below(12, next) }, () => source.draw(next))
    const flood = next() < 0.1 ? source.flood(30, next) : []
    const records = [...again, ...fresh, ...flood]
    if (next() < 0.4) emulator.inject(oneOf(faults, next))
    if (next() < 0.3) setupOf(scene, 'dead').state = 'kicked'
    else if (next() < 0.1) delete setupOf(scene, 'dead').state
    const end = await Promise.race([deliver(scene, process, records, next), process.life.end])
    returned.push(...(end === 'dead' ? records : end))
    await clock.sleep(below(20_000, next))
  }
}

/** Resolves with the records that are returned after a few tries. */
async function deliver(
  { rights, disorder, taken }: Scene,
  { app, life }: Process,
  records: ConsumedRecord[],
  next: () => number,
): Promise<ConsumedRecord[]> {
  let left = records
  for (let tries = 0; tries < 3 && left.length > 0; tries += 1) {
    const before = rights.deletions.length
    const { batchItemFailures } = await app.notify(left, 30_000)
    if (life.isDead) return records
    const offsets = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier.offset))
    for (const { offset } of left)
      if (!offsets.has(Number(offset))) taken.set(offset, Math.max(before, taken.get(offset) ?? 0))
    left = left.filter(({ offset }) => offsets.has(Number(offset)))
    const deleted = next() < 0.12 ? await disorder.deleteOne(next) : undefined
    if (deleted) rights.forget(deleted)
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
  /** Its store is unavailable until then. */
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

/** Each call may be slow, fail before or after it is carried out, or hang with all later calls. */
function troubled(life: Life, next: () => number, clock: Clock): Interceptor {
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
  return async (_, call) => {
    await pass()
    const answer = await call()
    await pass()
    return answer
  }
}

function oneOf<Item>(items: readonly Item[], next: () => number): Item {
  return items[below(items.length, next)] as Item
}
