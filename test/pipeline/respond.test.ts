import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { KafkaRecord } from '../../lib/core/event/record.ts'
import type { OutcomeName } from '../../lib/core/outcome.ts'
import { findBatchItemFailures, toResponse } from '../../lib/pipeline/respond.ts'

const at = (mapKey: string, offset: number): KafkaRecord => ({ mapKey, topic: 'a', partition: 0, offset, value: '' })
const outcomes: Record<string, OutcomeName> = { s: 'sent', k: 'skipped', r: 'rejected', d: 'returned' }

function namedBy(partitions: string[]): string[] {
  const found = partitions.flatMap((word, partition) =>
    [...word].map((letter, offset) => ({
      record: at(`a-${partition}`, offset),
      outcome: outcomes[letter] as OutcomeName,
    })),
  )
  const isBatchItemFailure = findBatchItemFailures(found)
  const records = found.map(({ record }) => record).filter(isBatchItemFailure)
  return toResponse(records).batchItemFailures.map(
    ({ itemIdentifier: { partition, offset } }) => `${partition} ${offset}`,
  )
}

describe('batch item failures', () => {
  test.each([
    ['none if nothing is returned', ['srk', 's'], []],
    [
      'the first returned record and all later ones, whatever their outcome',
      ['sdsrk'],
      ['a-0 1', 'a-0 2', 'a-0 3', 'a-0 4'],
    ],
    ['each partition separately', ['sd', 'ss', 'ds'], ['a-0 1', 'a-2 0', 'a-2 1']],
  ])('%s', (_, partitions, expected) => {
    expect(namedBy(partitions)).toEqual(expected)
  })

  it('names all records of a partition from the first named offset on, and none before', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[srkd]{0,8}$/), { maxLength: 4 }), (partitions) => {
        const expected = partitions.flatMap((word, partition) => {
          const first = word.indexOf('d')
          return first === -1
            ? []
            : Array.from({ length: word.length - first }, (_, index) => `a-${partition} ${first + index}`)
        })
        expect(namedBy(partitions)).toEqual(expected)
      }),
    )
  })

  it('names a record with several targets once', () => {
    const record = at('a-0', 5)
    expect(toResponse([record, record]).batchItemFailures).toHaveLength(1)
  })
})
