import type { Suppressed } from '../../core/incident/suppressed.ts'
import type { Seen } from '../../core/incident/watchdog.ts'
import type { ChatState } from '../../core/rate-limit/chat.ts'
import type { DeadLetter, Store, Written } from '../../pipeline/ports.ts'
import { numberedMethods } from './documents.ts'
import type { Table } from './dynamodb-call.ts'
import { numberedItems, toVersioned } from './dynamodb-documents.ts'
import {
  chatKey,
  counterKey,
  deadLetterKey,
  dueList,
  dueOf,
  expiry,
  incidentKey,
  laneKey,
  nameOf,
  seenKey,
  timingValues,
  toItem,
  type Values,
} from './dynamodb-layout.ts'
import { openTable } from './dynamodb-table.ts'
import { deliveryText, isThere, toIncident, unsent } from './item.ts'
import { bodyText } from './size.ts'

const dayMilliseconds = 24 * 3_600_000
// Far longer than anything is pending.
const laneDays = 14

/** State in a DynamoDB table that any number of processes may share. Each write is one conditional request. */
export function dynamodbStore(place: Table): Store {
  const { clock } = place
  const table = openTable(place)

  function written(values: Values, isSaved: boolean): Written {
    if (isSaved) return { saved: toIncident(toItem(values)) }
    const current = values.key === undefined ? undefined : toItem(values)
    return { current: current && isThere(current, clock.now()) ? toIncident(current) : undefined }
  }

  const counters = numberedItems<Suppressed>(table, clock, { keyOf: counterKey, list: 'counters' })
  const seen = numberedItems<Seen>(table, clock, { keyOf: seenKey, list: 'seen' })

  const lanes = new Map<string, Promise<unknown>>()
  let lanesSince = clock.now()

  /** So that sweeps find what the target owes, also once it is configured no more. Said once a day. */
  function openLane(target: string): Promise<unknown> {
    const now = clock.now()
    if (now - lanesSince >= dayMilliseconds) {
      lanes.clear()
      lanesSince = now
    }
    const known = lanes.get(target)
    if (known) return known
    const keptUntil = now + laneDays * dayMilliseconds
    const opening = table.replace({ key: laneKey(target), list: 'lanes', at: keptUntil, ...expiry(keptUntil) })
    lanes.set(target, opening)
    opening.catch(() => lanes.delete(target))
    return opening
  }

  async function listLanes(): Promise<string[]> {
    return (await table.list('lanes')).map(nameOf)
  }

  return {
    isDurable: true,
    async readIncidents(keys) {
      const items = (await table.read(keys.map(incidentKey))).map(toItem).filter((item) => isThere(item, clock.now()))
      return new Map(items.map((item) => [item.key, toIncident(item)]))
    },
    async saveBody(key, body, timing, version) {
      const { target } = body.identity
      const texts = bodyText(body)
      const { severity } = body.merged
      const merging = {
        version: version + 1,
        ...texts,
        ...{ target, severity, list: dueList(target) },
        ...timingValues(timing, timing.urgency ?? severity),
      }
      // Somebody else who merged the same has written the same.
      const isMine = (found: Values) =>
        found.version === merging.version && found.body === texts.body && found.merged === texts.merged
      // At once, since the record comes again if either of them fails.
      const [{ values, isSaved }] = await Promise.all([
        version === 0
          ? table.put(
              { key: incidentKey(key), revision: 1, deliveryState: deliveryText(unsent), ...merging },
              undefined,
              isMine,
            )
          : table.update(incidentKey(key), merging, { version }, isMine),
        timing.due === undefined ? undefined : openLane(target),
      ])
      return written(values, isSaved)
    },
    async lease(key, lease, revision) {
      const claiming = { lease: JSON.stringify(lease), leaseToken: lease.token }
      const isMine = ({ leaseToken }: Values) => leaseToken === lease.token
      const { values, isSaved } = await table.update(incidentKey(key), claiming, { revision }, isMine)
      return written(values, isSaved)
    },
    async settle(key, token, deliveryState, version, isForgotten = false) {
      const text = deliveryText(deliveryState)
      const settling = {
        version: version + 1,
        deliveryState: text,
        lease: undefined,
        leaseToken: undefined,
        ...timingValues(deliveryState, deliveryState.urgency ?? 'warning'),
        ...(isForgotten ? { merged: undefined } : {}),
      }
      // Somebody may have merged or leased since.
      const isMine = (found: Values) => found.leaseToken !== token && found.deliveryState === text
      const { values, isSaved } = await table.update(incidentKey(key), settling, { leaseToken: token, version }, isMine)
      return written(values, isSaved)
    },
    listLanes,
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
      // What is pending is always due some time. All of it is read, a megabyte at a time: some thousands.
      for (const target of await listLanes()) {
        for (const { pendingSince } of await table.list(dueList(target))) {
          if (pendingSince === undefined) continue
          count += 1
          since = Math.min(since ?? Number.POSITIVE_INFINITY, Number(pendingSince))
        }
      }
      return { count, since }
    },
    async readChats(names) {
      const found = (await table.read(names.map(chatKey))).flatMap((values) => {
        const versioned = toVersioned<ChatState>(values)
        return versioned ? [[nameOf(values), versioned] as const] : []
      })
      return new Map(found)
    },
    async saveChat(name, chat, version) {
      const value = JSON.stringify(chat)
      const item = { key: chatKey(name), version: version + 1, value }
      const isMine = (found: Values) => found.version === item.version && found.value === value
      const { values, isSaved } = await table.put(item, version === 0 ? undefined : { version }, isMine)
      return isSaved ? { version: item.version } : { current: toVersioned(values) }
    },
    ...numberedMethods(counters, seen),
    deadLetters: {
      async put(record) {
        const { id, at, expiresAt } = record
        const value = JSON.stringify(record)
        const item = { key: deadLetterKey(id), value, list: 'dead-letters', at, ...expiry(expiresAt) }
        await table.put(item, undefined, () => true)
      },
      async list(now) {
        const listed = await table.list('dead-letters')
        const items = await table.read(listed.map(({ key }) => String(key)))
        return items
          .map(({ value }): DeadLetter => JSON.parse(String(value)))
          .filter((record) => isThere(record, now))
          .sort((a, b) => b.at - a.at)
      },
      async drop(id) {
        await table.remove(deadLetterKey(id))
      },
    },
    close() {},
  }
}
