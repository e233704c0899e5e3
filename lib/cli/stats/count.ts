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

/** What becomes of a record; where it has several targets, the best of them. */
export type Fate = 'shown' | 'below atLeast' | 'dropped' | 'muted' | 'recovery' | 'repeated' | 'rejected'

export const suppressed: readonly Fate[] = ['below atLeast', 'dropped', 'muted', 'recovery']

export type Fates = Partial<Record<Fate, number>>

export interface RecordCounts {
  records: number
  fates: Fates
  /** Of those below atLeast: shown after all, since their incident went on to reach it. */
  shownLater: number
  rejected: Record<string, number>
  /** By rule or mute; without a name: none decided. */
  rules: Map<string, { kind: 'rule' | 'mute'; fates: Fates }>
  /** By namespace and workload. */
  talkers: Map<string, Fates>
  /** Of what is held back, by reason and rule. */
  reasons: Map<string, { reason: string; rule: string; count: number }>
  /** By hour since the epoch. */
  hours: Map<number, Fates>
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

/** Counts what the rules do to records, through the program's own steps, in memory. */
export function startCount(config: Config): Counter {
  const { hasIncidents, state } = config
  const tools = openTools(config)
  const renderer = withoutTexts()
  const counted: RecordCounts = {
    ...{ records: 0, fates: {}, shownLater: 0, rejected: {}, messages: 0, edits: 0, from: undefined, to: undefined },
    ...{ rules: new Map(), talkers: new Map(), reasons: new Map(), hours: new Map(), incidents: { all: 0, shown: 0 } },
  }
  // By incident and generation: how many of its records were below.
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

  function fateOf({ record }: InputRecord, routing: Routing, now: number): Fate {
    const { facts, ruling, targets, resolves } = routing
    time = now
    const annotations = hasIncidents ? annotate({ record, routing }) : []
    const fates =
      ruling.action !== 'show'
        ? []
        : targets.map((target): Fate => {
            const delivery = toTargetedEvent({ record, facts, target, ruling }, hasIncidents)
            const { outcome, isRepeated } = incidents.deliver(delivery, now)
            if (isRepeated || outcome.why === 'ended before') return 'repeated'
            if (outcome.why !== 'below atLeast') return 'shown'
            below.set(delivery.key, (below.get(delivery.key) ?? 0) + 1)
            return 'below atLeast'
          })
    for (const { key, annotate } of annotations) incidents.annotate(key, annotate, now)
    if (ruling.action !== 'show') return resolves.length > 0 && hasIncidents ? 'recovery' : fateBySetting[ruling.action]
    return best.find((fate) => fates.includes(fate)) ?? 'repeated'
  }

  return {
    add(given) {
      const { decoded, record } = given
      counted.records += 1
      if ('problem' in decoded) {
        raise(counted.fates, 'rejected')
        counted.rejected[decoded.problem] = (counted.rejected[decoded.problem] ?? 0) + 1
        return
      }
      const now = given.arrivedAt ?? decoded.event.at ?? 0
      const event = withoutFutureTimes(decoded.event, now)
      const routing = tools.route(event, tools.clusterOf(record.topic), now)
      const fate = fateOf(given, routing, now)
      raise(counted.fates, fate)
      const { ruling, facts } = routing
      const rule = ruling.rule ?? ''
      raise(
        of(counted.rules, rule, () => ({ kind: ruling.action === 'mute' ? 'mute' : 'rule', fates: {} })).fates,
        fate,
      )
      const { kind, name } = facts.workload
      const namespace = namespaceOf(event)
      raise(
        of(counted.talkers, oneLine(`${namespace}${namespace && '/'}${name || kind}`), () => ({})),
        fate,
      )
      const at = event.at ?? given.arrivedAt
      if (at !== undefined) {
        counted.from = Math.min(counted.from ?? at, at)
        counted.to = Math.max(counted.to ?? at, at)
        raise(
          of(counted.hours, Math.floor(at / 3_600_000), () => ({})),
          fate,
        )
      }
      if (!suppressed.includes(fate)) return
      const reason = oneLine(event.reason)
      of(counted.reasons, JSON.stringify([reason, rule]), () => ({ reason, rule, count: 0 })).count += 1
    },
    counted() {
      const all = [...incidents.end()].reduce((sum, { body: { generation } }) => sum + generation, 0)
      return { ...counted, incidents: { all, shown: shown.size } }
    },
  }
}

const fateBySetting = { drop: 'dropped', mute: 'muted' } as const
const best: readonly Fate[] = ['shown', 'below atLeast']

function raise(fates: Fates, fate: Fate) {
  fates[fate] = (fates[fate] ?? 0) + 1
}

function of<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Only whether a text would be another one matters. */
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
