import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'
import { virtualClock } from '../../lib/emulator/virtual-clock.ts'
import type { KafkaBatchResponse } from '../../lib/pipeline/ports.ts'
import { drive, type MappingOptions } from './mapping.ts'
import { records } from './records.ts'
import { random } from './shuffle.ts'

const options: MappingOptions = { reading: 'resumes at the first named', isBisecting: true, batchSize: 4 }
const done: KafkaBatchResponse = { batchItemFailures: [] }

/** The partitions and offsets of a batch, as `0/3`. */
function placesOf(event: unknown): string[] {
  const { records } = event as { records: Record<string, { partition: number; offset: number }[]> }
  return Object.values(records).flatMap((list) => list.map(({ partition, offset }) => `${partition}/${offset}`))
}

const partitionsOf = (places: string[]) => [...new Set(places.map((place) => place.split('/')[0]))]

describe('an emulated mapping', () => {
  it.each([1, 2, 3, 4])(
    'with %i consumers reads each partition in order, and never twice at once',
    async (consumers) => {
      const delivered: string[] = []
      const running: string[][] = []
      let most = 0
      await drive(
        records(48, { partitions: 6 }),
        async (event) => {
          const places = placesOf(event)
          const partitions = partitionsOf(places)
          expect(running.flat().filter((partition) => partitions.includes(partition))).toEqual([])
          running.push(partitions as string[])
          most = Math.max(most, running.length)
          delivered.push(...places)
          await turn()
          running.splice(running.indexOf(partitions as string[]), 1)
          return done
        },
        { ...options, consumers, next: random(consumers) },
      )
      expect(most).toBe(consumers)
      for (const partition of [0, 1, 2, 3, 4, 5])
        expect(delivered.filter((place) => place.startsWith(`${partition}/`))).toEqual(
          Array.from({ length: 8 }, (_, offset) => `${partition}/${offset}`),
        )
    },
  )

  it('is blocked by a failing batch only in the partitions of that batch', async () => {
    const others = new Set<string>()
    await drive(
      records(24, { partitions: 4 }),
      async (event) => {
        const places = placesOf(event)
        await turn()
        if (places.includes('0/0') && others.size < 12) throw new Error('a test')
        for (const place of places) if (!/^[01]/.test(place)) others.add(place)
        return done
      },
      { ...options, reading: 'ignores answers', isBisecting: false, consumers: 2 },
    )
    expect(others.size).toBe(12)
  })

  it('mixes partitions in a batch, and splits a failing one in two', async () => {
    const batches: string[][] = []
    await drive(
      records(4, { partitions: 2 }),
      async (event) => {
        batches.push(placesOf(event))
        if (batches.length === 1) throw new Error('a test')
        return done
      },
      options,
    )
    expect(batches).toEqual([
      ['0/0', '0/1', '1/0', '1/1'],
      ['0/0', '1/0'],
      ['0/1', '1/1'],
    ])
  })

  it('waits for a full batch, but not longer than its window', async () => {
    const clock = virtualClock(0)
    const batches: [number, string[]][] = []
    const at = ({ offset }: ConsumedRecord) => Number(offset) * 1_000
    await drive(
      records(9),
      async (event) => {
        batches.push([clock.now(), placesOf(event)])
        return done
      },
      { ...options, arrivals: { clock, windowMilliseconds: 2_000, at } },
    )
    expect(batches).toEqual([
      [2_000, ['0/0', '0/1', '0/2']],
      [5_000, ['0/3', '0/4', '0/5']],
      [8_000, ['0/6', '0/7', '0/8']],
    ])
  })

  it('delivers an accepted batch again if its offsets were not committed', async () => {
    const batches: string[][] = []
    const answers = [true, false, false]
    await drive(
      records(5),
      async (event) => {
        batches.push(placesOf(event))
        return done
      },
      { ...options, isDeliveredAgain: () => answers.shift() === true },
    )
    expect(batches.map(({ length }) => length)).toEqual([4, 4, 1])
  })
})
