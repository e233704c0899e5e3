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

function mappings(sources: object[], others: object = {}): Record<string, unknown>[] {
  const given = { default: { sources, environment: { TELEGRAM_CHAT_ID: 1 }, ...others } }
  const text = JSON.stringify(given)
  const place = { fileName: 'settings.yml', stage: 'prod', region: 'eu-central-1', parameters: [], now: 0 }
  const { settings, problems } = readSettings({ text, ...place })
  expect(problems).toEqual([])
  return Object.values(eventSources(settings).Resources).map(({ Properties }) => Properties)
}

describe('provisioned pollers, which cost the same for one event source and for ten of a group', () => {
  const groups = (sources: object[], others?: object) =>
    mappings(sources, others).map(
      ({ ProvisionedPollerConfig: pollers }) => (pollers as Record<string, unknown> | undefined)?.PollerGroupName,
    )
  const shared = 'kube-eventer-telegram-prod-Events'

  it('are shared by the topics of a cluster', () =>
    expect(groups([{ ...msk, topics: ['aa', 'bb'] }])).toEqual([shared, shared]))
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
