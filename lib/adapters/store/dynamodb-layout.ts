import { type Urgency, urgencies } from '../../core/rate-limit/chat.ts'
import type { Due, Timing } from '../../pipeline/ports.ts'
import type { Item } from './item.ts'

/*
 * key                 attributes
 * ─────────────────   ──────────────────────────────────────────────────────────────────────
 * incident/<64 hex>   version  revision
 *                     body  merged  target  severity          what merging writes
 *                     deliveryState  lease  leaseToken             what sending writes
 *                     pendingSince  list=due/…  at  keptUntil  expiresAt        what both write
 * lane/<target>       list=lanes  at  keptUntil  expiresAt
 * chat/<name>         version  value
 * counter/<name>      version  value  list=counters  at  keptUntil  expiresAt
 * seen/<cluster>      version  value  list=seen  at  keptUntil  expiresAt
 * deadLetters/<id>     value  list=deadLetters  at  keptUntil  expiresAt
 *
 * index `listed`, sparse
 * list                      at      target  severity  pendingSince  keptUntil
 * ────────────────────────  ──────
 * due/<target>              when the sweep has to look at it, the most urgent first
 * lanes                     when it expires: the targets that may have something due
 * counters                  when it expires; where that stays, counting does not write the index
 * seen                      likewise
 * dead-letters                when it was put there
 *
 * Times are milliseconds; only expiresAt is in seconds, for DynamoDB's time to live, which deletes days later.
 */

export type Values = Record<string, string | number | undefined>
export type Attributes = Record<string, { S: string } | { N: string }>

export const index = 'listed'

export const incidentKey = (key: string) => `incident/${key}`
export const laneKey = (target: string) => `lane/${target}`
export const chatKey = (name: string) => `chat/${name}`
export const counterKey = (name: string) => `counter/${name}`
export const seenKey = (cluster: string) => `seen/${cluster}`
export const deadLetterKey = (id: string) => `deadLetters/${id}`

/** The part of a key behind its kind. */
export function nameOf({ key }: Values): string {
  return String(key).replace(/^[a-z]+\//, '')
}

export function expiry(at: number | undefined): Values {
  return { keptUntil: at, expiresAt: at === undefined ? undefined : Math.ceil(at / 1_000) }
}

export function timingValues({ pendingSince, due, expiresAt }: Timing, urgency: Urgency): Values {
  return { pendingSince, at: due === undefined ? undefined : rankedAt(due, urgency), ...expiry(expiresAt) }
}

/** Under which the index has what a target owes; without `at` an item is not in it. */
export const dueList = (target: string) => `due/${target}`

// So that one query gives what is due with the most urgent first. Until the year 5138 no time in milliseconds is greater.
const rank = 1e14

function rankedAt(due: number, urgency: Urgency): number {
  return urgencies.indexOf(urgency) * rank + due
}

export function dueOf({ key, at }: Values, target: string): Due {
  return {
    key: nameOf({ key }),
    target,
    urgency: urgencies[Math.floor(Number(at) / rank)] ?? 'good',
    due: Number(at) % rank,
  }
}

export function toItem(values: Values): Item {
  const { version, revision, body, merged, deliveryState, lease, pendingSince, at, keptUntil } = values
  return {
    key: nameOf(values),
    version: Number(version),
    revision: Number(revision),
    body: String(body),
    merged: textOf(merged),
    deliveryState: String(deliveryState),
    lease: textOf(lease),
    pendingSince: numberOf(pendingSince),
    due: at === undefined ? null : Number(at) % rank,
    expiresAt: numberOf(keptUntil),
  }
}

function textOf(value: Values[string]): string | null {
  return value === undefined ? null : String(value)
}

function numberOf(value: Values[string]): number | null {
  return value === undefined ? null : Number(value)
}

export function toAttributes(values: Values): Attributes {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'number' ? { N: String(value) } : { S: value }]],
    ),
  )
}

export function fromAttributes(attributes: Attributes): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, 'N' in value ? Number(value.N) : value.S]),
  )
}
