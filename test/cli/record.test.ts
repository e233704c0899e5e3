import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KafkaMessage } from '../../lib/adapters/kafka/lambda-event.ts'
import { fill, isWaiting, openPartitionQueue, queueWithNextRecord } from '../../lib/cli/record/partition-queue.ts'
import { readFrom } from '../../lib/cli/record/ranges.ts'
import { cli, temporaryFolder } from './spawn.ts'

const somewhere = { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: 'kube-events' }

describe('a wrong command line ends with 2 and one sentence', () => {
  test.each<[string[], string]>([
    [[], 'missing file: record <out.ndjson|out.ndjson.gz|batch.json>'],
    [['a.json', 'b.json'], 'expected one file, got 2'],
    [['a.txt'], 'a.txt: the name must end in .ndjson or .ndjson.gz (a recording), or .json (one batch)'],
    [
      ['a.ndjson', '--from', 'yesterday'],
      '--from: "yesterday" must be beginning, latest, a time such as 2026-11-24T07:26:34Z, or an offset',
    ],
    [
      ['a.ndjson', '--from', 'latest'],
      '--from latest: there is nothing after the end. Use --follow to wait for new records',
    ],
    [['a.ndjson', '--max', '0'], '--max: "0" must be a whole number from 1 to 999999999'],
    [['a.json', '--max', '10001'], '--max: "10001" must be a whole number from 1 to 10000'],
    [['a.ndjson', '--partition', '-1'], "Option '--partition' argument is ambiguous"],
    [['a.ndjson', '--partition=-1'], '--partition: "-1" must be a number, 0 or higher'],
    [['a.ndjson', '--topic', 'a b'], '--topic: "a b" is not a topic name: use letters, digits, ".", "_" and "-"'],
    [['a.ndjson', '--forse'], "Unknown option '--forse'"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await cli(['record', ...args], somewhere)
    expect(stderr.split('\n')[0]).toMatch(message)
    expect(stderr).toMatch(/\nTry: kube-eventer-telegram record --help\n$/)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })

  test.each([
    ['KAFKA_TOPICS is not set', '', 'missing topic: use --topic <name>, or set KAFKA_TOPICS'],
    ['KAFKA_TOPICS has several', 'a,b', 'KAFKA_TOPICS has more than one topic: use --topic a or b'],
  ])('%s', async (_, topics, message) => {
    const { code, stderr } = await cli(['record', 'a.ndjson'], { ...somewhere, KAFKA_TOPICS: topics })
    expect(stderr.split('\n')[0]).toBe(message)
    expect(code).toBe(2)
  })
})

describe('other errors end with 1 and one line', () => {
  test('KAFKA_BROKERS is not set', async () => {
    const { code, stderr } = await cli(['record', 'a.ndjson', '--topic', 'x'])
    expect(stderr).toContain('- KAFKA_BROKERS is not set')
    expect(code).toBe(1)
  })

  test('an unreachable broker: nothing is written', async () => {
    const file = join(temporaryFolder(), 'a.ndjson')
    const { code, stdout, stderr } = await cli(['record', file], somewhere)
    expect(stderr).toMatch(/^broker 127\.0\.0\.1:1 does not accept connections: .+\n$/)
    expect(code).toBe(1)
    expect(stdout).toBe('')
  })

  test('an output that cannot be written is refused before a broker is asked', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'there.json')
    writeFileSync(file, 'mine')
    for (const [name, message] of [
      [file, `${file}: already exists; use --force to overwrite it\n`],
      [join(folder, 'no', 'a.json'), `${join(folder, 'no', 'a.json')}: folder ${join(folder, 'no')} does not exist\n`],
    ] as const) {
      const { code, stderr } = await cli(['record', name], somewhere)
      expect(stderr).toBe(message)
      expect(code).toBe(1)
    }
  })
})

test.each([
  ['beginning', { kind: 'beginning' }],
  ['latest', { kind: 'latest' }],
  ['0', { kind: 'offset', offset: 0 }],
  ['4711', { kind: 'offset', offset: 4711 }],
  ['2026-11-24T07:26:34Z', { kind: 'time', at: Date.parse('2026-11-24T07:26:34Z'), text: '2026-11-24T07:26:34Z' }],
])('--from %s', (text, from) => {
  expect(readFrom(text)).toEqual(from)
})

describe('the order of a recording', () => {
  const message = (offset: number, timestamp = -1): KafkaMessage => ({
    ...{ offset: String(offset), timestamp: String(timestamp), key: null, value: null },
    batchContext: { timestampType: timestamp < 0 ? 0 : 1 },
  })

  /** Takes all that is in queues which are filled piece by piece, whichever piece comes first. */
  function taken(partitions: readonly KafkaMessage[][], pieces: readonly number[]): string[] {
    const queues = partitions.map((messages, partition) =>
      openPartitionQueue({ partition, leader: 1, low: 0, from: 0, end: messages.length }),
    )
    const order: string[] = []
    for (let step = 0; ; step += 1) {
      const waiting = queues.filter(isWaiting)
      const queue = waiting.length === 0 ? queueWithNextRecord(queues) : undefined
      const first = queue?.messages.shift()
      if (queue && first) order.push(`${queue.partition}@${first.offset}`)
      else if (waiting.length === 0) return order
      else {
        const next = waiting[(pieces[step % pieces.length] ?? 0) % waiting.length]
        if (!next) throw new Error('a queue waits')
        const size = 1 + (pieces[(step + 1) % pieces.length] ?? 0)
        // A fetch may begin before what is wanted.
        fill(next, (partitions[next.partition] ?? []).slice(Math.max(0, next.next - 1), next.next + size))
      }
    }
  }

  const pieces = fc.array(fc.nat(5), { minLength: 1 })

  test('is by offset, partition by partition, if records have no time', () => {
    const partitions = [3, 2, 2].map((count) => Array.from({ length: count }, (_, offset) => message(offset)))
    expect(taken(partitions, [0])).toEqual(['0@0', '1@0', '2@0', '0@1', '1@1', '2@1', '0@2'])
  })

  test('is by the broker’s time if the broker wrote it', () => {
    const partitions = [[message(0, 10), message(1, 40)], [message(0, 20)], [message(0, 5), message(1, 40)]]
    expect(taken(partitions, [0])).toEqual(['2@0', '0@0', '1@0', '0@1', '2@1'])
  })

  test('is independent of the order of fetches, complete, and in order within each partition', () => {
    const partition = fc.array(fc.option(fc.nat(9), { nil: -1 }))
    fc.assert(
      fc.property(fc.array(partition, { minLength: 1, maxLength: 5 }), pieces, pieces, (times, some, others) => {
        const partitions = times.map((list) => list.map((time, offset) => message(offset, time)))
        const order = taken(partitions, some)
        expect(order).toEqual(taken(partitions, others))
        for (const [number, list] of partitions.entries())
          expect(order.filter((name) => name.startsWith(`${number}@`))).toEqual(
            list.map(({ offset }) => `${number}@${offset}`),
          )
      }),
    )
  })
})
