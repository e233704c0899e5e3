/** The word that was probably meant: the nearest, if it is near enough, or the only one that is a part of it or has it as a part. */
export function suggest(given: string, words: readonly string[]): string | undefined {
  // One letter in place of another is no typing mistake.
  const far = Math.min(Math.max(1, Math.floor(given.length / 3)), given.length - 1)
  const wanted = given.toLowerCase()
  const [nearest] = words
    .map((word) => ({ word, distance: editsBetween(wanted, word.toLowerCase()) }))
    .filter(({ distance }) => distance <= far)
    .sort((a, b) => a.distance - b.distance)
  if (nearest) return nearest.word
  const [only, ...others] = words.filter((word) => isPart(word.toLowerCase(), wanted))
  return others.length === 0 ? only : undefined
}

function isPart(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= leastPart && (a.includes(b) || b.includes(a))
}

const leastPart = 4

/** Insertions, deletions, replacements and swaps of neighbours that lead from one to the other. */
export function editsBetween(a: string, b: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(
        (last?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last?.[j - 1] ?? 0) + Number(!isSame),
        isSwapped ? (before?.[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = row
  }
  return last?.[b.length] ?? 0
}
