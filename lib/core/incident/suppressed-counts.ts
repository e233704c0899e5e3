import { headWithin } from '../message/text/room.ts'
import { cutTo as readable } from './latest.ts'
import { compareText } from './order.ts'

/** How many events of a partition rules suppressed. Each record counts once, however often Kafka delivers it. At most 16 KB as JSON. */
export interface Suppressed {
  /** The highest offset that is counted. */
  offset: number
  /** The period that it counts now, for example `2026-11-25`. Later periods sort after earlier ones. */
  period: string
  rules: Record<string, RuleCount>
  /** The last period before that in which something was counted. */
  before?: { period: string; rules: Record<string, RuleCount> }
}

export interface RuleCount {
  count: number
  /** The greatest few by `namespace/workload`. A count may be too low, never too high. */
  top: Record<string, number>
}

/** A record that a rule suppressed. */
export interface SuppressedRecord {
  offset: number
  rule: string
  /** `namespace/workload`. */
  who: string
}

/**
 * Adds the records that are new; undefined if none is. A partition is read in the order of its offsets, so records up to the highest counted
 * offset are known. (A topic that was recreated counts again once this has expired.) A clock that is behind counts into the present period.
 */
export function withSuppressed(
  known: Suppressed | undefined,
  records: readonly SuppressedRecord[],
  period: string,
): Suppressed | undefined {
  const fresh = newRecords(records, known?.offset ?? -1)
  const last = fresh.at(-1)
  if (!last) return undefined
  const isSamePeriod = known !== undefined && compareText(period, known.period) <= 0
  const tally = openTally(isSamePeriod ? known.rules : {})
  for (const record of fresh) tally.add(record)
  const before = isSamePeriod ? known.before : known && { period: known.period, rules: known.rules }
  return {
    offset: last.offset,
    period: isSamePeriod ? known.period : period,
    rules: tally.rules(),
    ...(before ? { before } : {}),
  }
}

export interface Total {
  rule: string
  count: number
  /** The most frequent workload; undefined if none stands out. */
  top: string | undefined
}

/** The totals of all counters in a period, greatest first. */
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

/** The records above an offset, in order, each once. A negative offset is unknown. */
function newRecords(records: readonly SuppressedRecord[], offset: number): SuppressedRecord[] {
  return records
    .filter((record) => Number.isSafeInteger(record.offset) && record.offset > offset)
    .sort((a, b) => a.offset - b.offset)
    .filter((record, at, all) => record.offset !== all[at - 1]?.offset)
}

const mostRules = 40
const otherRules = '…'
const mostNames = 8
const mostNameBytes = 120
// Two periods of this size stay below 16 KB.
const mostBytes = 7_500
// `"":{"count":9007199254740991,"top":{}},` and `"":9007199254740991,`
const around = { rule: 39, name: 20 } as const

/**
 * Counts rules, and the workloads of each rule by the algorithm of Misra and Gries (1982): if there is no room for a new name, all counts of
 * the rule decrease by one, so every workload with more than a ninth of the records is among the names. A step depends on the counts and the
 * record only, so the batches make no difference.
 */
function openTally(rules: Record<string, RuleCount>) {
  // A map, since a rule may be named `__proto__`.
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
    const named = tally.size - Number(tally.has(otherRules))
    const rule = tally.has(name) || named < mostRules - 1 ? name : otherRules
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

  /** Removes the least frequent name of the rule with the most names. */
  function makeRoom() {
    while (bytes > mostBytes) {
      const [fullest] = [...tally].sort(([a, { top }], [b, other]) => byCount([a, top.size], [b, other.top.size]))
      const smallest = [...(fullest?.[1].top ?? [])].sort(byCount).at(-1)
      if (!fullest || !smallest) return
      lower(fullest[1].top, smallest[0], 0)
    }
  }

  return {
    add({ rule, who }: SuppressedRecord) {
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
