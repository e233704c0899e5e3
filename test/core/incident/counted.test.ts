import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyColumns } from '../../../lib/adapters/store/stored-items.ts'
import { apply } from '../../../lib/core/incident/apply.ts'
import { type Incident, newIncident, type Shown } from '../../../lib/core/incident/incident.ts'
import { changesOf, renderer } from '../../support/incidents.ts'

const startAt = Date.parse('2026-11-24T12:00:00Z')
const minute = 60_000
const quiet = 30

interface Given {
  name: string
  count: number
  /** Minutes after the beginning. */
  at: number
}

/** An incident whose messages are sent at once, and what each generation counted. */
function open() {
  let incident: Incident | undefined
  const counted: Map<string, number>[] = []
  return {
    get incident() {
      return incident
    },
    state: () => [incident?.body.generation, incident?.body.merged, incident?.body.counted],
    /** Some message says that the event happened so often. */
    counts: ({ name, count }: Given) => counted.some((generation) => (generation.get(name) ?? 0) >= count),
    deliver({ name, count, at }: Given) {
      const time = new Date(startAt + at * minute).toISOString()
      const [change] = changesOf([
        {
          metadata: { name, resourceVersion: String(1_000 * at + count), creationTimestamp: null },
          ...{ firstTimestamp: time, lastTimestamp: time, count, message: 'Back-off restarting failed container' },
        },
      ])
      if (!change) throw new Error('no change')
      const [entry] = change.entries
      const now = startAt + 10_000 * minute
      const applied = apply(change, incident, renderer, now)
      const { body } = applied
      const shown = { generation: body.generation, at: startAt, hash: '' } as Shown
      incident = { ...newIncident('key', body), delivery: { older: [], shown } }
      const isEnded = entry !== undefined && applied.isEndedBefore(entry)
      const generation = counted[body.generation - 1] ?? new Map<string, number>()
      counted[body.generation - 1] = generation
      if (!isEnded) generation.set(name, Math.max(count, generation.get(name) ?? 0))
      return { isEnded, hasChanged: applied.hasChanged }
    },
  }
}

/** As an API server writes them: each event's count and time grow together. */
const partition = (names: string[]) =>
  fc
    .array(fc.record({ name: fc.constantFrom(...names), wait: fc.integer({ min: 0, max: 50 }) }), { maxLength: 12 })
    .map((list) => {
      const counts = new Map<string, number>()
      let at = 0
      return list.map(({ name, wait }): Given => {
        at += wait
        const count = (counts.get(name) ?? 0) + 1
        counts.set(name, count)
        return { name, count, at }
      })
    })

const partitions = fc.tuple(partition(['a', 'b', 'c']), partition(['d', 'e', 'f']))
const turns = fc.infiniteStream(fc.boolean())

function* inTurns([first, second]: [Given[], Given[]], takesFirst: Iterator<boolean>): Generator<Given> {
  const rest: [Given[], Given[]] = [[...first], [...second]]
  while (rest[0].length + rest[1].length > 0) {
    const [one, other] = takesFirst.next().value ? rest : rest.toReversed()
    yield (one?.shift() ?? other?.shift()) as Given
  }
}

describe('records of two partitions, read in any order', () => {
  it('are each counted by a message, and not again when they come again', () => {
    fc.assert(
      fc.property(partitions, turns, fc.array(fc.nat(), { maxLength: 20 }), (lists, order, repeats) => {
        const one = open()
        for (const given of inTurns(lists, order)) {
          const { isEnded } = one.deliver(given)
          expect(one.counts(given), JSON.stringify({ given, isEnded })).toBe(true)
        }
        const all = lists.flat()
        const before = one.state()
        for (const place of repeats) {
          const given = all[place % all.length]
          if (given) expect(one.deliver(given).hasChanged).toBe(false)
        }
        expect(one.state()).toEqual(before)
      }),
      { numRuns: 500 },
    )
  })

  it('are not lost if one partition is read first and the other has records from before the end', () => {
    const one = open()
    for (const at of [0, 10]) one.deliver({ name: 'a', count: 1 + at, at })
    one.deliver({ name: 'b', count: 1, at: 10 + quiet + 1 })
    expect(one.incident?.body.generation).toBe(2)
    expect(one.deliver({ name: 'd', count: 1, at: 9 })).toEqual({ isEnded: false, hasChanged: true })
    expect(one.deliver({ name: 'a', count: 11, at: 10 })).toEqual({ isEnded: true, hasChanged: false })
    expect(one.deliver({ name: 'a', count: 1, at: 0 })).toEqual({ isEnded: true, hasChanged: false })
    expect(one.deliver({ name: 'a', count: 12, at: 10 })).toEqual({ isEnded: false, hasChanged: true })
  })
})

describe('after many events', () => {
  const many = (count: number) => {
    const one = open()
    for (let number = 0; number < count; number += 1) one.deliver({ name: `e${number}`, count: 1, at: number / 10 })
    one.deliver({ name: 'next', count: 1, at: 100 })
    expect(one.incident?.body.generation).toBe(2)
    return one
  }

  it('the 40 newest are remembered, and older ones count as counted', () => {
    const one = many(50)
    expect(one.incident?.body.counted?.events).toHaveLength(40)
    expect(one.incident?.body.counted?.since).toBe(startAt + 0.9 * minute)
    for (const at of [0, 0.5, 0.9]) expect(one.deliver({ name: 'other', count: 1, at }).isEnded).toBe(true)
    for (let number = 0; number < 50; number += 1)
      expect(one.deliver({ name: `e${number}`, count: 1, at: number / 10 })).toEqual({
        isEnded: true,
        hasChanged: false,
      })
    expect(one.deliver({ name: 'other', count: 1, at: 1 }).isEnded).toBe(false)
  })

  it('of more events than an incident stores, all until the oldest stored one count as counted', () => {
    const one = many(70)
    expect(one.deliver({ name: 'other', count: 1, at: 3.75 }).isEnded).toBe(true)
    expect(one.deliver({ name: 'other', count: 1, at: 3.85 }).isEnded).toBe(false)
    expect(one.deliver({ name: 'late', count: 1, at: 6.85 }).isEnded).toBe(false)
  })

  it('an incident that is too large forgets them, and then everything until the end counts as counted', () => {
    const body = many(50).incident?.body
    if (!body) throw new Error('no incident')
    const long = { ...body, identity: { ...body.identity, namespace: 'x'.repeat(10_500) } }
    expect(JSON.parse(bodyColumns(body).body).counted.events).toHaveLength(40)
    expect(JSON.parse(bodyColumns(long).body).counted).toEqual({ events: [], since: body.after })
  })
})

it('an incident of an earlier version remembers none, and everything until the end counts as counted', () => {
  const one = open()
  one.deliver({ name: 'a', count: 1, at: 0 })
  const { incident } = one
  if (!incident) throw new Error('no incident')
  const { counted: _, ...body } = incident.body
  const earlier = { ...incident, body: { ...body, generation: 2, after: startAt + 5 * minute } }
  const isEnded = (name: string, at: number) => {
    const time = new Date(startAt + at * minute).toISOString()
    const [change] = changesOf([
      {
        metadata: { name },
        message: 'Back-off restarting failed container',
        firstTimestamp: time,
        lastTimestamp: time,
      },
    ])
    const [entry] = change?.entries ?? []
    if (!change || !entry) throw new Error('no change')
    return apply(change, earlier, renderer, startAt + 100 * minute).isEndedBefore(entry)
  }
  expect([isEnded('b', 5), isEnded('b', 6)]).toEqual([true, false])
})
