import type { DeadLetter, Documents, ListedDocuments, Store, Versioned, Written } from '../../pipeline/ports.ts'
import type { Table } from './dynamodb-call.ts'
import {
  deadLetterKey,
  documentKey,
  dueList,
  dueOf,
  expiry,
  incidentKey,
  isStored,
  nameOf,
  targetKey,
  timingValues,
  toItem,
  toVersioned,
  type Values,
} from './dynamodb-layout.ts'
import { openTable } from './dynamodb-table.ts'
import { bodyColumns, type DocumentKind, deliveryText, isUnexpired, toIncident, unsent } from './stored-items.ts'

const dayMilliseconds = 24 * 3_600_000
// Far longer than anything is pending.
const targetDays = 14

/** State in a DynamoDB table that any number of processes may share. Each write is one conditional request. */
export function dynamodbStore(place: Table): Store {
  const { clock } = place
  const table = openTable(place)

  function written(values: Values, isSaved: boolean): Written {
    if (isSaved) return { saved: toIncident(toItem(values)) }
    return { current: isStored(values, clock.now()) ? toIncident(toItem(values)) : undefined }
  }

  const listed = new Map<string, Promise<unknown>>()
  let listedSince = clock.now()

  /** Lists the target once a day, so that sweeps find what it has due even after it was removed from the configuration. */
  function listTarget(target: string): Promise<unknown> {
    const now = clock.now()
    if (now - listedSince >= dayMilliseconds) {
      listed.clear()
      listedSince = now
    }
    const known = listed.get(target)
    if (known) return known
    const expiresAt = now + targetDays * dayMilliseconds
    const listing = table.replace({ key: targetKey(target), list: 'targets', sort: expiresAt, ...expiry(expiresAt) })
    listed.set(target, listing)
    listing.catch(() => listed.delete(target))
    return listing
  }

  async function listDueTargets(): Promise<string[]> {
    return (await table.list('targets')).map(nameOf)
  }

  async function readDocuments<Value>(keys: string[]): Promise<Map<string, Versioned<Value>>> {
    const found = (await table.read(keys)).filter((values) => isStored(values, clock.now()))
    return new Map(found.map((values) => [nameOf(values), toVersioned(values)]))
  }

  function documents<Value>(kind: DocumentKind, list?: Values): Documents<Value> {
    return {
      read: (names) => readDocuments(names.map((name) => documentKey(kind, name))),
      async save(name, value, version, expiresAt) {
        const text = JSON.stringify(value)
        const item = {
          key: documentKey(kind, name),
          version: version + 1,
          value: text,
          ...(list ? { ...list, sort: expiresAt } : {}),
          ...expiry(expiresAt),
        }
        const isMine = (found: Values) => found.version === item.version && found.value === text
        const { values, isSaved } = await table.put(item, version === 0 ? undefined : { version }, isMine)
        if (isSaved) return { version: item.version }
        return { current: isStored(values, clock.now()) ? toVersioned(values) : undefined }
      },
    }
  }

  function listedDocuments<Value>(kind: DocumentKind): ListedDocuments<Value> {
    return {
      ...documents(kind, { list: kind }),
      list: async () => readDocuments((await table.list(kind)).map(({ key }) => String(key))),
    }
  }

  return {
    isDurable: true,
    async readIncidents(keys) {
      const items = (await table.read(keys.map(incidentKey)))
        .map(toItem)
        .filter((item) => isUnexpired(item, clock.now()))
      return new Map(items.map((item) => [item.key, toIncident(item)]))
    },
    async saveBody(key, body, timing, version) {
      const { target } = body.identity
      const texts = bodyColumns(body)
      const { severity } = body.merged
      const merging = {
        version: version + 1,
        ...texts,
        list: dueList(target),
        ...timingValues(timing, timing.urgency ?? severity),
      }
      // Another process that merged the same change has written the same values.
      const isMine = (found: Values) =>
        found.version === merging.version && found.body === texts.body && found.merged === texts.merged
      // In parallel, since Kafka brings the record again if either of them fails.
      const [{ values, isSaved }] = await Promise.all([
        version === 0
          ? table.put(
              { key: incidentKey(key), revision: 1, delivery: deliveryText(unsent), ...merging },
              undefined,
              isMine,
            )
          : table.update(incidentKey(key), merging, { version }, isMine),
        timing.due === undefined ? undefined : listTarget(target),
      ])
      return written(values, isSaved)
    },
    async takeLease(key, lease, revision) {
      const taken = { lease: JSON.stringify(lease), leaseToken: lease.token }
      const isMine = ({ leaseToken }: Values) => leaseToken === lease.token
      const { values, isSaved } = await table.update(incidentKey(key), taken, { revision }, isMine)
      return written(values, isSaved)
    },
    async recordDelivery(key, token, delivery, version, isForgotten = false) {
      const text = deliveryText(delivery)
      const recorded = {
        version: version + 1,
        delivery: text,
        lease: undefined,
        leaseToken: undefined,
        ...timingValues(delivery, delivery.urgency ?? 'warning'),
        ...(isForgotten ? { merged: undefined } : {}),
      }
      // Another process may have merged or taken a lease since.
      const isMine = (found: Values) => found.leaseToken !== token && found.delivery === text
      const { values, isSaved } = await table.update(incidentKey(key), recorded, { leaseToken: token, version }, isMine)
      return written(values, isSaved)
    },
    listDueTargets,
    async readDue(target, { from, until }, most) {
      const isWanted = (values: Values) => {
        const { due } = dueOf(values, target)
        return due >= from && due <= until
      }
      return (await table.list(dueList(target), { most, isWanted })).map((values) => dueOf(values, target))
    },
    async nextDue(target, after) {
      const times = (await table.list(dueList(target))).map((values) => dueOf(values, target).due)
      const later = times.filter((due) => due > after)
      return later.length === 0 ? undefined : later.reduce((a, b) => Math.min(a, b))
    },
    async countPending() {
      let count = 0
      let since: number | undefined
      // Everything pending is due at some time. A page of the index is a megabyte: some thousands of incidents.
      for (const target of await listDueTargets()) {
        for (const { pendingSince } of await table.list(dueList(target))) {
          if (pendingSince === undefined) continue
          count += 1
          since = Math.min(since ?? Number.POSITIVE_INFINITY, Number(pendingSince))
        }
      }
      return { count, since }
    },
    chats: documents('chats'),
    counters: listedDocuments('counters'),
    lastSeen: listedDocuments('lastSeen'),
    readTopics: documents('readTopics'),
    goodRules: documents('goodRules'),
    deadLetters: {
      async put(record) {
        const { id, at, expiresAt } = record
        const value = JSON.stringify(record)
        const item = { key: deadLetterKey(id), value, list: 'deadLetters', sort: at, ...expiry(expiresAt) }
        await table.put(item, undefined, () => true)
      },
      async list(now) {
        const listed = await table.list('deadLetters')
        const items = await table.read(listed.map(({ key }) => String(key)))
        return items
          .map(({ value }): DeadLetter => JSON.parse(String(value)))
          .filter((record) => isUnexpired(record, now))
          .sort((a, b) => b.at - a.at)
      },
      async drop(id) {
        await table.remove(deadLetterKey(id))
      },
    },
    close() {},
  }
}
