import type { Versioned } from '../../pipeline/ports.ts'
import type { Clock } from '../clock.ts'
import type { Numbered } from './documents.ts'
import { expiry, nameOf, type Values } from './dynamodb-layout.ts'
import type { openTable } from './dynamodb-table.ts'
import { isThere } from './item.ts'

interface Place {
  keyOf: (name: string) => string
  /** Under which the index has them. */
  list: string
}

export function numberedItems<Value>(
  table: ReturnType<typeof openTable>,
  clock: Clock,
  { keyOf, list }: Place,
): Numbered<Value> {
  const currentOf = (values: Values): Versioned<Value> | undefined =>
    isThere({ expiresAt: Number(values.keptUntil) }, clock.now()) ? toVersioned(values) : undefined

  /** By their whole keys, which the index tells. */
  async function readKeys(keys: string[]): Promise<Map<string, Versioned<Value>>> {
    const found = (await table.read(keys)).map((values) => ({ name: nameOf(values), current: currentOf(values) }))
    return new Map(found.flatMap(({ name, current }) => (current ? [[name, current]] : [])))
  }

  return {
    read: (names) => readKeys(names.map(keyOf)),
    async save(name, value, version, expiresAt) {
      const text = JSON.stringify(value)
      const item = { key: keyOf(name), version: version + 1, value: text, list, at: expiresAt, ...expiry(expiresAt) }
      const isMine = (found: Values) => found.version === item.version && found.value === text
      const { values, isSaved } = await table.put(item, version === 0 ? undefined : { version }, isMine)
      return isSaved ? { version: item.version } : { current: currentOf(values) }
    },
    async list() {
      const listed = await table.list(list)
      return [...(await readKeys(listed.map(({ key }) => String(key)))).values()]
    },
  }
}

export function toVersioned<Value>({ version, value }: Values): Versioned<Value> | undefined {
  return version === undefined ? undefined : { version: Number(version), value: JSON.parse(String(value)) }
}
