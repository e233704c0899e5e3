import type { Severity } from '../event/severity.ts'
import type { HeldBack } from '../incident/held-back.ts'
import type { Seen } from '../incident/seen.ts'
import type { QuarantinedRecord, Store, Written } from '../incident/store.ts'
import type { Table } from './dynamodb-call.ts'
import {
  chatKey,
  counterKey,
  expiry,
  incidentKey,
  nameOf,
  quarantineKey,
  seenKey,
  timingValues,
  toItem,
  type Values,
} from './dynamodb-layout.ts'
import { numberedItems, toVersioned } from './dynamodb-numbered.ts'
import { openTable } from './dynamodb-table.ts'
import { isThere, standingText, toIncident, unsent } from './item.ts'
import { numberedMethods } from './numbered.ts'
import { bodyText } from './size.ts'

/** State in a DynamoDB table that any number of processes may share. Each write is one conditional request. */
export function dynamodbStore(place: Table): Store {
  const { clock } = place
  const table = openTable(place)

  function written(values: Values, isSaved: boolean): Written {
    if (isSaved) return { saved: toIncident(toItem(values)) }
    const current = values.key === undefined ? undefined : toItem(values)
    return { current: current && isThere(current, clock.now()) ? toIncident(current) : undefined }
  }

  const counters = numberedItems<HeldBack>(table, clock, { keyOf: counterKey, list: 'counters' })
  const seen = numberedItems<Seen>(table, clock, { keyOf: seenKey, list: 'seen' })

  return {
    isDurable: true,
    async readIncidents(keys) {
      const items = (await table.read(keys.map(incidentKey))).map(toItem).filter((item) => isThere(item, clock.now()))
      return new Map(items.map((item) => [item.key, toIncident(item)]))
    },
    async saveBody(key, body, timing, version) {
      const { target } = body.identity
      const texts = bodyText(body)
      const merging = {
        version: version + 1,
        ...texts,
        target,
        severity: body.merged.severity,
        ...timingValues(timing),
      }
      // Somebody else who merged the same has written the same.
      const isMine = (found: Values) =>
        found.version === merging.version && found.body === texts.body && found.merged === texts.merged
      const { values, isSaved } =
        version === 0
          ? await table.put(
              { key: incidentKey(key), revision: 1, standing: standingText(unsent), ...merging },
              undefined,
              isMine,
            )
          : await table.update(incidentKey(key), merging, { version }, isMine)
      return written(values, isSaved)
    },
    async claim(key, claim, revision) {
      const claiming = { claim: JSON.stringify(claim), claimToken: claim.token }
      const isMine = ({ claimToken }: Values) => claimToken === claim.token
      const { values, isSaved } = await table.update(incidentKey(key), claiming, { revision }, isMine)
      return written(values, isSaved)
    },
    async settle(key, token, standing, version, isForgotten = false) {
      const text = standingText(standing)
      const settling = {
        version: version + 1,
        standing: text,
        claim: undefined,
        claimToken: undefined,
        ...timingValues(standing),
        ...(isForgotten ? { merged: undefined } : {}),
      }
      // Somebody may have merged or claimed since.
      const isMine = (found: Values) => found.claimToken !== token && found.standing === text
      const { values, isSaved } = await table.update(incidentKey(key), settling, { claimToken: token, version }, isMine)
      return written(values, isSaved)
    },
    async readDue(now, most) {
      const found = await table.list('due', { until: now, most })
      return found.map((values) => ({
        key: nameOf(values),
        target: String(values.target),
        severity: values.severity as Severity,
        due: Number(values.at),
      }))
    },
    async countOwed() {
      // What is owed is always due some time. All of it is read, a megabyte at a time: some thousands.
      const times = (await table.list('due', {})).flatMap(({ owedSince }) => owedSince ?? []).map(Number)
      return { count: times.length, since: times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b)) }
    },
    async readChat(name) {
      return toVersioned(await table.get(chatKey(name)))
    },
    async saveChat(name, chat, version) {
      const value = JSON.stringify(chat)
      const item = { key: chatKey(name), version: version + 1, value }
      const isMine = (found: Values) => found.version === item.version && found.value === value
      const { values, isSaved } = await table.put(item, version === 0 ? undefined : { version }, isMine)
      return isSaved ? { version: item.version } : { current: toVersioned(values) }
    },
    ...numberedMethods(counters, seen),
    quarantine: {
      async put(record) {
        const { id, at, expiresAt } = record
        const value = JSON.stringify(record)
        const item = { key: quarantineKey(id), value, list: 'quarantine', at, ...expiry(expiresAt) }
        await table.put(item, undefined, () => true)
      },
      async list(now) {
        const listed = await table.list('quarantine', {})
        const items = await table.read(listed.map(({ key }) => String(key)))
        return items
          .map(({ value }): QuarantinedRecord => JSON.parse(String(value)))
          .filter((record) => isThere(record, now))
          .sort((a, b) => b.at - a.at)
      },
      async drop(id) {
        await table.remove(quarantineKey(id))
      },
    },
    close() {},
  }
}
