import { type Condition, type Matcher, textAskedBy } from './match.ts'
import type { Pattern } from './pattern.ts'
import type { Subject, TextName } from './subject.ts'

/** The indexes, in order, of the items that a subject may match. It certainly does not match the others. */
export type Shortlist = (subject: Subject) => number[]

// The most selective texts come first.
const byRarity: TextName[] = Object.keys({
  name: true,
  workloadName: true,
  workload: true,
  node: true,
  namespace: true,
  reason: true,
  cause: true,
  message: true,
  component: true,
  kind: true,
  cluster: true,
  severity: true,
  type: true,
} satisfies Record<TextName, true>) as TextName[]

/** A condition on one text: it must match one of these patterns. */
interface Ask {
  text: TextName
  patterns: Pattern[]
}

/**
 * Finds candidates without testing every item. For each item it uses one condition: literals are looked up in a map, and the patterns of many
 * items are joined into one regular expression. Items without such a condition are always on the list.
 */
export function shortlistOf(items: readonly { match: Matcher | undefined }[]): Shortlist {
  const always: number[] = []
  const literals = new Map<TextName, Map<string, number[]>>()
  const patterned = new Map<string, { text: TextName; isRegex: boolean; pieces: Piece[] }>()
  for (const [place, { match }] of items.entries()) {
    const ask = bestOf(match?.conditions ?? [])
    const kind = ask?.patterns[0]?.kind
    if (!ask || kind === undefined) always.push(place)
    else if (kind === 'literal') {
      const known = literals.get(ask.text) ?? new Map<string, number[]>()
      literals.set(ask.text, known)
      for (const word of new Set(ask.patterns.map(({ source }) => source.toLowerCase())))
        known.set(word, [...(known.get(word) ?? []), place])
    } else {
      const isRegex = kind === 'regex'
      const group = patterned.get(`${ask.text} ${kind}`) ?? { text: ask.text, isRegex, pieces: [] }
      patterned.set(`${ask.text} ${kind}`, group)
      for (const { expression } of ask.patterns) add(group.pieces, place, expression)
    }
  }
  const filters = [...patterned.values()].flatMap(({ pieces, ...group }) =>
    pieces.flatMap(({ sources, places }) => {
      const filter = sources.length > 1 ? inOne(sources) : undefined
      if (!filter) always.push(...places)
      return filter ? [{ ...group, places, filter }] : []
    }),
  )
  return ({ text, lower }) => {
    const places = new Set(always)
    for (const [name, words] of literals) for (const place of words.get(lower[name]) ?? []) places.add(place)
    for (const group of filters)
      if (group.filter.test((group.isRegex ? text : lower)[group.text]))
        for (const place of group.places) places.add(place)
    return [...places].sort((a, b) => a - b)
  }
}

/** Patterns that share one regular expression, and the indexes of their items. */
interface Piece {
  places: Set<number>
  sources: string[]
  characters: number
}

// Above about 20,000 characters V8 uses its linear engine, which is 40 times slower.
const mostCharacters = 8_000

function add(pieces: Piece[], place: number, source: string): void {
  const last = pieces.at(-1)
  const hasRoom = last !== undefined && last.characters + source.length <= mostCharacters
  const piece = hasRoom ? last : { places: new Set<number>(), sources: [], characters: 0 }
  if (!hasRoom) pieces.push(piece)
  piece.places.add(place)
  piece.sources.push(source)
  piece.characters += source.length
}

/** Prefers a condition with literals, else takes one whose patterns are all of one kind. */
function bestOf(conditions: readonly Condition[]): Ask | undefined {
  const asks = conditions
    .flatMap(({ field, patterns }): Ask[] => {
      const [first, ...others] = [...Map.groupBy(patterns, (pattern) => textAskedBy(field, pattern))]
      const isOfOneKind = new Set(patterns.map(({ kind }) => kind)).size === 1
      return first && others.length === 0 && isOfOneKind ? [{ text: first[0], patterns }] : []
    })
    .sort((a, b) => byRarity.indexOf(a.text) - byRarity.indexOf(b.text))
  return asks.find(({ patterns }) => patterns[0]?.kind === 'literal') ?? asks[0]
}

/** Joins the expressions; undefined if the result could not run in linear time (lib/app/config/regex.ts). */
function inOne(sources: readonly string[]): RegExp | undefined {
  const source = sources.map((one) => `(?:${one})`).join('|')
  try {
    return new RegExp(source, 'l') && new RegExp(source)
  } catch {
    return undefined
  }
}
