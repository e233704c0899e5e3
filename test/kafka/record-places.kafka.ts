import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run, temporaryFolder } from '../cli/spawn.ts'
import { broker, environmentOf } from './broker.ts'
import { linesOf, logTime, noTime, places, recorded, valuesOf } from './recorded.ts'
import { client, eventually, newTopic, produceRecords, withAdmin } from './topic.ts'

describe('--from', () => {
  test('an offset in one partition', async () => {
    const topic = await newTopic({ partitions: 2 })
    await produceRecords(topic, 'a', 'b', 'c', 'd', 'e', 'f')
    expect(places((await recorded(topic, ['--from', '1', '--partition', '1'])).records)).toEqual(['1@1', '1@2'])
    const beyond = await recorded(topic, ['--from', '4'])
    expect(beyond.stderr).toBe(
      `--from 4: partition 0 of topic ${topic} has offsets 0 to 2. Use --partition <n> to read one partition only\n`,
    )
    expect(beyond.code).toBe(1)
    const none = await recorded(topic, ['--partition', '2'])
    expect(none.stderr).toBe(`topic ${topic} has no partition 2: its partitions are 0 to 1\n`)
    expect(none.code).toBe(1)
  })

  test('a time, by the broker’s clock', async () => {
    const topic = await newTopic({ configs: logTime })
    await produceRecords(topic, 'a', 'b', 'c')
    const [first] = (await recorded(topic)).records
    const later = await eventually(
      'the broker’s clock goes on',
      () => Date.now() > Number(first?.timestamp) + 50 && Date.now(),
    )
    await produceRecords(topic, 'd', 'e')
    const since = await recorded(topic, ['--from', new Date(later).toISOString()])
    expect(valuesOf(since.records).toSorted()).toEqual(['d', 'e'])
    const never = await recorded(topic, ['--from', '2100-01-01T00:00:00Z'])
    expect(never.stderr).toBe(`topic ${topic} has no records since 2100-01-01T00:00:00Z\n`)
    expect(never.code).toBe(1)
  })

  test('a time, with records without timestamps: reports that it cannot work, and why', async () => {
    const topic = await newTopic()
    await produceRecords(topic, { ...noTime, value: 'a' })
    const { code, stderr, file } = await recorded(topic, ['--from', '2020-01-01T00:00:00Z'])
    expect(stderr).toMatch(
      /have no timestamps \(kube-eventer sends −1\), .+ message\.timestamp\.type=LogAppendTime on the topic\n$/,
    )
    expect(code).toBe(1)
    expect(existsSync(file)).toBe(false)
  })
})

describe('--follow', () => {
  test('new records only, up to a number', async () => {
    const topic = await newTopic()
    await produceRecords(topic, 'old')
    const following = recorded(topic, ['--from', 'latest', '--follow', '--max', '2'])
    await whileFollowing(topic)
    await produceRecords(topic, 'a', 'b', 'c')
    const { code, records } = await following
    expect(valuesOf(records)).toHaveLength(2)
    expect(valuesOf(records)).not.toContain('old')
    expect(code).toBe(0)
  })

  test('old records, then new ones, through a restart of the broker, until Ctrl-C', async () => {
    onTestFinished(broker.start)
    const topic = await newTopic({ partitions: 2 })
    await produceRecords(topic, 'a', 'b', 'c')
    const file = join(temporaryFolder(), 'out.ndjson')
    let interrupt = () => {}
    const following = run(
      'lib/cli/main.ts',
      ['record', '--topic', topic, file, '--follow'],
      environmentOf(),
      (_, kill) => (interrupt = () => kill('SIGINT')),
    )
    await whileFollowing(topic)
    await eventually('the old records are written', () => existsSync(file) && linesIn(file) === 3)
    await broker.kill()
    await broker.start()
    await produceRecords(topic, 'd')
    await eventually('the new record is written', () => linesIn(file) === 4, { seconds: 60 })
    interrupt()
    const { code, stdout } = await following
    expect(valuesOf(linesOf(readFileSync(file, 'utf8')))).toEqual(['a', 'b', 'c', 'd'])
    expect(stdout).toContain(`interrupted: 4 records of topic ${topic}`)
    expect(code).toBe(0)
  })

  const linesIn = (file: string) => readFileSync(file, 'utf8').split('\n').length - 1

  /** Resolves when the command's consumer group has the partitions of the topic. */
  async function whileFollowing(topic: string) {
    await withAdmin((admin) =>
      eventually(`topic ${topic} is followed`, async () => {
        const { groups } = await admin.listGroups()
        const names = groups.map(({ groupId }) => groupId).filter((name) => name.includes('-record-'))
        const described = await admin.describeGroups(names)
        return described.groups.some(
          ({ state, members }) =>
            state === 'Stable' && members.some(({ memberMetadata }) => memberMetadata.includes(topic)),
        )
      }),
    )
  }
})

describe('nothing to record', () => {
  test('an empty topic, one whose records are deleted, and a missing one', async () => {
    const topic = await newTopic({ partitions: 1 })
    const empty = await recorded(topic)
    expect(empty.stderr).toContain(`topic ${topic} is empty: nothing was ever written to it`)
    await produceRecords(topic, 'a', 'b')
    await withAdmin(async (admin) => {
      // kafkajs deletes records only of topics whose metadata it has.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] })
    })
    const gone = await recorded(topic)
    expect(gone.stderr).toContain(`topic ${topic} is empty: its retention has removed all records`)
    const missing = await recorded('no-such-topic')
    expect(missing.stderr).toMatch(/^topic no-such-topic does not exist: .+\n$/)
    for (const { code, stdout, file } of [empty, gone, missing]) {
      expect(code).toBe(1)
      expect(stdout).toBe('')
      expect(existsSync(file)).toBe(false)
    }
  })

  test('offsets without records at the end: it ends anyway, and reports them', async () => {
    const topic = await newTopic({ partitions: 1 })
    const producer = client().producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({ topic, messages: [{ value: 'a' }, { value: 'b' }] })
    await transaction.commit()
    await producer.disconnect()
    const { code, stderr, records } = await recorded(topic)
    expect(valuesOf(records)).toEqual(['a', 'b'])
    expect(stderr).toContain('note: partition 0: offsets 2 to 2 have no readable records\n')
    expect(code).toBe(0)
  })
})
