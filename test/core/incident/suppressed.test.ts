import { describe, expect, it } from 'vitest'
import {
  type Suppressed,
  type SuppressedRecord,
  totalOf,
  withSuppressed,
} from '../../../lib/core/incident/suppressed-counts.ts'
import { countAll } from './suppressed.ts'

const today = '2026-11-25'
const yesterday = '2026-11-24'

function drops(rule: string, ...offsets: number[]): SuppressedRecord[] {
  return offsets.map((offset) => ({ offset, rule, who: 'prod/api' }))
}

describe('counting', () => {
  const three: Suppressed = {
    offset: 7,
    period: today,
    rules: { probes: { count: 3, top: { 'prod/api': 3 } } },
  }

  it.each<[string, SuppressedRecord[], Suppressed | undefined, Suppressed | undefined]>([
    ['starts with the first record', drops('probes', 3, 5, 7), undefined, three],
    ['knows offset 0', drops('probes', 0), undefined, { ...three, offset: 0, rules: { probes: one() } }],
    ['counts a record once, however often a batch has it', drops('probes', 3, 7, 3, 5, 7, 7), undefined, three],
    ['changes nothing without drops', [], three, undefined],
    ['changes nothing for drops that came again', drops('probes', 3, 5, 7), three, undefined],
    ['ignores records without an offset', drops('probes', -1, Number.NaN, 1.5, Infinity), undefined, undefined],
    [
      'adds offsets above the highest',
      [...drops('probes', 5, 7, 8), { offset: 9, rule: 'rollouts', who: 'prod/web' }],
      three,
      {
        ...three,
        offset: 9,
        rules: {
          probes: { count: 4, top: { 'prod/api': 4 } },
          rollouts: { count: 1, top: { 'prod/web': 1 } },
        },
      },
    ],
    [
      'remembers the period before',
      drops('probes', 8),
      { ...three, period: yesterday },
      { offset: 8, period: today, rules: { probes: one() }, before: { period: yesterday, rules: three.rules } },
    ],
    [
      'remembers one period only',
      drops('probes', 8),
      { ...three, period: yesterday, before: { period: '2026-11-20', rules: { old: one() } } },
      { offset: 8, period: today, rules: { probes: one() }, before: { period: yesterday, rules: three.rules } },
    ],
    [
      'counts into the current period if a clock is behind',
      drops('probes', 8),
      { ...three, period: '2026-11-26', before: { period: today, rules: { old: one() } } },
      {
        offset: 8,
        period: '2026-11-26',
        rules: { probes: { count: 4, top: { 'prod/api': 4 } } },
        before: { period: today, rules: { old: one() } },
      },
    ],
  ])('%s', (_, given, suppressed, expected) => {
    expect(withSuppressed(suppressed, given, today)).toEqual(expected)
  })

  it('does not change its arguments', () => {
    const suppressed = structuredClone(three)
    const given = drops('probes', 9, 8)
    withSuppressed(suppressed, given, today)
    expect(suppressed).toEqual(three)
    expect(given).toEqual(drops('probes', 9, 8))
  })

  it('masks secrets in names, since names can be forged', () => {
    const suppressed = withSuppressed(undefined, [{ offset: 1, rule: 'a', who: 'prod/AKIAIOSFODNN7EXAMPLE\n1' }], today)
    expect(JSON.stringify(suppressed)).not.toContain('AKIAIOSFODNN7EXAMPLE')
    expect(JSON.stringify(suppressed)).not.toContain('\\n')
  })

  it('counts 39 rules separately, and all others together', () => {
    const given = Array.from({ length: 60 }, (_, at) => ({ offset: at, rule: `rule ${at}`, who: 'prod/api' }))
    const suppressed = withSuppressed(undefined, given, today)
    expect(Object.keys(suppressed?.rules ?? {})).toHaveLength(40)
    expect(suppressed?.rules['rule 38']?.count).toBe(1)
    expect(suppressed?.rules['…']).toEqual({ count: 21, top: { 'prod/api': 21 } })
    const more = suppressed && withSuppressed(suppressed, [...drops('rule 59', 60), ...drops('rule 1', 61)], today)
    expect(more?.rules['…']?.count).toBe(22)
    expect(more?.rules['rule 1']?.count).toBe(2)
  })

  it('finds the most frequent workload among many', () => {
    const given = Array.from({ length: 3_000 }, (_, at) => ({
      offset: at,
      rule: 'probes',
      who: at % 5 === 4 ? 'prod/api' : `prod/job-${at}`,
    }))
    const suppressed = countAll([given.slice(0, 1_111), given.slice(1_111)])
    expect(Object.keys(suppressed?.rules.probes?.top ?? {}).length).toBeLessThanOrEqual(8)
    expect(totalOf(suppressed ? [suppressed] : [], today)).toEqual([{ rule: 'probes', count: 3_000, top: 'prod/api' }])
  })

  it('gives each of many rules a name, even if names are long', () => {
    const given = Array.from({ length: 4_000 }, (_, at) => ({
      offset: at,
      rule: `rule ${at % 39}`,
      who: `${'x'.repeat(100)}/${at % 39} ${at % 7 < 4 ? 0 : at}`,
    }))
    const suppressed = countAll([given])
    const totals = totalOf(suppressed ? [suppressed] : [], today)
    expect(totals).toHaveLength(39)
    for (const { rule, top } of totals) expect(top).toBe(`${'x'.repeat(100)}/${rule.slice(5)} 0`)
  })
})

describe('totals', () => {
  it('sum the partitions that have the period, sorted by count, then by name', () => {
    const items: Suppressed[] = [
      {
        offset: 1,
        period: today,
        rules: { probes: { count: 9, top: { 'prod/web': 5, 'prod/api': 4 } }, rollouts: { count: 2, top: {} } },
      },
      {
        offset: 2,
        period: '2026-11-26',
        rules: { other: { count: 99, top: { x: 99 } } },
        before: { period: today, rules: { probes: { count: 4, top: { 'prod/api': 4 } }, a: one() } },
      },
      { offset: 3, period: yesterday, rules: { old: { count: 7, top: {} } } },
      { offset: 4, period: today, rules: { a: { count: 1, top: { 'prod/a': 1 } } } },
    ]
    expect(totalOf(items, today)).toEqual([
      { rule: 'probes', count: 13, top: 'prod/api' },
      { rule: 'a', count: 2, top: 'prod/a' },
      { rule: 'rollouts', count: 2, top: undefined },
    ])
    expect(totalOf(items, '2026-11-20')).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', '7', ''])('know a rule and a workload called "%s"', (name) => {
    const given = [0, 1, 2].map((offset) => ({ offset, rule: name, who: name }))
    const suppressed = countAll([given.slice(0, 1), given])
    expect(totalOf(suppressed ? [suppressed] : [], today)).toEqual([{ rule: name, count: 3, top: name }])
    const over = countAll([drops('probes', 3)], '2026-11-26', suppressed)
    expect(totalOf(over ? [over] : [], today)).toEqual([{ rule: name, count: 3, top: name }])
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

function one() {
  return { count: 1, top: { 'prod/api': 1 } }
}
