import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { cli } from '../cli/spawn.ts'
import { broker, environmentOf, ways } from './broker.ts'
import { anotherBroker, checked, happened } from './checked.ts'
import { logTime } from './recorded.ts'
import { newTopic, produceRecords, withAdmin } from './topic.ts'

const secret = 'wrong-wrong'

describe('no problems', () => {
  test('as text, without a bot', async () => {
    const topic = await newTopic({ configs: { ...logTime, 'retention.ms': String(7 * 86_400_000) } })
    await produceRecords(topic, happened(3), happened(2), happened(1))
    const env = { ...environmentOf('scram-sha-512'), KAFKA_TOPICS: topic, CLUSTER_NAME: 'prod' }
    const { code, stdout, stderr } = await cli(['check', '--kafka'], { ...env, KAFKA_GROUP: 'no-group' })
    const { saslTls } = inject('broker').addresses
    const [head, ...told] = stdout.split('\nKafka, ')
    expect(head?.split('\n').filter((line) => !line.startsWith('note: '))).toEqual([
      'the environment, without a file: fine',
      '',
    ])
    expect(head).toContain('note: before you run the program: TELEGRAM_CHAT_ID is not set')
    const unwrapped = told.join('').replace(/\n {4}(?!→)/g, ' ')
    const named = unwrapped.replaceAll(saslTls, '<broker>').replaceAll(topic, '<topic>')
    expect(named.replace(/1m( \d+s)? ago/, '<age> ago')).toMatchInlineSnapshot(`
      "<broker>
        ✓ brokers: <broker> answers, Kafka before 4, TLSv1.3
        ✓ login: accepted: events by SCRAM-SHA-512
        ✓ brokers: the cluster has 1 broker, all reachable: <broker>
        ✓ topic <topic>: 3 partitions, 3 records, kept for 7d
        ✓ records of <topic>: the latest event is BackOff of Pod shop/web-7d9f8c6b5-x2k4p, <age> ago; cluster name: prod
        · group no-group: new: it has never read from these brokers
        · group no-group: it will start at the end of <topic> (KAFKA_FROM=latest) and skip the 3 records before it
          → set KAFKA_FROM=beginning to read them too

      No problems.
      "
    `)
    expect(stdout + stderr).not.toContain(inject('broker').user.password)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test.each(ways)('%s', async (way) => {
    const topic = await newTopic({ partitions: 1, configs: logTime })
    await produceRecords(topic, happened())
    const { code, kafka, stdout, stderr } = await checked({ ...environmentOf(way), KAFKA_TOPICS: topic })
    expect(kafka.filter(({ level }) => level !== 'fine')).toMatchObject([{ level: 'note' }, { level: 'note' }])
    expect(stdout + stderr).not.toContain(inject('broker').user.password)
    expect(code).toBe(0)
  })

  test('nothing is left behind: no group, no topic', async () => {
    const topic = await newTopic()
    await produceRecords(topic, happened())
    const there = () =>
      withAdmin(async (admin) => ({ ...(await admin.listGroups()), topics: await admin.listTopics() }))
    const before = await there()
    await checked({ ...environmentOf(), KAFKA_TOPICS: `${topic},${topic}-missing`, KAFKA_GROUP: 'never' })
    expect(await there()).toEqual(before)
  })
})

describe('each problem with the brokers is one clear line with advice', () => {
  const { addresses, certificates } = inject('broker')
  const scram = () => environmentOf('scram-sha-512')
  test.each<[string, () => Record<string, string>, RegExp, RegExp]>([
    [
      'a wrong password',
      () => ({ ...scram(), KAFKA_PASSWORD: secret }),
      /refused the login/,
      /check KAFKA_SASL, KAFKA_US/,
    ],
    [
      'a login mechanism that the listener lacks',
      () => ({ ...scram(), KAFKA_SASL: 'aws-msk-iam', AWS_REGION: 'eu-west-1' }),
      /does not support this login mechanism/,
      /set KAFKA_SASL to a mechanism/,
    ],
    [
      'no login on a listener with SASL',
      () => ({ KAFKA_BROKERS: addresses.saslTls, KAFKA_CA_FILE: certificates.ca }),
      /probably requires a login/,
      /set KAFKA_SASL, KAFKA_USERNAME and KAFKA_PASSWORD/,
    ],
    [
      'a login on a listener without SASL',
      () => ({ ...scram(), KAFKA_BROKERS: addresses.mutualTls, ...certificate() }),
      /does not accept a login on this port/,
      /unset KAFKA_SASL/,
    ],
    [
      'an unknown authority',
      () => ({ ...scram(), KAFKA_CA_FILE: certificates.wrongCa }),
      /not signed by a trusted authority/,
      /set KAFKA_CA_FILE/,
    ],
    [
      'no client certificate',
      () => ({ KAFKA_BROKERS: addresses.mutualTls, KAFKA_CA_FILE: certificates.ca }),
      /requires a client certificate/,
      /set KAFKA_CERTIFICATE_FILE/,
    ],
    [
      'plaintext on a TLS listener',
      () => ({ KAFKA_BROKERS: addresses.saslTls }),
      /requires TLS on this port/,
      /KAFKA_TLS=on/,
    ],
    [
      'TLS on a plaintext listener',
      () => ({ KAFKA_BROKERS: addresses.plaintext, KAFKA_TLS: 'on' }),
      /does not use TLS on this port/,
      /KAFKA_TLS=off/,
    ],
    [
      'a refused connection',
      () => ({ KAFKA_BROKERS: '127.0.0.1:1' }),
      /does not accept connections/,
      /check KAFKA_BROKERS/,
    ],
    ['an unknown host', () => ({ KAFKA_BROKERS: 'kafka.invalid:9092' }), /cannot be resolved/, /check KAFKA_BROKERS/],
  ])('%s', async (_name, environment, says, advice) => {
    const { code, kafka, stdout, stderr, seconds } = await checked({ KAFKA_TOPICS: 'kube-events', ...environment() })
    const wrong = kafka.filter(({ level }) => level !== 'fine')
    expect(wrong).toEqual([expect.objectContaining({ level: 'problem', says: expect.stringMatching(says) })])
    expect(wrong[0]?.advice).toMatch(advice)
    expect(wrong[0]?.says).not.toContain('\n')
    expect(stdout + stderr).not.toContain(secret)
    expect(stderr).toBe('')
    expect(code).toBe(1)
    expect(seconds).toBeLessThan(10)
  })

  function certificate() {
    return { KAFKA_CERTIFICATE_FILE: certificates.certificate, KAFKA_KEY_FILE: certificates.key }
  }

  test('another service on the port', async () => {
    const server = createServer((_, response) => response.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const { kafka } = await checked({ KAFKA_BROKERS: address })
    expect(kafka).toMatchObject([{ level: 'problem', says: `${address} answers, but it is not Kafka` }])
  })

  test('a broker that is down; one of several is a warning', async () => {
    onTestFinished(broker.start)
    await broker.stop()
    const down = await checked(environmentOf())
    expect(down.kafka).toMatchObject([
      { level: 'problem', says: expect.stringContaining('does not accept connections') },
    ])
    await broker.start()
    const { kafka, code } = await checked({ KAFKA_BROKERS: `127.0.0.1:1,${addresses.plaintext}` })
    expect(kafka[0]).toMatchObject({ level: 'warning', says: 'broker 127.0.0.1:1 does not accept connections' })
    expect(code).toBe(0)
  })

  test('an address to which the broker sends clients on, and that is of another network', async () => {
    const { address } = await anotherBroker('astray', () => ({
      properties: { 'advertised.listeners': 'PLAINTEXT://kafka-0.invalid:9092' },
    }))
    const { kafka, code, seconds } = await checked({ KAFKA_BROKERS: address, KAFKA_TOPICS: 'kube-events' })
    expect(kafka.at(-1)).toEqual({
      ...{ level: 'problem', about: 'broker', name: '1' },
      says: `KAFKA_BROKERS (${address}) is reachable, but this broker sends clients to kafka-0.invalid:9092 (advertised.listeners): the host name of broker kafka-0.invalid:9092 cannot be resolved`,
      advice:
        'set advertised.listeners of broker 1 to an address that this machine can reach, or run the check where kafka-0.invalid:9092 is reachable',
    })
    expect(code).toBe(1)
    expect(seconds).toBeLessThan(10)
  })
})
