/** The known value of the key; else the value that `make` returns, which is known from then on. */
export type Memo<Key, Value> = (key: Key, make: (key: Key) => Value) => Value

/** Knows up to `maxKeys` keys; then it starts over, which bounds the memory that forged names can take. */
export function createMemo<Key, Value>(maxKeys = 10_000): Memo<Key, Value> {
  const known = new Map<Key, Value>()
  return (key, make) => {
    const before = known.get(key)
    if (before !== undefined) return before
    if (known.size >= maxKeys) known.clear()
    const value = make(key)
    known.set(key, value)
    return value
  }
}

/** The same function, which computes each result once. */
export function memoized<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const memo = createMemo<Key, Value>()
  return (key) => memo(key, make)
}
