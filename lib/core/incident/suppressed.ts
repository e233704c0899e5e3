import { headWithin } from '../message/text/room.ts'
import { cutTo as readable } from './latest.ts'
import { compareText } from './order.ts'

/** What rules held back from one partition of a topic, each record once, however often Kafka brings it. At most 16 KB as JSON. */
export interface Suppressed {
  /** The highest offset that is counted. */
  offset: number
  /** What it counts now: a text of which later ones sort after earlier ones, `2026-11-25`. */
  period: string
  rules: Record<string, RuleCount>
  /** The period before that one in which something was counted. */
  before?: { period: string; rules: Record<string, RuleCount> }
}

export interface RuleCount {
  count: number
  /** By `namespace/workload`: the greatest few, rather too low than too high. */
  top: Record<string, number>
}

/** A record that a rule held back. */
export interface Drop {
  offset: number
  rule: string
  /** `namespace/workload`. */
  who: string
}

/**
 * With what is new in `drops`; undefined if nothing is. A partition comes in the order of its offsets, so whatever is not above the highest
 * one was counted (a topic made anew counts again once the item has expired). By a clock that is behind it counts into the present period.
 */
export function counted(held: Suppressed | undefined, drops: readonly Drop[], period: string): Suppressed | undefined {
  const fresh = freshOf(drops, held?.offset ?? -1)
  const last = fresh.at(-1)
  if (!last) return undefined
  const isGoingOn = held !== undefined && compareText(period, held.period) <= 0
  const tally = openTally(isGoingOn ? held.rules : {})
  for (const drop of fresh) tally.add(drop)
  const before = isGoingOn ? held.before : held && { period: held.period, rules: held.rules }
  return {
    offset: last.offset,
    period: isGoingOn ? held.period : period,
    rules: tally.rules(),
    ...(before ? { before } : {}),
  }
}

export interface Total {
  rule: string
  count: number
  /** Who it was most often; undefined where nobody stands out. */
  top: string | undefined
}

/** What all of them counted in a period, greatest first. */
export function totalOf(items: readonly Suppressed[], period: string): Total[] {
  const sums = new Map<string, { count: number; top: Map<string, number> }>()
  for (const { before, ...now } of items) {
    const rules = [now, before].find((counts) => counts?.period === period)?.rules ?? {}
    for (const [rule, { count, top }] of Object.entries(rules)) {
      const sum = sums.get(rule) ?? { count: 0, top: new Map() }
      sums.set(rule, sum)
      sum.count += count
      for (const [who, times] of Object.entries(top)) sum.top.set(who, (sum.top.get(who) ?? 0) + times)
    }
  }
  return [...sums]
    .map(([rule, { count, top }]) => ({ rule, count, top: [...top].sort(byCount)[0]?.[0] }))
    .sort((a, b) => byCount([a.rule, a.count], [b.rule, b.count]))
}

/** In the order of their offsets, each once. Below 0 nobody knows it. */
function freshOf(drops: readonly Drop[], offset: number): Drop[] {
  return drops
    .filter((drop) => Number.isSafeInteger(drop.offset) && drop.offset > offset)
    .sort((a, b) => a.offset - b.offset)
    .filter((drop, at, all) => drop.offset !== all[at - 1]?.offset)
}

const mostRules = 40
const theRest = '…'
const mostNames = 8
const mostNameBytes = 120
// Twice this and what is around it stay below 16 KB. All rules without a name take 6,360.
const mostBytes = 7_500
// `"":{"count":9007199254740991,"top":{}},` and `"":9007199254740991,`
const around = { rule: 39, name: 20 } as const

/**
 * Counts of rules, names by the algorithm of Misra and Gries (1982): where there is no room for a new one, it and all others count one less,
 * so who makes up more than a ninth is among them. Each step depends on nothing but the counts and the drop, so it makes no difference how
 * drops are cut into batches.
 */
function openTally(rules: Record<string, RuleCount>) {
  // Not in an object: a rule may be called `__proto__`.
  const tally = new Map(
    Object.entries(rules).map(([rule, { count, top }]) => [rule, { count, top: new Map(Object.entries(top)) }]),
  )
  const readables = new Map<string, string>()
  let bytes = 0
  for (const [rule, { top }] of tally) {
    bytes += bytesOf(rule) + around.rule
    for (const who of top.keys()) bytes += bytesOf(who) + around.name
  }

  function countOf(given: string): { count: number; top: Map<string, number> } {
    const name = headWithin(given, mostNameBytes)
    const named = tally.size - Number(tally.has(theRest))
    const rule = tally.has(name) || named < mostRules - 1 ? name : theRest
    const known = tally.get(rule)
    if (known) return known
    const added = { count: 0, top: new Map<string, number>() }
    tally.set(rule, added)
    bytes += bytesOf(rule) + around.rule
    return added
  }

  function nameOf(who: string): string {
    const name = readables.get(who) ?? readable(who, mostNameBytes)
    readables.set(who, name)
    return name
  }

  function remember(top: Map<string, number>, name: string) {
    const known = top.get(name)
    if (known !== undefined) {
      top.set(name, known + 1)
      return
    }
    const size = bytesOf(name) + around.name
    const isFull = top.size >= mostNames || (top.size > 0 && bytes + size > mostBytes)
    if (isFull) for (const [other, count] of top) lower(top, other, count - 1)
    else {
      top.set(name, 1)
      bytes += size
    }
  }

  function lower(top: Map<string, number>, name: string, count: number) {
    if (count > 0) top.set(name, count)
    else if (top.delete(name)) bytes -= bytesOf(name) + around.name
  }

  /** The rule with the most names has one to spare. */
  function makeRoom() {
    while (bytes > mostBytes) {
      const [fullest] = [...tally].sort(([a, { top }], [b, other]) => byCount([a, top.size], [b, other.top.size]))
      const smallest = [...(fullest?.[1].top ?? [])].sort(byCount).at(-1)
      if (!fullest || !smallest) return
      lower(fullest[1].top, smallest[0], 0)
    }
  }

  return {
    add({ rule, who }: Drop) {
      const sum = countOf(rule)
      sum.count += 1
      remember(sum.top, nameOf(who))
      makeRoom()
    },
    rules(): Record<string, RuleCount> {
      return Object.fromEntries(
        [...tally].map(([rule, { count, top }]) => [rule, { count, top: Object.fromEntries(top) }]),
      )
    },
  }
}

/** Greatest first, then by name. */
function byCount([a, times]: [string, number], [b, others]: [string, number]): number {
  return others - times || compareText(a, b)
}

/** As UTF-8 in JSON. */
function bytesOf(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length - 2
}
