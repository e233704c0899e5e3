/** A random number generator in [0, 1) with a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The items in another order (Fisher–Yates). */
export function shuffled<Item>(items: Item[], next: () => number): Item[] {
  const list = [...items]
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(next() * (index + 1))
    ;[list[index], list[other]] = [list[other] as Item, list[index] as Item]
  }
  return list
}

/** The items in pieces of 1 to `most`. */
export function split<Item>(items: Item[], most: number, next: () => number): Item[][] {
  const pieces: Item[][] = []
  for (let first = 0; first < items.length; ) {
    const size = 1 + Math.floor(next() * most)
    pieces.push(items.slice(first, first + size))
    first += size
  }
  return pieces
}
