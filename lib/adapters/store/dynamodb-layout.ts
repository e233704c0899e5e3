import type { Timing } from '../../core/incident/incident.ts'
import { type Urgency, urgencies } from '../../core/rate-limit/chat.ts'
import type { DueIncident, Versioned } from '../../pipeline/ports.ts'
import { type DocumentKind, isUnexpired, type StoredIncident } from './stored-items.ts'

/*
 * key                  attributes
 * ──────────────────   ──────────────────────────────────────────────────────────────
 * incidents/<64 hex>   version  revision
 *                      body  merged                                what merging writes
 *                      delivery  lease  leaseToken                 what delivering writes
 *                      pendingSince  list=due/…  sort  expiresAt   what both write
 * targets/<target>     list=targets       sort  expiresAt
 * chats/<name>         version  value
 * counters/<name>      version  value  list=counters      sort  expiresAt
 * lastSeen/<cluster>   version  value  list=lastSeen      sort  expiresAt
 * readTopics/<name>    version  value                           expiresAt
 * goodRules/<file>     version  value
 * deadLetters/<id>              value  list=deadLetters   sort  expiresAt
 *
 * index `by-list`, sparse, with pendingSince and expiresAt
 * list            sort
 * ─────────────   ───────────────────────────────────────────────────────────────────────
 * due/<target>    by urgency, then by the time at which the sweep delivers the incident
 * targets         expiresAt: the targets that may have something due
 * counters        expiresAt: while it stays the same, counting does not write to the index
 * lastSeen        likewise
 * deadLetters     when the record was stored
 *
 * Every item has the table's `layout`. Times are milliseconds. Only `timeToLive`, which goes with expiresAt, is in seconds: DynamoDB deletes
 * by it, up to days later.
 */

export type Values = Record<string, string | number | undefined>
export type Attributes = Record<string, { S: string } | { N: string }>

// Raise it with every change of the items.
export const layout = 5
export const index = 'by-list'

export const incidentKey = (key: string) => `incidents/${key}`
export const targetKey = (target: string) => `targets/${target}`
export const documentKey = (kind: DocumentKind, name: string) => `${kind}/${name}`
export const deadLetterKey = (id: string) => `deadLetters/${id}`

/** The part of a key after its first slash. */
export function nameOf({ key }: Values): string {
  const text = String(key)
  return text.slice(text.indexOf('/') + 1)
}

export function expiry(at: number | undefined): Values {
  return { expiresAt: at, timeToLive: at === undefined ? undefined : Math.ceil(at / 1_000) }
}

export function timingValues({ pendingSince, due, expiresAt }: Timing, urgency: Urgency): Values {
  return { pendingSince, sort: due === undefined ? undefined : ranked(due, urgency), ...expiry(expiresAt) }
}

/** The list of what a target has due. An incident without `sort` is not in it. */
export const dueList = (target: string) => `due/${target}`

// One query returns the most urgent first. Times in milliseconds stay below it until the year 5138.
const rank = 1e14

function ranked(due: number, urgency: Urgency): number {
  return urgencies.indexOf(urgency) * rank + due
}

export function dueOf({ key, sort }: Values, target: string): DueIncident {
  return {
    key: nameOf({ key }),
    target,
    urgency: urgencies[Math.floor(Number(sort) / rank)] ?? 'good',
    due: Number(sort) % rank,
  }
}

export function toVersioned<Value>({ version, value }: Values): Versioned<Value> {
  return { version: Number(version), value: JSON.parse(String(value)) }
}

/** Whether there is an item with these values that has not expired. */
export function isStored({ key, expiresAt }: Values, now: number): boolean {
  return key !== undefined && isUnexpired({ expiresAt: numberOf(expiresAt) }, now)
}

export function toItem(values: Values): StoredIncident {
  const { version, revision, body, merged, delivery, lease, pendingSince, sort, expiresAt } = values
  return {
    key: nameOf(values),
    version: Number(version),
    revision: Number(revision),
    body: String(body),
    merged: textOf(merged),
    delivery: String(delivery),
    lease: textOf(lease),
    pendingSince: numberOf(pendingSince),
    due: sort === undefined ? null : Number(sort) % rank,
    expiresAt: numberOf(expiresAt),
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
