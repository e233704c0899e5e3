import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type Broker, isFree, startBroker } from '../../infra/local/broker.ts'
import { defaultVersion } from '../../infra/local/jars.ts'
import { createKafkaClient } from '../../lib/adapters/kafka/client.ts'
import { containerOf, find, type Manifest, manifestsOf, podOf, root } from './manifests.ts'

const directory = mkdtempSync(join(tmpdir(), 'kafka-'))
let manifests: Manifest[] = []
beforeAll(async () => {
  manifests = await manifestsOf('base')
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const topicSettings = [
  'retention.ms=604800000',
  'message.timestamp.type=LogAppendTime',
  'retention.bytes=536870912',
  'segment.bytes=134217728',
]

/** The arguments that the Job's script passes to Kafka's tools. */
function runScript(): string[][] {
  const tools = ['kafka-topics.sh', 'kafka-configs.sh'].map((name) => join(directory, name))
  for (const tool of tools) {
    writeFileSync(tool, '#!/bin/sh\nfor word in "$0" "$@"; do printf "%s\\037" "$word"; done; echo\n')
    chmodSync(tool, 0o755)
  }
  const { data = {} } = find(manifests, 'ConfigMap', 'kafka-topic')
  const script = data['make-topic.sh']?.replaceAll('/opt/kafka/bin', directory) ?? ''
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    encoding: 'utf8',
    // If stdin is a socket, bash first reads its user's .bashrc.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, BROKERS: 'kafka:9092' },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const calls = stdout.trimEnd().split('\n')
  return calls.map((line) => line.replaceAll(`${directory}/`, '').split('\u001f').slice(0, -1))
}

test('the script creates the topic, corrects an existing one, and prints it', () => {
  const topics = ['kafka-topics.sh', '--bootstrap-server', 'kafka:9092']
  const options = topicSettings.flatMap((setting) => ['--config', setting])
  expect(runScript()).toEqual([
    [
      ...[...topics, '--create', '--if-not-exists', '--topic', 'kube-events'],
      ...['--partitions', '3', '--replication-factor', '1', ...options],
    ],
    [
      ...['kafka-configs.sh', '--bootstrap-server', 'kafka:9092', '--alter', '--entity-type', 'topics'],
      ...['--entity-name', 'kube-events', '--add-config', topicSettings.join(',')],
    ],
    [...topics, '--describe', '--topic', 'kube-events'],
  ])
})

test('the Job runs the script, and can be applied again', () => {
  const job = find(manifests, 'Job', 'kafka-topic')
  const { command, volumeMounts } = containerOf(job) as { command?: string[] } & ReturnType<typeof containerOf>
  expect(command).toEqual(['bash', '/scripts/make-topic.sh'])
  expect(volumeMounts).toContainEqual({ name: 'scripts', mountPath: '/scripts', readOnly: true })
  expect(podOf(job).volumes?.[0]?.configMap?.name).toBe(find(manifests, 'ConfigMap', 'kafka-topic').metadata.name)
  expect(job.spec?.ttlSecondsAfterFinished).toBeGreaterThan(0)
})

test('every Kafka is a version that stock kube-eventer can write to', () => {
  const compose = readFileSync(join(root, 'infra/local/compose.yml'), 'utf8')
  const images = [
    ...JSON.stringify(manifests).matchAll(/apache\/kafka:[^"]+/g),
    ...compose.matchAll(/apache\/kafka:.+/g),
  ]
  expect(images.map(([image]) => image)).toEqual(Array(4).fill(`apache/kafka:${defaultVersion}`))
  expect(defaultVersion).toMatch(/^3\.9\./)
})

test('the Strimzi topic has the same settings', () => {
  const file = readFileSync(join(root, 'infra/kubernetes/examples/strimzi-topic.yaml'), 'utf8')
  const { kind, metadata, spec } = parse(file)
  expect({ kind, name: metadata.name, ...spec }).toEqual({
    ...{ kind: 'KafkaTopic', name: 'kube-events', partitions: 3, replicas: 3 },
    config: { 'retention.ms': 604_800_000, 'message.timestamp.type': 'LogAppendTime' },
  })
})

const isBrokerPossible = ['java', 'mvn'].every((program) => spawnSync(program, ['-version']).error === undefined)

describe.runIf(isBrokerPossible).each(['infra/kubernetes', 'infra/local'] as const)(
  'a real broker with the settings of %s',
  (place) => {
    let broker: Broker | undefined
    let settings: Record<string, string> = {}
    beforeAll(async () => {
      settings = place === 'infra/local' ? settingsOfCompose() : settingsOf(manifests)
      const [port, controllerPort, other] = [await freePort(), await freePort(), await freePort()] as const
      // Replaces the pod's addresses and folder.
      const { 'log.dirs': _, ...rest } = settings
      const here = (text: string) =>
        text
          .replace(/\/\/[\w.-]*:9092/, `//127.0.0.1:${port}`)
          .replace(':9093', `:${controllerPort}`)
          .replace(':19092', `:${other}`)
      const properties = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, here(value)]))
      const jars = join(process.env.KAFKA_JARS || join(root, '.kafka'), `libs-${defaultVersion}`)
      broker = await startBroker({
        directory: mkdtempSync(join(directory, 'broker-')),
        port,
        controllerPort,
        jars,
        properties,
      })
    })
    afterAll(() => broker?.stop())

    test('it starts, knows each setting, and stores the topic with its settings', async () => {
      const admin = createKafkaClient({ brokers: [broker?.address ?? ''], tls: undefined, login: undefined }).admin()
      await admin.connect()
      const configEntries = topicSettings.map((setting) => {
        const [name = '', value = ''] = setting.split('=')
        return { name, value }
      })
      const topics = [{ topic: 'kube-events', numPartitions: 3, replicationFactor: 1, configEntries }]
      await admin.createTopics({ waitForLeaders: false, topics })
      const { BROKER, TOPIC } = kafkajs.ConfigResourceTypes
      const resources = [
        { type: BROKER, name: '1' },
        { type: TOPIC, name: 'kube-events' },
      ]
      const described = await admin.describeConfigs({ resources, includeSynonyms: false })
      await admin.disconnect()
      const [ofBroker = {}, ofTopic = {}] = described.resources.map(({ configEntries }) =>
        Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      )
      for (const [name, value] of Object.entries(settings))
        if (name === 'log.dirs' || value.includes(':909')) expect(ofBroker).toHaveProperty([name])
        else expect(ofBroker).toMatchObject({ [name]: value })
      for (const { name, value } of configEntries) expect(ofTopic).toMatchObject({ [name]: value })
    })
  },
)

function settingsOf(manifests: Manifest[]): Record<string, string> {
  const { env = [] } = containerOf(find(manifests, 'StatefulSet', 'kafka'))
  const variables = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]))
  return asTheImageReads(variables)
}

function settingsOfCompose(): Record<string, string> {
  const { services } = parse(readFileSync(join(root, 'infra/local/compose.yml'), 'utf8'), { merge: true })
  return asTheImageReads(services.kafka.environment)
}

/** KAFKA_ABC_DEF means abc.def, except for variables of Kafka's own scripts (KafkaDockerWrapper.scala). */
function asTheImageReads(variables: Record<string, string | number>): Record<string, string> {
  const ofBroker = Object.entries(variables).filter(([name]) => name.startsWith('KAFKA_') && name !== 'KAFKA_HEAP_OPTS')
  return Object.fromEntries(
    ofBroker.map(([name, value]) => [
      name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'),
      String(value).replace('$(NAMESPACE)', 'kube-events'),
    ]),
  )
}

/** Below the ephemeral ports. */
async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  return (await isFree(port)) ? port : freePort()
}
