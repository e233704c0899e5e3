import leven from 'leven'

/** The word that was probably meant: the nearest if it is near enough, else the only one that contains `given` or is contained in it. */
export function suggest(given: string, words: readonly string[]): string | undefined {
  // Replacing the only letter of a word is not a typing mistake.
  const most = Math.min(Math.max(1, Math.floor(given.length / 3)), given.length - 1)
  const wanted = given.toLowerCase()
  const [nearest] = words
    .map((word) => ({ word, distance: editsBetween(wanted, word.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
  if (nearest) return nearest.word
  const [only, ...others] = words.filter((word) => isPart(word.toLowerCase(), wanted))
  return others.length === 0 ? only : undefined
}

/** `; did you mean "word"?`, or nothing if no word is near. */
export function didYouMean(given: string, words: readonly string[]): string {
  const word = suggest(given, words)
  return word === undefined || word === given ? '' : `; did you mean "${word}"?`
}

/** The edits that lead from one word to the other; letters in the wrong order count as one edit. */
export function editsBetween(a: string, b: string): number {
  const distance = leven(a, b)
  return distance > 1 && lettersOf(a) === lettersOf(b) ? 1 : distance
}

function lettersOf(word: string): string {
  return [...word].sort().join('')
}

function isPart(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= leastPart && (a.includes(b) || b.includes(a))
}

const leastPart = 4
