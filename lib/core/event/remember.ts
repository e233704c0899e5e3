/** What is known of the key; else what is made for it, which is known from then on. */
export type Remember<Key, Value> = (key: Key, make: (key: Key) => Value) => Value

/** Knows up to `most` keys; then it begins anew. */
export function remembering<Key, Value>(most = 10_000): Remember<Key, Value> {
  const known = new Map<Key, Value>()
  return (key, make) => {
    const before = known.get(key)
    if (before !== undefined) return before
    if (known.size >= most) known.clear()
    const value = make(key)
    known.set(key, value)
    return value
  }
}
