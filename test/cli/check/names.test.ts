import { expect, test } from 'vitest'
import { checkConfiguration } from '../../../lib/cli/check/config.ts'
import { rowsOfCause } from '../../../lib/core/event/cause-of.ts'
import { fileOf } from './bot.ts'

async function warningsOf(yaml: string, environment: Record<string, string> = {}): Promise<string[]> {
  const file = fileOf(yaml)
  const wanted = { file, asksTelegram: false, asksKafka: false, asksAws: false }
  const { problems, warnings } = await checkConfiguration({ STATE: 'memory', ...environment }, wanted)
  expect(problems).toEqual([])
  return warnings.map((warning) => warning.replace(file, 'rules.yml'))
}

test.each<[given: string, says: string]>([
  [
    'reason: CrashLoopBackOff',
    'CrashLoopBackOff is a container state. The event\'s reason is BackOff; match it by "cause: crash-loop".',
  ],
  [
    'cause: ImagePullBackOff',
    'ImagePullBackOff is a container state. The event\'s reason is BackOff; match it by "cause: image-pull".',
  ],
  [
    'reason: NotReady',
    'NotReady is a node status. The event\'s reason is NodeNotReady; match it by "cause: node-not-ready".',
  ],
  [
    'reason: Pending',
    'Pending is a pod phase. The event\'s reason is FailedScheduling; match it by "cause: scheduling".',
  ],
  ['reason: OOMKilled', 'OOMKilled is a container state. Kubernetes emits no event for it.'],
  [
    'reason: ProgressDeadlineExceeded',
    'ProgressDeadlineExceeded is a Deployment condition. Kubernetes emits no event for it.',
  ],
  ['reason: Unhealty', 'no known reason is "Unhealty"; did you mean Unhealthy?'],
  ['kind: pods', 'no known kind is "pods"; did you mean Pod?'],
  ['kind: networkpolicies', 'no known kind is "networkpolicies"; did you mean NetworkPolicy?'],
  ['kind: Deploymnet', 'no known kind is "Deploymnet"; did you mean Deployment?'],
  ['kind: deploy', 'no known kind is "deploy"; did you mean Deployment?'],
  ['type: error', '"error" is no event type; use Warning or Normal'],
])('%s is a warning', async (given, says) => {
  const [warning, ...others] = await warningsOf(`rules:\n  - name: a\n    match:\n      ${given}\n    action: drop\n`)
  expect(others).toEqual([])
  expect(warning).toContain(`rules.yml, line 4, rules[0].match.${given.replace(/:.*/, '')}: ${says}`)
})

test.each([
  'reason: [BackOff, Evicted, unhealthy, Pulled, ScalingReplicaSet, DeadlineExceeded]',
  'reason: BackupDone',
  'reason: "Unhealt*"',
  'reason: /^Unhealt$/',
  'cause: [crash-loop, BackOff]',
  'kind: [pod, Node, Zookeeper, Network]',
  'type: [warning, Normal]',
  'namespace: pods',
  'cluster: anything',
])('%s is fine', async (given) => {
  expect(await warningsOf(`rules: [{ name: a, match: { ${given} }, action: drop }]`)).toEqual([])
})

test('names are checked in the exceptions of rules, in routes and in mutes, each with its line', async () => {
  const warnings = await warningsOf(`
rules:
  - name: a
    match: { type: Warning }
    except: { reason: [Pulled, Unhealty] }
    action: drop
routes:
  - match: { kind: nodes }
    to: -5
mutes:
  - { name: b, match: { type: warn }, until: '2999-01-01T00:00:00Z', reason: c }
`)
  expect(warnings.map((warning) => warning.replace(/: .*/, ''))).toEqual([
    'rules.yml, line 5, rules[0].except.reason[1]',
    'rules.yml, line 8, routes[0].match.kind',
    'rules.yml, line 11, mutes[0].match.type',
  ])
})

const ofCluster = (name: string) => `rules: [{ name: a, match: { cluster: ${name} }, action: drop }]`
const clusters = 'clusters: { events-staging: staging, events-prod: prod }\n'

test.each<[name: string, yaml: string, environment: Record<string, string>, says: string]>([
  [
    'a misspelt cluster',
    clusters + ofCluster('stagin'),
    {},
    'no cluster is named "stagin"; the known clusters are staging, prod; did you mean staging?',
  ],
  [
    'a cluster that differs from CLUSTER_NAME',
    ofCluster('live'),
    { CLUSTER_NAME: 'prod' },
    'no cluster is named "live"; the known clusters are prod',
  ],
  [
    'a cluster that is no topic',
    ofCluster('live'),
    { KAFKA_TOPICS: 'events-a, events-b' },
    'no cluster is named "live"; the known clusters are events-a, events-b',
  ],
  [
    'a topic in place of its cluster',
    clusters + ofCluster('events-prod'),
    {},
    '"events-prod" is a topic in clusters; the cluster names are staging, prod',
  ],
  [
    'a reversed map',
    'clusters: { prod: kube-events-prod }',
    {},
    '"kube-events-prod" looks like a topic. Write the topic first, then its cluster: kube-events-prod: prod',
  ],
  [
    'a reversed map, by KAFKA_TOPICS',
    'clusters: { prod: alpha }',
    { KAFKA_TOPICS: 'alpha' },
    '"alpha" looks like a topic. Write the topic first, then its cluster: alpha: prod',
  ],
])('%s is a warning', async (_name, yaml, environment, says) => {
  const [warning, ...others] = await warningsOf(yaml, environment)
  expect(others).toEqual([])
  expect(warning).toMatch(/^rules\.yml, line \d, (?:rules\[0\]\.match\.cluster|clusters\.prod): /)
  expect(warning?.replace(/^.*?: /, '')).toBe(says)
})

test.each<[yaml: string, environment: Record<string, string>]>([
  [clusters + ofCluster('[Staging, PROD]'), {}],
  [clusters + ofCluster('elsewhere'), {}],
  [ofCluster('events-a'), { KAFKA_TOPICS: 'events-a,events-b' }],
  [ofCluster('prod'), { CLUSTER_NAME: 'prod' }],
  ['clusters: { alpha: prod }', { KAFKA_TOPICS: 'alpha' }],
  ['clusters: { events-prod: prod-events }', {}],
])('%s is fine with %j', async (yaml, environment) => {
  expect(await warningsOf(yaml, environment)).toEqual([])
})

test('a warning is shown although something else is wrong', async () => {
  const file = fileOf('rules: [{ name: a, match: { type: error }, action: drop }]')
  const checked = await checkConfiguration(
    { LOG_LEVEL: 'loud' },
    { file, asksTelegram: false, asksKafka: false, asksAws: false },
  )
  expect(checked.problems).toHaveLength(1)
  expect(checked.warnings).toEqual([expect.stringContaining('"error" is no event type')])
})

test.each([
  ...[
    'CrashLoopBackOff',
    'ImagePullBackOff',
    'ErrImagePull',
    'InvalidImageName',
    'RegistryUnavailable',
    'ImageInspectError',
  ],
  ...['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'ContainerCannotRun', 'StartError'],
  ...['Pending', 'Unschedulable', 'NotReady', 'NodeLost', 'SchedulingDisabled', 'MemoryPressure', 'DiskPressure'],
])('the cause that is named for %s has the reason that is named', async (state) => {
  const [warning = ''] = await warningsOf(`rules: [{ name: a, match: { reason: ${state} }, action: drop }]`)
  const [, reason = '', cause = ''] = /reason is (\w+); match it by "cause: ([\w-]+)"/.exec(warning) ?? []
  expect(rowsOfCause(cause).flatMap(({ reasons }) => reasons)).toContain(reason)
})
