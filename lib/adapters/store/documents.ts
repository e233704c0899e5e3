import type { Suppressed } from '../../core/incident/suppressed.ts'
import type { Seen } from '../../core/incident/watchdog.ts'
import type { Saved, Store, Versioned } from '../../pipeline/ports.ts'

/** Small values of one kind that are written version by version, and expire, wherever they are kept. */
export interface Numbered<Value> {
  read(names: string[]): Awaitable<Map<string, Versioned<Value>>>
  save(name: string, value: Value, version: number, expiresAt: number): Awaitable<Saved<Value>>
  list(): Awaitable<Versioned<Value>[]>
}

type Awaitable<Value> = Value | Promise<Value>

type Methods = 'readCounters' | 'saveCounter' | 'listCounters' | 'readSeen' | 'saveSeen' | 'listSeen'

/** What a store does with them. */
export function numberedMethods(counters: Numbered<Suppressed>, seen: Numbered<Seen>): Pick<Store, Methods> {
  return {
    readCounters: async (names) => counters.read(names),
    saveCounter: async (...words) => counters.save(...words),
    listCounters: async () => (await counters.list()).map(({ value }) => value),
    readSeen: async (clusters) => seen.read(clusters),
    saveSeen: async (value, ...words) => seen.save(value.cluster, value, ...words),
    listSeen: async () => seen.list(),
  }
}
