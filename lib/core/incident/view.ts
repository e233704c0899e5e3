import type { Severity } from '../event/severity.ts'
import type { Body, Suppression } from './incident.ts'
import type { Identity } from './key.ts'
import type { Latest } from './latest.ts'
import { most } from './merged.ts'

/** What a card shows of an incident. It depends on the stored body alone, not on the time of rendering. */
export interface View {
  identity: Identity
  severity: Severity
  latest: Latest
  /** The sum of its events' counts. */
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
  /** The names of some of them. */
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
 * Estimates the number of objects from the density of the smallest ids, if there are more than are stored (k-minimum-values sketch, Bar-Yossef
 * et al., Counting Distinct Elements in a Data Stream). With 64 ids the error is about 12 %.
 */
function estimateOf(items: [id: string, name: string | undefined][]): number {
  const greatest = Number.parseInt(items.at(-1)?.[0] ?? '', 16) / 2 ** 48
  return Math.max(items.length, Math.round((items.length - 1) / greatest))
}
