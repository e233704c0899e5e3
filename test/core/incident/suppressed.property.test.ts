import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Suppressed, totalOf, withSuppressed } from '../../../lib/core/incident/suppressed-counts.ts'
import { countAll } from './suppressed.ts'

const today = '2026-11-25'
const yesterday = '2026-11-24'

const odd = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', '…', '', '0', 'prod/api'),
  fc.integer({ min: 0, max: 60 }).map(String),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .tuple(fc.constantFrom('x', '"', '\u0001', 'é', '漢', '🧀', '\ud800'), fc.integer({ min: 0, max: 60 }))
    .map(([unit, at]) => `${unit.repeat(90)}${at}${unit.repeat(40)}`),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom('"', 'é', 'x')).map(([at, unit]) => at + unit.repeat(150)),
)
const drop = fc.record({ offset: fc.integer({ min: -2, max: 400 }), rule: odd, who: odd })
const some = fc.array(drop, { maxLength: 200, size: 'max' })
const partition = some.map((all) => all.sort((a, b) => a.offset - b.offset))

describe('the count of suppressed records', () => {
  it('has each record once, even if Kafka delivers overlapping batches', () => {
    fc.assert(
      fc.property(partition, fc.array(fc.tuple(fc.nat(200), fc.nat(60)), { maxLength: 6 }), (all, cuts) => {
        const once = countAll([all])
        // Each part begins where an earlier one ended, or before; with all records of an offset.
        const ends = cuts.map(([end]) => all[end]?.offset ?? 400).sort((a, b) => a - b)
        const parts = [...ends, 400].map((end, at) => {
          const begin = (at === 0 ? -2 : (ends[at - 1] ?? 0)) - (cuts[at]?.[1] ?? 0)
          return all.filter(({ offset }) => offset >= begin && offset <= end)
        })
        expect(JSON.stringify(sorted(countAll(parts)))).toBe(JSON.stringify(sorted(once)))
        expect(withSuppressed(once, all, today)).toBeUndefined()
        expect(countAll([all, all, ...parts])).toEqual(once)
      }),
      { numRuns: 200 },
    )
  })

  it('is the number of different records, in any order', () => {
    fc.assert(
      fc.property(some, (all) => {
        const offsets = new Set(all.map(({ offset }) => offset).filter((offset) => offset >= 0))
        const suppressed = countAll([all])
        expect(sum(suppressed)).toBe(offsets.size)
        expect(suppressed?.offset).toBe(offsets.size === 0 ? undefined : Math.max(...offsets))
      }),
    )
  })

  it('needs at most 16 KB, with 40 rules and 8 names each', () => {
    let largest = 0
    fc.assert(
      fc.property(fc.array(fc.array(drop, { maxLength: 400, size: 'max' }), { maxLength: 4 }), (batches) => {
        let suppressed: Suppressed | undefined
        for (const [at, batch] of batches.entries()) {
          const moved = batch.map((one) => ({ ...one, offset: one.offset + at * 1_000 }))
          suppressed = withSuppressed(suppressed, moved, `2026-11-2${at}`) ?? suppressed
          const bytes = Buffer.byteLength(JSON.stringify(suppressed ?? {}))
          largest = Math.max(largest, bytes)
          expect(bytes).toBeLessThanOrEqual(16_000)
          expect(Object.keys(suppressed?.rules ?? {}).length).toBeLessThanOrEqual(40)
          for (const { top } of Object.values(suppressed?.rules ?? {}))
            expect(Object.keys(top).length).toBeLessThanOrEqual(8)
          for (const name of Object.values(suppressed?.rules ?? {}).flatMap(({ top }) => Object.keys(top)))
            expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120)
        }
      }),
      { numRuns: 100 },
    )
    // The generated cases reach these limits.
    expect(largest).toBeGreaterThan(12_000)
  })

  it('needs at most 16 KB if every text has its maximum length', () => {
    const forged = (period: number) =>
      Array.from({ length: 5_000 }, (_, at) => ({
        offset: period * 10_000 + at,
        rule: `${at % 61} ${'\u0001漢"'.repeat(90)}`,
        who: `${at} ${'漢'.repeat(90)}`,
      }))
    const first = withSuppressed(undefined, forged(0), yesterday)
    const suppressed = withSuppressed(first, forged(1), today)
    expect(Buffer.byteLength(JSON.stringify(suppressed))).toBeLessThanOrEqual(16_000)
    expect(sum(suppressed)).toBe(5_000)
    expect(sum(suppressed, yesterday)).toBe(5_000)
  })
})

function sum(suppressed: Suppressed | undefined, period = today): number {
  return totalOf(suppressed ? [suppressed] : [], period).reduce((all, { count }) => all + count, 0)
}

/** With keys in one order, also such as `7`, which objects put first, and `__proto__`, which some comparisons leave out. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}
