import type { Clock } from '../clock.ts'
import type { KafkaRecord } from '../event/record.ts'
import { compareSeverity } from '../event/severity.ts'
import type { Incident, Renderer } from '../incident/incident.ts'
import { orOutage, type Store } from '../incident/store.ts'
import type { Target } from '../route/target.ts'
import { openBudget } from './budget.ts'
import type { TelegramClient } from './client.ts'
import type { Lanes } from './lane.ts'
import { pay, unshown } from './pay.ts'
import { type End, type PayContext, type RefusedTarget, type Run, startRun } from './run.ts'

/** An incident that may owe something. */
export interface Item {
  target: Target
  /** As it was read or saved last. */
  incident: Incident
  /** The records of this batch that wait for it. */
  records: KafkaRecord[]
}

export interface Report {
  /** One for each item, by its incident's key. */
  ends: Map<string, End>
  requests: number
  edits: number
  rateLimited: number
  reclaimed: number
  /** What an operator should mend: a chat that refuses, a group that has a new id. Each said once. */
  notices: string[]
  refusedTargets: RefusedTarget[]
  /** What Telegram said when it refused the token: the invocation has to fail. */
  refusedToken: string | undefined
}

/** `patienceUntil`: how long a lane waits for a slot or a cool-down. Times in ms since the epoch. */
export type Deliver = (items: Item[], limits: { deadline: number; patienceUntil: number }) => Promise<Report>

export interface DeliverDependencies {
  store: Store
  client: TelegramClient
  renderer: Renderer
  clock: Clock
  /** Another text each time, in all processes. */
  newToken: () => string
}

/**
 * Pays what incidents owe: one lane per chat, worst first (each record its own incident: in the given order), one request at a time.
 * Ends before `deadline`. Rejects for bugs only, after every lane has ended.
 */
export function createDeliver(lanes: Lanes, dependencies: DeliverDependencies): Deliver {
  return async (items, { deadline, patienceUntil }) => {
    const run = startRun(deadline, patienceUntil)
    const ends = new Map<string, End>()
    const [owed, settled] = parted(items, ({ incident }) => incident.owedSince !== undefined)
    for (const { incident } of settled)
      ends.set(incident.key, { result: nothing(incident, dependencies), milliseconds: 0 })
    const ended = await Promise.allSettled(
      [...Map.groupBy(owed, ({ target }) => target.chat)].map(([chat, lane]) =>
        runLane(chat, lane, { lanes, run, ends, dependencies }),
      ),
    )
    dependencies.client.close()
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    const { requests, edits, rateLimited, reclaimed, notices, refusedTargets, refusedToken } = run
    const counts = { requests, edits, rateLimited, reclaimed }
    return { ends, ...counts, notices: [...notices], refusedTargets, refusedToken }
  }
}

interface LaneRun {
  lanes: Lanes
  run: Run
  ends: Map<string, End>
  dependencies: DeliverDependencies
}

async function runLane(chat: string, items: Item[], { lanes, run, ends, dependencies }: LaneRun): Promise<void> {
  const { clock, store, newToken } = dependencies
  const giveBack = await lanes.take(chat, run.deadline)
  const isInTime = giveBack !== undefined && clock.now() < run.deadline
  const late = unshown(dependencies, isInTime ? 'state unavailable' : 'deadline')
  try {
    const opened = isInTime ? await orOutage(() => openBudget(chat, store, newToken)) : undefined
    const budget = opened && 'value' in opened ? opened.value : undefined
    const context = budget && { ...dependencies, budget, run }
    for (const item of worstFirst(items)) {
      const startedAt = clock.now()
      const result = context ? await turn(item, context) : late
      if (result.outcome === 'deferred') for (const { mapKey } of item.records) run.deferredPartitions.add(mapKey)
      ends.set(item.incident.key, { result, milliseconds: clock.now() - startedAt })
    }
    // A slot that is not given back frees itself.
    if (budget && clock.now() < run.deadline) await orOutage(budget.close)
  } finally {
    giveBack?.()
  }
}

async function turn({ incident, target, records }: Item, context: PayContext): Promise<End['result']> {
  const { store, run } = context
  const isBehind = records.length > 0 && records.every(({ mapKey }) => run.deferredPartitions.has(mapKey))
  if (!store.isDurable && isBehind) return unshown(context, 'behind')
  if (run.refusedToken !== undefined) return unshown(context, 'token refused', run.refusedToken)
  const halted = run.haltedChats.get(target.chat)
  if (halted) return unshown(context, halted.why, halted.detail)
  const result = await pay(incident, target, context)
  // Where no record waits there is nothing to give back to Kafka.
  return result.outcome === 'deferred' && records.length === 0 ? unshown(context, result.why, result.detail) : result
}

function nothing(
  { refused, merged, identity, isBelow, held }: Incident,
  { renderer }: DeliverDependencies,
): End['result'] {
  if (isBelow) return { outcome: 'nothing', why: 'below atLeast' }
  const isRefused =
    refused !== undefined &&
    (merged.events.length === 0 || renderer.text({ identity, merged, ...(held ? { held } : {}) }).hash === refused)
  return { outcome: 'nothing', why: isRefused ? 'text refused' : 'shown' }
}

/** Records that are incidents of their own stay in order: by partition and offset. */
function worstFirst(items: Item[]): Item[] {
  if (items.some(({ incident }) => incident.identity.record !== undefined)) return items
  const isNew = ({ incident }: Item) => (incident.shown ? 0 : 1)
  const owedSince = ({ incident }: Item) => incident.owedSince ?? 0
  return items.toSorted(
    (a, b) =>
      compareSeverity(b.incident.merged.severity, a.incident.merged.severity) ||
      isNew(b) - isNew(a) ||
      owedSince(a) - owedSince(b),
  )
}

function parted<Value>(values: Value[], isFirst: (value: Value) => boolean): [Value[], Value[]] {
  return [values.filter(isFirst), values.filter((value) => !isFirst(value))]
}

/** Telegram does not know the token, or nothing of the Bot API answers at the API root. */
export class TokenRefused extends Error {
  constructor(said: string) {
    super(
      `Telegram refuses the bot token (${said}): check TELEGRAM_BOT_TOKEN, or the parameter or secret that holds it, and TELEGRAM_API_ROOT`,
    )
    this.name = 'TokenRefused'
  }
}
