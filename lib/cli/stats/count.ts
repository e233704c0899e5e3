import type { Config } from '../../app/config/config.ts'
import { withoutFutureTimes } from '../../core/event/future.ts'
import { namespaceOf } from '../../core/event/workload.ts'
import { toTargetedEvent } from '../../core/incident/fold.ts'
import type { Renderer } from '../../core/incident/incident.ts'
import type { Routing } from '../../core/routing/router.ts'
import { createAnnotate } from '../../pipeline/annotations.ts'
import { openIncidents } from '../inspect/incidents.ts'
import type { InputRecord } from '../inspect/input.ts'
import { openTools } from '../inspect/tools.ts'
import { oneLine } from '../inspect/words.ts'

/** What the rules do with a record. With several targets, the best counts. */
export type Effect = 'shown' | 'below atLeast' | 'dropped' | 'muted' | 'recovery' | 'repeated' | 'rejected'

export const suppressed: readonly Effect[] = ['below atLeast', 'dropped', 'muted', 'recovery']

export type EffectCounts = Partial<Record<Effect, number>>

export interface RecordCounts {
  records: number
  effects: EffectCounts
  /** Of those below atLeast: shown later, because their incident reached it. */
  shownLater: number
  rejected: Record<string, number>
  /** By the name of the rule or mute; '' if none decided. */
  rules: Map<string, { kind: 'rule' | 'mute'; effects: EffectCounts }>
  /** By namespace and workload. */
  talkers: Map<string, EffectCounts>
  /** Suppressed records by reason and rule. */
  reasons: Map<string, { reason: string; rule: string; count: number }>
  /** By hour since the epoch. */
  hours: Map<number, EffectCounts>
  incidents: { all: number; shown: number }
  messages: number
  edits: number
  from: number | undefined
  to: number | undefined
}

export interface Counter {
  add(given: InputRecord): void
  counted(): RecordCounts
}

/** Counts what the rules do with records. Uses the program's own steps, in memory. */
export function startCount(config: Config): Counter {
  const { hasIncidents, state } = config
  const tools = openTools(config)
  const renderer = withoutTexts()
  const counted: RecordCounts = {
    records: 0,
    effects: {},
    shownLater: 0,
    rejected: {},
    rules: new Map(),
    talkers: new Map(),
    reasons: new Map(),
    hours: new Map(),
    incidents: { all: 0, shown: 0 },
    messages: 0,
    edits: 0,
    from: undefined,
    to: undefined,
  }
  // By incident: how many of its records were below atLeast.
  const below = new Map<string, number>()
  const shown = new Set<string>()
  const incidents = openIncidents({
    renderer,
    present: (body, now) => ({ ...tools.present(body, now), textHash: renderer.text(body).hash }),
    isDurable: state.kind !== 'memory',
    onRequest(decision, { key, body: { generation } }) {
      shown.add(`${key} ${generation}`)
      counted.shownLater += below.get(key) ?? 0
      below.delete(key)
      if (decision.action === 'send') counted.messages += 1
      else counted.edits += 1
    },
  })
  let time = 0
  const clock = { now: () => time, sleep: async () => {}, after: () => () => {} }
  const annotate = createAnnotate({ router: tools.route, clock })

  function effectOf({ record }: InputRecord, routing: Routing, now: number): Effect {
    const { facts, ruling, targets, resolves } = routing
    time = now
    const annotations = hasIncidents ? annotate({ record, routing }) : []
    const effects =
      ruling.action !== 'show'
        ? []
        : targets.map((target): Effect => {
            const delivery = toTargetedEvent({ record, facts, target, ruling }, hasIncidents)
            const { outcome, isRepeated } = incidents.deliver(delivery, now)
            if (isRepeated || outcome.why === 'ended before') return 'repeated'
            if (outcome.why !== 'below atLeast') return 'shown'
            below.set(delivery.key, (below.get(delivery.key) ?? 0) + 1)
            return 'below atLeast'
          })
    for (const { key, annotate } of annotations) incidents.annotate(key, annotate, now)
    if (ruling.action !== 'show') return resolves.length > 0 && hasIncidents ? 'recovery' : suppressedBy[ruling.action]
    return best.find((effect) => effects.includes(effect)) ?? 'repeated'
  }

  return {
    add(given) {
      const { decoded, record } = given
      counted.records += 1
      if ('problem' in decoded) {
        raise(counted.effects, 'rejected')
        counted.rejected[decoded.problem] = (counted.rejected[decoded.problem] ?? 0) + 1
        return
      }
      const now = given.arrivedAt ?? decoded.event.at ?? 0
      const event = withoutFutureTimes(decoded.event, now)
      const routing = tools.route(event, tools.clusterOf(record.topic), now)
      const effect = effectOf(given, routing, now)
      raise(counted.effects, effect)
      const { ruling, facts } = routing
      const rule = ruling.rule ?? ''
      raise(
        entryOf(counted.rules, rule, () => ({ kind: ruling.action === 'mute' ? 'mute' : 'rule', effects: {} })).effects,
        effect,
      )
      const { kind, name } = facts.workload
      const namespace = namespaceOf(event)
      raise(
        entryOf(counted.talkers, oneLine(`${namespace}${namespace && '/'}${name || kind}`), () => ({})),
        effect,
      )
      const at = event.at ?? given.arrivedAt
      if (at !== undefined) {
        counted.from = Math.min(counted.from ?? at, at)
        counted.to = Math.max(counted.to ?? at, at)
        raise(
          entryOf(counted.hours, Math.floor(at / 3_600_000), () => ({})),
          effect,
        )
      }
      if (!suppressed.includes(effect)) return
      const reason = oneLine(event.reason)
      entryOf(counted.reasons, JSON.stringify([reason, rule]), () => ({ reason, rule, count: 0 })).count += 1
    },
    counted() {
      const all = [...incidents.end()].reduce((sum, { body: { generation } }) => sum + generation, 0)
      return { ...counted, incidents: { all, shown: shown.size } }
    },
  }
}

const suppressedBy = { drop: 'dropped', mute: 'muted' } as const
const best: readonly Effect[] = ['shown', 'below atLeast']

function raise(effects: EffectCounts, effect: Effect) {
  effects[effect] = (effects[effect] ?? 0) + 1
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Counting needs no texts, only whether a text would change. */
function withoutTexts(): Renderer {
  return {
    text: ({ merged, suppression }) => {
      const total = merged.events.reduce((sum, [, count]) => sum + count, 0)
      const { lastAt, severity, objects, nodes } = merged
      const parts = [total, lastAt, severity, objects.length, nodes.length, suppression?.name]
      return { markup: '', hash: parts.join(' ') }
    },
    last: () => ({ markup: '', hash: '' }),
    replaced: () => '',
    linked: (markup) => markup,
    marked: (markup) => markup,
  }
}
