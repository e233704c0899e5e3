import { urgencyOf } from '../../core/incident/decide.ts'
import { urgencies } from '../../core/rate-limit/chat.ts'
import type {
  Clock,
  DeadLetter,
  DueIncident,
  ListedDocuments,
  Store,
  Versioned,
  Written,
} from '../../pipeline/ports.ts'
import {
  bodyColumns,
  deliveryText,
  isUnexpired,
  type StoredIncident,
  timingColumns,
  toIncident,
  unsent,
} from './stored-items.ts'

// Each has up to 100 KB, and no other process can read them.
const mostDeadLetters = 100
// Each has up to 16 KB. Nothing is reported from them without a durable store.
const mostDocuments = 100

/**
 * State for the lifetime of the process. It contains at most `most` incidents with something pending and as many others, and deletes the
 * oldest ones. If Kafka brings a record again after that, it is shown again.
 */
export function memoryStore({ clock, most = 50_000 }: { clock: Clock; most?: number }): Store {
  // Both in the order of the last write. Incidents with nothing pending are packed, since there are many.
  const packed = new Map<string, string>()
  const pending = new Map<string, StoredIncident>()
  const deadLetters = new Map<string, DeadLetter>()

  function find(key: string): StoredIncident | undefined {
    const text = packed.get(key)
    const item = text === undefined ? pending.get(key) : unpack(key, text)
    return item && isUnexpired(item, clock.now()) ? item : undefined
  }

  function save(item: StoredIncident): Written {
    const { key, pendingSince, due } = item
    packed.delete(key)
    pending.delete(key)
    if (pendingSince === null && due === null) packed.set(key, pack(item))
    else pending.set(key, item)
    deleteOldest(packed, most)
    deleteOldest(pending, most)
    return { saved: toIncident(item) }
  }

  function change(key: string, plan: (item: StoredIncident) => Partial<StoredIncident> | undefined): Written {
    const item = find(key)
    const changed = item && plan(item)
    if (changed) return save({ ...item, ...changed, revision: item.revision + 1 })
    return { current: item && toIncident(item) }
  }

  function pendingItems(): StoredIncident[] {
    return [...pending.values()].filter((item) => isUnexpired(item, clock.now()))
  }

  function dueItems(): DueIncident[] {
    return pendingItems().flatMap((item) => {
      if (item.due === null) return []
      const incident = toIncident(item)
      return [{ key: item.key, due: item.due, target: incident.body.identity.target, urgency: urgencyOf(incident) }]
    })
  }

  return {
    isDurable: false,
    async readIncidents(keys) {
      const found = keys.map(find).filter((item) => item !== undefined)
      return new Map(found.map((item) => [item.key, toIncident(item)]))
    },
    async saveBody(key, body, timing, version) {
      const written = { ...bodyColumns(body), ...timingColumns(timing), version: version + 1 }
      if (version === 0 && !find(key))
        return save({ ...written, key, revision: 1, delivery: deliveryText(unsent), lease: null })
      return change(key, (item) => (item.version === version ? written : undefined))
    },
    async takeLease(key, lease, revision) {
      return change(key, (item) => (item.revision === revision ? { lease: JSON.stringify(lease) } : undefined))
    },
    async recordDelivery(key, token, delivery, version, isForgotten = false) {
      return change(key, (item) =>
        item.version === version && item.lease !== null && JSON.parse(item.lease).token === token
          ? {
              lease: null,
              version: version + 1,
              delivery: deliveryText(delivery),
              ...timingColumns(delivery),
              ...(isForgotten ? { merged: null } : {}),
            }
          : undefined,
      )
    },
    async listDueTargets() {
      return [...new Set(dueItems().map(({ target }) => target))]
    },
    async readDue(target, { from, until }, count) {
      return dueItems()
        .filter((item) => item.target === target && item.due >= from && item.due <= until)
        .sort((a, b) => urgencies.indexOf(a.urgency) - urgencies.indexOf(b.urgency) || a.due - b.due)
        .slice(0, count)
    },
    async nextDue(target, after) {
      const times = dueItems().flatMap((item) => (item.target === target && item.due > after ? item.due : []))
      return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
    },
    async countPending() {
      const times = pendingItems().flatMap(({ pendingSince }) => pendingSince ?? [])
      return { count: times.length, since: times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b)) }
    },
    chats: documentsInMemory(clock, Number.POSITIVE_INFINITY),
    counters: documentsInMemory(clock, mostDocuments),
    lastSeen: documentsInMemory(clock, mostDocuments),
    readTopics: documentsInMemory(clock, mostDocuments),
    goodRules: documentsInMemory(clock, mostDocuments),
    deadLetters: {
      async put(record) {
        const known = deadLetters.get(record.id)
        if (known && isUnexpired(known, clock.now())) return
        deadLetters.set(record.id, { ...record })
        deleteOldest(deadLetters, mostDeadLetters)
      },
      async list(now) {
        const found = [...deadLetters.values()].filter((record) => isUnexpired(record, now))
        return found.map((record) => ({ ...record })).sort((a, b) => b.at - a.at)
      },
      async drop(id) {
        deadLetters.delete(id)
      },
    },
    close() {},
  }
}

function documentsInMemory<Value>(clock: Clock, most: number): ListedDocuments<Value> {
  // As text, so that callers share no objects with the store.
  const texts = new Map<string, { expiresAt: number | null; text: string }>()
  function find(name: string): Versioned<Value> | undefined {
    const found = texts.get(name)
    return found && isUnexpired(found, clock.now()) ? JSON.parse(found.text) : undefined
  }
  function findAll(names: Iterable<string>): Map<string, Versioned<Value>> {
    const found = [...names].map((name) => [name, find(name)] as const)
    return new Map(found.flatMap(([name, document]) => (document ? [[name, document]] : [])))
  }
  return {
    read: async (names) => findAll(names),
    async save(name, value, version, expiresAt) {
      const current = find(name)
      if ((current?.version ?? 0) !== version) return { current }
      texts.delete(name)
      texts.set(name, { expiresAt: expiresAt ?? null, text: JSON.stringify({ version: version + 1, value }) })
      deleteOldest(texts, most)
      return { version: version + 1 }
    },
    list: async () => findAll(texts.keys()),
  }
}

// One string takes half the memory of an object with its strings. JSON has no unescaped line break.
function pack({ version, revision, body, merged, delivery, lease, expiresAt }: StoredIncident): string {
  return [version, revision, body, merged ?? '', delivery, lease ?? '', expiresAt ?? ''].join('\n')
}

function unpack(key: string, text: string): StoredIncident {
  const [version, revision, body = '', merged, delivery = '', lease, expiresAt] = text.split('\n')
  return {
    key,
    version: Number(version),
    revision: Number(revision),
    body,
    merged: merged || null,
    delivery,
    lease: lease || null,
    pendingSince: null,
    due: null,
    expiresAt: expiresAt ? Number(expiresAt) : null,
  }
}

function deleteOldest(map: Map<string, unknown>, most: number) {
  if (map.size > most) map.delete(map.keys().next().value as string)
}
