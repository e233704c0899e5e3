import type { Severity } from '../event/severity.ts'
import type { Body, Suppression } from './incident.ts'
import type { Identity } from './key.ts'
import type { Latest } from './latest.ts'
import { most } from './merged.ts'

/** What a card tells of an incident: all of it from the merged state, nothing from the moment of looking. */
export interface View {
  identity: Identity
  severity: Severity
  latest: Latest
  /** How often its events happened, all together. */
  total: number
  /** `total` is a lower bound. */
  isAtLeast: boolean
  /** Milliseconds since the epoch, 0 if unknown. */
  firstAt: number
  lastAt: number
  objects: Spread
  nodes: Spread
  suppression: Suppression | undefined
}

export interface Spread {
  count: number
  isEstimate: boolean
  /** Some of them, by name. */
  names: string[]
}

export function viewOf({ identity, merged, suppression }: Pick<Body, 'identity' | 'merged' | 'suppression'>): View {
  const { severity, latest, events, hasMoreEvents, firstAt, lastAt } = merged
  return {
    identity,
    suppression,
    severity,
    latest,
    total: events.reduce((sum, [, count]) => sum + count, 0),
    isAtLeast: hasMoreEvents,
    firstAt,
    lastAt,
    objects: spreadOf(
      merged.objects.map(([id, , , name]) => [id, name]),
      merged.hasMoreObjects,
    ),
    nodes: spreadOf(
      merged.nodes.map(([id, name]) => [id, name]),
      merged.nodes.length === most.nodes,
    ),
  }
}

function spreadOf(items: [id: string, name: string | undefined][], isEstimate: boolean): Spread {
  const names = items.flatMap(([, name]) => (name === undefined ? [] : [name])).sort()
  return { count: isEstimate ? estimateOf(items) : items.length, isEstimate, names }
}

/**
 * The number of objects is estimated from how densely the smallest ids lie, once there are more than are kept (k-minimum-values sketch,
 * Bar-Yossef et al., Counting Distinct Elements in a Data Stream): with 64 of them about 12 % off.
 */
function estimateOf(items: [id: string, name: string | undefined][]): number {
  const greatest = Number.parseInt(items.at(-1)?.[0] ?? '', 16) / 2 ** 48
  return Math.max(items.length, Math.round((items.length - 1) / greatest))
}
