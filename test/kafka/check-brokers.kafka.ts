import { expect, test } from 'vitest'
import { createPartitioner } from '../../lib/adapters/kafka/client.ts'
import { anotherBroker, checked, happened } from './checked.ts'
import { logTime, noTime, recorded } from './recorded.ts'
import { client, newTopic, withAdmin } from './topic.ts'

async function produce(address: string, topic: string, timestamp?: string) {
  const producer = client(address).producer({ createPartitioner })
  await producer.connect()
  await producer.send({ topic, messages: [{ value: happened(120), ...(timestamp ? { timestamp } : {}) }] })
  await producer.disconnect()
}

test('Kafka 4: a topic that is empty, or has only what was written before, is a problem; real times are a mended kube-eventer’s', async () => {
  const { address } = await anotherBroker('four-to-check', () => ({ version: '4.4.0' }))
  const [empty, old, mended, logged] = [
    await newTopic({ address }),
    await newTopic({ address }),
    await newTopic({ address }),
    await newTopic({ address, configs: logTime }),
  ]
  await produce(address, old, noTime.timestamp)
  await produce(address, mended)
  await produce(address, logged)
  const topics = [empty, old, mended, logged].join(',')
  const { code, kafka } = await checked({ KAFKA_BROKERS: address, KAFKA_TOPICS: topics })
  expect(kafka[0]).toMatchObject({ level: 'fine', says: `${address} answers, Kafka 4 or later, without TLS` })
  const of = (name: string) => kafka.filter((one) => one.name === name && one.about === 'records')
  expect(of(empty)).toMatchObject([
    {
      level: 'problem',
      says: 'the brokers are Kafka 4 or later, and the topic is empty. An unpatched kube-eventer can’t write to Kafka 4; it looks healthy but loses every event',
      advice: expect.stringContaining('use Kafka 3.9'),
    },
  ])
  expect(of(old)).toMatchObject([
    { level: 'fine' },
    { level: 'problem', says: expect.stringContaining('and the records have no timestamp') },
    { level: 'warning', advice: expect.stringContaining('LogAppendTime') },
  ])
  expect(of(mended)).toMatchObject([{ level: 'fine' }])
  expect(of(logged)).toMatchObject([{ level: 'fine' }])
  expect(code).toBe(1)
})

// kafkajs' AclResourceTypes, AclOperationTypes, ResourcePatternTypes and AclPermissionTypes.
const resource = { topic: 2, group: 3 }
const operation = { read: 3, describe: 8 }

test('what a login may not do is named', async () => {
  const users = ['all', 'describe', 'plain', 'none'] as const
  const names = users.map((name) => `user_${name}="${name}-secret"`).join(' ')
  const { address } = await anotherBroker('rights', (port) => ({
    controllerPort: port + 2,
    properties: {
      listeners: `PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${port + 1},CONTROLLER://127.0.0.1:${port + 2}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${port + 1}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${names};`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  }))
  const topic = await newTopic({ address, configs: logTime })
  await produce(address, topic)
  const rule = (user: (typeof users)[number], resourceType: number, resourceName: string, operation: number) => ({
    ...{ principal: `User:${user}`, host: '*', resourceType, resourceName, operation },
    // Of groups all that begin so.
    ...{ resourcePatternType: resourceType === resource.group ? 4 : 3, permissionType: 3 },
  })
  await withAdmin(
    (admin) =>
      admin.createAcls({
        acl: [
          rule('all', resource.topic, topic, operation.read),
          rule('all', resource.group, 'kube-eventer-telegram', operation.read),
          rule('describe', resource.topic, topic, operation.describe),
          rule('describe', resource.group, 'kube-eventer-telegram', operation.read),
          rule('plain', resource.topic, topic, operation.read),
        ],
      }),
    address,
  )
  const [host, port] = address.split(':')
  const environmentOf = (user: (typeof users)[number]) => ({
    ...{ KAFKA_BROKERS: `${host}:${Number(port) + 1}`, KAFKA_TOPICS: topic },
    ...{ KAFKA_SASL: 'plain', KAFKA_USERNAME: user, KAFKA_PASSWORD: `${user}-secret` },
  })
  const wrongOf = async (user: (typeof users)[number]) => {
    const found = await checked(environmentOf(user))
    expect(found.stdout + found.stderr).not.toContain(`${user}-secret`)
    expect(found.warnings).toEqual([expect.stringContaining('over the network unencrypted')])
    return found.kafka.filter(({ level }) => level !== 'fine').map(({ level, about, says }) => [level, about, says])
  }
  const settings = ['note', 'topic', 'settings not checked: this login may not read them']
  const group = [
    ['note', 'group', 'new: it has never read from these brokers'],
    ['note', 'group', expect.stringContaining('it will start at the end of')],
  ]
  const noTopic = `this login may not read topic ${topic}`
  const noGroup =
    'not read, because that needs a temporary group: this login may not join consumer group kube-eventer-telegram-record-<random>'
  expect(await wrongOf('all')).toEqual([settings, ...group])
  expect(await wrongOf('describe')).toEqual([settings, ['problem', 'records', noTopic], ...group])
  expect(await wrongOf('plain')).toEqual([
    settings,
    ['note', 'records', noGroup],
    ['problem', 'group', 'this login may not join consumer group kube-eventer-telegram'],
  ])
  expect(await wrongOf('none')).toEqual([['problem', 'topic', noTopic]])

  expect(await recorded(topic, [], environmentOf('all'))).toMatchObject({ code: 0 })
  const { code, stderr } = await recorded(topic, [], environmentOf('plain'))
  expect(code).toBe(1)
  expect(stderr).toMatch(/this login may not join consumer group kube-eventer-telegram-record-\w+: /)
})
