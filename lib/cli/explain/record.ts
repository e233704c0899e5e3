import type { KubeEvent } from '../../core/event/event.ts'
import { withoutFutureTimes } from '../../core/event/future.ts'
import { namespaceOf } from '../../core/event/workload.ts'
import { toTargetedEvent } from '../../core/incident/fold.ts'
import { keysOf } from '../../core/incident/identity.ts'
import { shortId } from '../../core/incident/key.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { Routing } from '../../core/routing/router.ts'
import type { Ruleset } from '../../core/routing/ruleset.ts'
import type { Target } from '../../core/routing/target.ts'
import type { Annotate } from '../../pipeline/annotations.ts'
import { readDocument } from '../../pipeline/ports.ts'
import type { Incidents } from '../inspect/incidents.ts'
import type { InputRecord } from '../inspect/input.ts'
import type { Tools } from '../inspect/tools.ts'
import { isoOf, oneLine } from '../inspect/words.ts'
import { type ExplainedRouting, type RuleVerdict, routeAloud, type Trial } from './routing.ts'
import type { ReadOnlyStore } from './state.ts'
import { explainTarget, incidentStateText, type TargetExplanation } from './target.ts'

/** The explanation of a record. Texts of events are in one line, without control characters. */
export interface Explanation {
  place: string
  /** The moment for which the explanation holds, an ISO time. */
  asOf: string | null
  /** Why the value is no event, and its beginning. */
  problem: { why: string; value: string } | null
  event: { type: string; reason: string; object: string; message: string; at: string | null; claimedAt?: string } | null
  cause: string | null
  severity: string | null
  workload: string | null
  cluster: string | null
  tried: Trial[]
  decided: RuleVerdict | null
  resolves: { cause: string; target: string; incident: string; state: string }[]
  /** The targets of a suppressed record. */
  targets: { target: string; routes: string[] }[]
  /** The outcome of a record that is rejected or suppressed. */
  outcome: string | null
  deliveries: TargetExplanation[]
}

export interface ExplainContext {
  tools: Tools
  ruleset: Ruleset
  timeZone: string
  hasIncidents: boolean
  incidents: Incidents
  stored: ReadOnlyStore
  /** The chats that were read so far. */
  chats: Map<string, ChatState | undefined>
  /** Annotations of other incidents as of `now`. */
  annotateAt: (now: number) => Annotate
}

/** Explains a record as of `now` and applies it to the incidents. */
export async function explainRecord(
  { record, decoded, isPlaced }: InputRecord,
  now: number,
  context: ExplainContext,
): Promise<Explanation> {
  const { topic, partition, offset, value } = record
  const place = isPlaced ? `${oneLine(topic)}/${partition}/${offset}` : `event ${offset + 1}`
  const common = { place, asOf: isoOf(now) ?? null }
  if ('problem' in decoded) {
    const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
    return {
      ...common,
      ...nothing,
      problem: { why: decoded.problem, value: oneLine(text) },
      outcome: `rejected: ${decoded.problem}`,
    }
  }
  const { tools, ruleset, timeZone, incidents, stored, hasIncidents } = context
  const event = withoutFutureTimes(decoded.event, now)
  const routed = routeAloud(event, tools.clusterOf(topic), { ruleset, route: tools.route, timeZone, now })
  const { routing, tried, verdict, leads } = routed
  const { facts, ruling, targets } = routing
  const deliveries =
    ruling.action === 'show'
      ? targets.map((target) => ({
          target,
          ruling,
          delivery: toTargetedEvent({ record, facts, target, ruling }, hasIncidents),
        }))
      : []
  const resolutions = hasIncidents ? resolutionsOf(routing) : []
  const annotations = hasIncidents ? context.annotateAt(now)({ record, routing }) : []
  const keys = [...deliveries.map(({ delivery }) => delivery.key), ...annotations.map(({ key }) => key)]
  const unknown = keys.filter((key) => incidents.find(key) === undefined)
  if (unknown.length > 0) incidents.load(await stored.readIncidents(unknown, now))
  const shown = []
  for (const { target, ruling, delivery } of deliveries) {
    const chat = await chatOf(target, context)
    const where = { target, ruling, chat, routes: leads.get(target.name) ?? [] }
    shown.push(explainTarget(incidents.deliver(delivery, now), where, { tools, timeZone, now }))
  }
  const resolves = resolutions.map(({ cause, target, key }) => ({
    cause: oneLine(cause),
    target: tools.nameOf(target),
    incident: shortId(key),
    state: incidentStateText(incidents.find(key), incidents.isStored(key), { timeZone }),
  }))
  for (const { key, annotate } of annotations) incidents.annotate(key, annotate, now)
  return {
    ...common,
    ...nothing,
    ...about(event, routing),
    tried,
    decided: verdict,
    resolves,
    deliveries: shown,
    ...(ruling.action === 'show' ? {} : suppressed(routed, context)),
  }
}

async function chatOf({ chat }: Target, { chats, stored }: ExplainContext): Promise<ChatState | undefined> {
  if (!chats.has(chat)) chats.set(chat, (await readDocument(stored.chats, chat))?.value)
  return chats.get(chat)
}

const nothing: Omit<Explanation, 'place' | 'asOf'> = {
  problem: null,
  event: null,
  cause: null,
  severity: null,
  workload: null,
  cluster: null,
  tried: [],
  decided: null,
  resolves: [],
  targets: [],
  outcome: null,
  deliveries: [],
}

function about(event: KubeEvent, { facts: { cause, workload, cluster }, ruling }: Routing): Partial<Explanation> {
  const { kind, name } = event.involvedObject
  const namespace = namespaceOf(event)
  const claimedAt = isoOf(event.claimedAt)
  const path = [namespace, name].filter((part) => part !== '').join('/')
  return {
    event: {
      type: oneLine(event.type),
      reason: oneLine(event.reason),
      object: oneLine(`${kind} ${path}`, 300),
      message: oneLine(event.message),
      at: isoOf(event.at) ?? null,
      ...(claimedAt === undefined ? {} : { claimedAt }),
    },
    cause: oneLine(cause.name),
    severity: ruling.action === 'show' ? ruling.severity : cause.severity,
    workload: oneLine(`${workload.kind}/${workload.name}`, 300),
    cluster: oneLine(cluster),
  }
}

function suppressed(
  { routing, verdict, leads }: ExplainedRouting,
  { tools, hasIncidents }: ExplainContext,
): Partial<Explanation> {
  const { ruling, targets, resolves } = routing
  const why = ruling.action === 'mute' ? `muted by ${verdict.name}` : `dropped by rule ${verdict.name}`
  return {
    outcome: `skipped: ${resolves.length > 0 && hasIncidents ? `recovery (${why})` : why}`,
    targets: targets.map((target) => ({ target: tools.nameOf(target), routes: leads.get(target.name) ?? [] })),
  }
}

function resolutionsOf({ facts, resolves }: Routing) {
  const keyOf = keysOf(facts)
  return resolves.flatMap(({ cause, targets }) =>
    targets.map((target) => ({ cause, target, key: keyOf(cause, target) })),
  )
}
