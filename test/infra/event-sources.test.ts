import { describe, expect, it } from 'vitest'
import { readSettings } from '../../infra/aws/settings/read.ts'
import { eventSources } from '../../infra/aws/template/event-sources.ts'

const msk = {
  type: 'msk',
  clusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/events/12345678-1234-1234-1234-123456789012-1',
  login: 'iam',
}
const ofOwn = {
  type: 'self-managed',
  bootstrapServers: ['a:9092'],
  login: 'scram-sha-512',
  secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:brokers-AbCdEf',
}

function cluster(at: number) {
  return { clusterArn: msk.clusterArn.replace('events', `events-${at}`) }
}

function mappings(sources: object[], others: object = {}, stage = 'prod'): Record<string, unknown>[] {
  const given = { default: { sources, environment: { TELEGRAM_CHAT_ID: 1 }, ...others } }
  const text = JSON.stringify(given)
  const place = { fileName: 'settings.yml', stage, region: 'eu-central-1', parameters: [], now: 0 }
  const { settings, problems } = readSettings({ text, ...place })
  expect(problems).toEqual([])
  return Object.values(eventSources(settings).Resources).map(({ Properties }) => Properties)
}

describe('provisioned pollers, which cost the same for one event source and for ten of a group', () => {
  const groups = (sources: object[], others?: object, stage?: string) =>
    mappings(sources, others, stage).map(
      ({ ProvisionedPollerConfig: pollers }) => (pollers as Record<string, unknown> | undefined)?.PollerGroupName,
    )
  const shared = expect.stringMatching(/^kube-eventer-telegram-prod-Events-[0-9a-f]{8}$/)

  it('are shared by the topics of a cluster', () =>
    expect(groups([{ ...msk, topics: ['aa', 'bb'] }])).toEqual([shared, shared]))
  it('are not shared by clusters whose names differ in a sign', () => {
    const both = ['a-b', 'a.b'].map((name, at) => ({ ...msk, ...cluster(at), name, topics: ['aa', 'bb'] }))
    expect(new Set(groups(both)).size).toBe(2)
  })
  it('have a group whose name fits, with the longest names', () =>
    expect(
      String(groups([{ ...msk, name: 'n'.repeat(64), topics: ['aa', 'bb'] }], {}, 's'.repeat(40))[0]).length,
    ).toBeLessThanOrEqual(128))
  it('need no group for one topic', () => expect(groups([{ ...msk, topics: ['aa'] }])).toEqual([undefined]))
  it('cannot be shared outside of a VPC', () =>
    expect(groups([{ ...ofOwn, topics: ['aa', 'bb'] }])).toEqual([undefined, undefined]))
  it('are shared as the settings say', () =>
    expect(groups([{ ...msk, topics: ['aa', 'bb'] }], { pollerGroup: 'team' })).toEqual(['team', 'team']))
  it('do not exist on demand', () =>
    expect(groups([{ ...msk, topics: ['aa', 'bb'] }], { delivery: 'on-demand' })).toEqual([undefined, undefined]))
})

describe('each topic', () => {
  it('has a mapping, a consumer group and a logical ID of its own', () => {
    const both = [
      { ...msk, topics: ['aa', 'bb'] },
      { ...ofOwn, name: 'edge', topics: ['aa'] },
    ]
    const groups = mappings(both).map(
      ({ AmazonManagedKafkaEventSourceConfig: ofMsk, SelfManagedKafkaEventSourceConfig: other }) => ofMsk ?? other,
    )
    expect(groups).toEqual(
      ['events-aa', 'events-bb', 'edge-aa'].map((name) => ({
        ConsumerGroupId: `kube-eventer-telegram-lambda-prod-${name}`,
      })),
    )
    expect(mappings(both).map(({ Topics }) => Topics)).toEqual([['aa'], ['bb'], ['aa']])
  })
})
