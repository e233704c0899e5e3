import { expect, it } from 'vitest'
import { fitUpdate, type Template } from '../../infra/aws/update.ts'
import { findAwsProblems } from '../deploy/real-aws/problems.ts'
import { openStack } from '../deploy/real-aws/stack.ts'
import { findUpdateProblems } from '../deploy/real-aws/updates.ts'
import { now, place, settingsOf, templateOf } from './stacks.ts'

const msk = {
  type: 'msk',
  clusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/events/12345678-1234-1234-1234-123456789012-1',
  login: 'iam',
}
const other = { ...msk, clusterArn: msk.clusterArn.replace('/events/', '/other/') }
const ownBrokers = {
  type: 'self-managed',
  login: 'scram-sha-512',
  bootstrapServers: ['b1.example.com:9096'],
  secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:brokers-AbCdEf',
  topics: ['kube-events'],
}

/** What may be deployed before and after. */
const variants: Record<string, Record<string, unknown>> = {
  'the example': {},
  'on-demand pollers': { delivery: 'on-demand' },
  'state in memory': { state: 'memory' },
  'on-demand pollers, state in memory': { delivery: 'on-demand', state: 'memory' },
  'another topic': { sources: [{ ...msk, topics: ['other-events'] }] },
  'one more topic': { sources: [{ ...msk, topics: ['kube-events', 'other-events'] }] },
  'another cluster': { sources: [{ ...other, topics: ['kube-events'] }] },
  'another cluster under the same name': { sources: [{ ...other, name: 'events', topics: ['kube-events'] }] },
  'another name of the cluster': { sources: [{ ...msk, name: 'prod', topics: ['kube-events'] }] },
  'no source': { sources: [] },
  'own brokers': { sources: [ownBrokers] },
  'other own brokers': { sources: [{ ...ownBrokers, bootstrapServers: ['b2.example.com:9096'] }] },
  'another consumer group': { consumerGroup: 'events' },
  'another starting position': { startingPosition: 'beginning' },
  'another topic, on-demand': { sources: [{ ...msk, topics: ['other-events'] }], delivery: 'on-demand' },
  'a batch window': { batchWindowSeconds: 5 },
  'a destination': { onFailure: 'arn:aws:sqs:eu-central-1:123456789012:failed' },
  'a protected table': { tableProtection: true, tableRecovery: true },
  'a table that stays': { tableProtection: true, retainTable: true },
  filters: { filters: [{ value: { EventTags: { eventID: [{ exists: true }] } } }] },
}

const names = Object.keys(variants)
const pairs = names.flatMap((before) => names.map((after): [string, string] => [before, after]))

function deploy(name: string, over: Template, at: number, areMappingsReady = true) {
  const next = templateOf(settingsOf('msk-iam', variants[name] ?? {}))
  return fitUpdate(next, { template: over, areMappingsReady, unreservedConcurrency: 1_000 }, at)
}

it.each(pairs)('after %s, AWS takes %s, or it is refused in words', (before, after) => {
  const first = deploy(before, { Resources: {} }, now).template
  const deployed = openStack(first, place)
  const later = now + 3_600_000
  const { template, problems } = deploy(after, first, later)
  const found = findUpdateProblems(deployed, openStack(template, place))
  if (problems.length > 0) {
    expect(found).not.toEqual([])
    return
  }
  const settings = settingsOf('msk-iam', variants[after] ?? {})
  expect(findAwsProblems(settings, openStack(template, place), later, deployed)).toEqual([])
  // The second deployment completes a switch of delivery.
  const second = deploy(after, template, later)
  expect(second.problems).toEqual([])
  expect(findUpdateProblems(openStack(template, place), openStack(second.template, place))).toEqual([])
})

/** What cannot be deployed over what. */
const refused: [string, string, RegExp][] = [
  [
    'the example',
    'another consumer group',
    /cannot change the consumer group .* to events-events-kube-events\. Remove the topic/,
  ],
  ['the example', 'another name of the cluster', /already reads it, and AWS refuses a second one/],
  ['the example', 'another cluster under the same name', /consumer group .* still belongs to another event source/],
  ['own brokers', 'other own brokers', /consumer group .* still belongs to another event source/],
  ['a batch window', 'the example', /cannot take back batchWindowSeconds/],
  ['a protected table', 'state in memory', /which is protected/],
]

it.each(refused)('after %s, %s is refused', (before, after, said) => {
  const first = deploy(before, { Resources: {} }, now).template
  expect(deploy(after, first, now).problems).toEqual([expect.stringMatching(said)])
})

it('goes to provisioned pollers in two deployments, and stays with throw until AWS has changed them', () => {
  const before = deploy('on-demand pollers', { Resources: {} }, now).template
  const first = deploy('the example', before, now)
  expect([failureModeOf(first.template), first.notes.length]).toEqual(['throw', 1])
  const early = deploy('the example', first.template, now, false)
  expect([failureModeOf(early.template), early.notes.length]).toEqual(['throw', 1])
  const second = deploy('the example', early.template, now)
  expect([failureModeOf(second.template), second.notes]).toEqual(['partial', []])
})

function failureModeOf(template: Template): unknown {
  return openStack(template, place).functions.map(({ variables }) => variables.FAILURE_MODE)[0]
}
