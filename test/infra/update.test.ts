import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../infra/aws/settings/read.ts'
import { environmentOf, resources } from '../../infra/aws/template/template.ts'
import { type Deployed, fitUpdate, type Template, withStartingTime } from '../../infra/aws/update.ts'

const now = Date.parse('2026-11-28T12:00:00Z')
const seconds = now / 1_000
const msk = {
  type: 'msk',
  clusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/events/12345678-1234-1234-1234-123456789012-1',
  login: 'iam',
  topics: ['kube-events'],
}
const ofOwn = {
  type: 'self-managed',
  bootstrapServers: ['a:9092'],
  login: 'scram-sha-512',
  secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:brokers-AbCdEf',
  topics: ['kube-events'],
}

/** As osls packages it: the resources of these settings, and the functions. */
function packaged(source: object | object[] = msk, others: object = {}): Template {
  const given = { default: { sources: [source].flat(), environment: { TELEGRAM_CHAT_ID: 1 }, ...others } }
  const read = readSettings({
    text: JSON.stringify(given),
    fileName: 'settings.yml',
    stage: 'prod',
    region: 'eu-central-1',
    parameters: [],
    now,
  })
  expect(read.problems).toEqual([])
  const { settings } = read
  const Environment = { Variables: environmentOf(settings) }
  const reserved = settings.state === 'memory' ? { ReservedConcurrentExecutions: 1 } : {}
  const notify = { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'notify', Environment, ...reserved } }
  return { Resources: { ...resources(settings, 'table').Resources, NotifyLambdaFunction: notify } }
}

const fresh: Template = { Resources: {} }

function deployed(template: Template, others: Partial<Deployed> = {}): Deployed {
  return { template, areMappingsReady: true, unreservedConcurrency: 1_000, ...others }
}

/** Deploys one after the other, each a minute later. */
function deploy(...templates: Template[]): Template {
  return templates.reduce((before, next, index) => {
    const { template, problems } = fitUpdate(next, deployed(before), now + index * 60_000)
    expect(problems).toEqual([])
    return template
  }, fresh)
}

function mappingsIn({ Resources }: Template) {
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => Properties)
}

function pollingOf(template: Template) {
  return mappingsIn(template).map(({ StartingPositionTimestamp: _, ...properties }) => properties)
}

function failureMode({ Resources }: Template) {
  const { Environment } = (Resources.NotifyLambdaFunction?.Properties ?? {}) as { Environment?: { Variables: object } }
  return (Environment?.Variables as Record<string, unknown> | undefined)?.FAILURE_MODE
}

describe('where an event source begins', () => {
  const start = (template: Template) =>
    mappingsIn(template).map((mapping) => [mapping.StartingPosition, mapping.StartingPositionTimestamp])

  it('begins at the time of its first deployment, and keeps it', () => {
    expect(start(deploy(packaged()))).toEqual([['AT_TIMESTAMP', seconds]])
    expect(start(deploy(packaged(), packaged(), packaged()))).toEqual([['AT_TIMESTAMP', seconds]])
  })
  it('a topic that is added later begins at its own time', () => {
    const both = packaged({ ...msk, topics: ['kube-events', 'others'] })
    expect(start(deploy(packaged(), both))).toEqual([
      ['AT_TIMESTAMP', seconds],
      ['AT_TIMESTAMP', seconds + 60],
    ])
  })
  it('another starting position does not replace an event source', () => {
    expect(start(deploy(packaged(), packaged(msk, { startingPosition: 'beginning' })))).toEqual([
      ['AT_TIMESTAMP', seconds],
    ])
    expect(start(deploy(packaged(msk, { startingPosition: 'latest' }), packaged()))).toEqual([['LATEST', undefined]])
  })
  it('an event source that takes over a topic begins an hour earlier, since the other one may be behind', () => {
    const moved = packaged({ ...msk, clusterArn: msk.clusterArn.replaceAll('events', 'moved') })
    expect(start(deploy(packaged(), moved))).toEqual([['AT_TIMESTAMP', seconds + 60 - 3_600]])
  })
  it('other brokers in another order are the same source', () => {
    const [ab, ba] = [
      ['a:9092', 'b:9092'],
      ['b:9092', 'a:9092'],
    ].map((bootstrapServers) => packaged({ ...ofOwn, bootstrapServers }))
    expect(ab && ba && deploy(ab, ba)).toEqual(ab && deploy(ab))
  })
  it('is set when the template is only packaged', () =>
    expect(start(withStartingTime(packaged(), now))).toEqual([['AT_TIMESTAMP', seconds]]))
})

describe('a changed topic', () => {
  it('is another event source, since AWS would go on with the old topic', () => {
    const ids = ({ Resources }: Template) =>
      Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::Lambda::EventSourceMapping')
    const [before, after] = [ids(packaged()), ids(packaged({ ...msk, topics: ['others'] }))]
    expect([before.length, after.length]).toEqual([1, 1])
    expect(before).not.toEqual(after)
  })
})

describe('from on-demand to provisioned pollers', () => {
  const onDemand = packaged(msk, { delivery: 'on-demand' })
  it('the function throws until AWS has changed the event source, then it names the failed records', () => {
    const first = fitUpdate(packaged(), deployed(deploy(onDemand)), now)
    expect(failureMode(first.template)).toBe('throw')
    expect(mappingsIn(first.template)[0]).toMatchObject({
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 1 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    })
    expect(first.notes).toEqual([
      'The event source changes to provisioned pollers now. Until that is done, the function must answer with FAILURE_MODE=throw. Deploy again in two minutes to complete the switch; nothing is lost until then.',
    ])

    const early = fitUpdate(packaged(), deployed(first.template, { areMappingsReady: false }), now)
    expect(failureMode(early.template)).toBe('throw')
    expect(early.notes[0]).toMatch(/^AWS is still changing the event source\./)

    const unknown = fitUpdate(packaged(), deployed(first.template, { areMappingsReady: undefined }), now)
    expect(failureMode(unknown.template)).toBe('throw')
    expect(unknown.notes[0]).toMatch(/Allow lambda:ListEventSourceMappings and deploy again\.$/)

    const second = fitUpdate(packaged(), deployed(first.template), now)
    expect(failureMode(second.template)).toBe('partial')
    expect(second.notes).toEqual([])
  })
  it('a first deployment needs no second one', () => {
    const { template, notes } = fitUpdate(packaged(), deployed(fresh), now)
    expect([failureMode(template), notes]).toEqual(['partial', []])
  })
})

describe('from provisioned to on-demand pollers', () => {
  const onDemand = packaged(msk, { delivery: 'on-demand' })
  it('the function throws before the pollers are given up', () => {
    const first = fitUpdate(onDemand, deployed(deploy(packaged())), now)
    expect(failureMode(first.template)).toBe('throw')
    expect(pollingOf(first.template)).toEqual(pollingOf(deploy(packaged())))
    expect(first.notes).toEqual([
      'The function changes to FAILURE_MODE=throw now, and the event source keeps its provisioned pollers. Deploy again to give them up; until then they are billed.',
    ])
  })
  it('then gives the pollers up, and takes back what only they can do', () => {
    const template = deploy(packaged(), onDemand, onDemand)
    expect(failureMode(template)).toBe('throw')
    expect(mappingsIn(template)[0]).toMatchObject({
      ProvisionedPollerConfig: {},
      FunctionResponseTypes: [],
      BisectBatchOnFunctionError: false,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      MetricsConfig: { Metrics: [] },
    })
    expect(mappingsIn(deploy(packaged(), onDemand, onDemand, onDemand))).toEqual(mappingsIn(template))
  })
  it('a topic that is added meanwhile follows the same way', () => {
    const both = packaged({ ...msk, topics: ['kube-events', 'others'] }, { delivery: 'on-demand' })
    expect(mappingsIn(deploy(packaged(), both))[1]).toMatchObject({ ProvisionedPollerConfig: { MinimumPollers: 1 } })
    expect(mappingsIn(deploy(packaged(), both, both))[1]).toMatchObject({ ProvisionedPollerConfig: {} })
  })
  it('a new event source is created without all this', () => {
    const both = packaged({ ...msk, topics: ['kube-events', 'others'] }, { delivery: 'on-demand' })
    expect(mappingsIn(deploy(onDemand))[0]).not.toHaveProperty('ProvisionedPollerConfig')
    expect(mappingsIn(deploy(onDemand, both))[1]).not.toHaveProperty('ProvisionedPollerConfig')
    expect(mappingsIn(deploy(packaged(), onDemand, onDemand, both))[1]).not.toHaveProperty('ProvisionedPollerConfig')
  })
  it('and back again', () => {
    const template = deploy(packaged(), onDemand, onDemand, packaged(), packaged())
    expect(failureMode(template)).toBe('partial')
    expect(mappingsIn(template)[0]).toMatchObject({ ProvisionedPollerConfig: { MinimumPollers: 1 } })
  })
})

describe('while CloudFormation updates, and while it rolls a failed update back', () => {
  it('the function never names failed records to pollers that ignore that', () => {
    const settings = fc.record({
      delivery: fc.constantFrom('provisioned', 'on-demand'),
      topics: fc.constantFrom(['kube-events'], ['others'], ['kube-events', 'others']),
    })
    fc.assert(
      fc.property(fc.array(settings, { minLength: 2, maxLength: 6 }), (steps) => {
        let before = fresh
        for (const { topics, delivery } of steps) {
          const next = packaged({ ...msk, topics }, { delivery })
          const { template } = fitUpdate(next, deployed(before), now)
          // Function and mappings change one after the other, in either direction.
          const isPartial = [before, template].some((one) => failureMode(one) === 'partial')
          if (isPartial && before !== fresh)
            for (const mapping of [...mappingsIn(before), ...mappingsIn(template)])
              expect(mapping.ProvisionedPollerConfig ?? {}).toHaveProperty('MinimumPollers')
          before = template
        }
      }),
    )
  })
})

describe('leaving a VPC', () => {
  const vpc = { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] }
  const publicBrokers = packaged(ofOwn)
  const inVpc = packaged({ ...ofOwn, ...vpc })
  const canRemoveInterfaces = ({ Resources }: Template) =>
    JSON.stringify(Resources.NotifyRole).includes('ec2:DeleteNetworkInterface')

  it('the role keeps the rights to remove the network interfaces for one update', () => {
    const left = fitUpdate(packaged([]), deployed(deploy(inVpc)), now).template
    expect(canRemoveInterfaces(left)).toBe(true)
    expect(canRemoveInterfaces(deploy(inVpc, packaged([]), packaged([])))).toBe(false)
  })
  it('a role that never was in one has none', () =>
    expect(canRemoveInterfaces(deploy(publicBrokers, publicBrokers))).toBe(false))
})

describe('a setting that is left out again is taken back', () => {
  const cases: [name: string, settings: object, property: string, value: unknown][] = [
    ['onFailure', { onFailure: 'kafka://failed' }, 'DestinationConfig', {}],
    ['filters', { filters: [{ value: { a: ['b'] } }] }, 'FilterCriteria', {}],
    ['maximumRetries', { maximumRetries: 3 }, 'MaximumRetryAttempts', -1],
    [
      'pollerGroup',
      { pollerGroup: 'shared' },
      'ProvisionedPollerConfig',
      { MinimumPollers: 1, MaximumPollers: 1, PollerGroupName: '' },
    ],
  ]
  for (const [name, settings, property, value] of cases)
    it(name, () => expect(mappingsIn(deploy(packaged(msk, settings), packaged()))[0]?.[property]).toEqual(value))
})

describe('what AWS would refuse or ignore is refused in words', () => {
  const table = { tableProtection: true }
  const cases: [name: string, before: Template, next: Template, said: RegExp, others?: Partial<Deployed>][] = [
    [
      'another consumer group',
      packaged(),
      packaged(msk, { consumerGroup: 'others' }),
      /^kube-events: AWS cannot change the consumer group of an event source, here from kube-eventer-telegram-lambda-prod-events-kube-events to others-events-kube-events\. Remove the topic from settings\.yml \(if it is the only one: sources: \[\]\) and deploy; then add it again, with startingPosition/,
    ],
    [
      'other brokers with the same group',
      packaged(ofOwn),
      packaged({ ...ofOwn, bootstrapServers: ['a:9092', 'b:9092'] }),
      /^kube-events: its consumer group kube-eventer-telegram-lambda-prod-kafka-kube-events still belongs to another event source/,
    ],
    [
      'an event source of an earlier version',
      {
        Resources: {
          NotifyEventSource: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: { EventSourceArn: msk.clusterArn, Topics: ['kube-events'] },
          },
        },
      },
      packaged(),
      /^kube-events: the event source NotifyEventSource already reads it, and AWS refuses a second one/,
    ],
    [
      'no login after a login',
      packaged({ ...msk, login: 'mtls', secretArn: ofOwn.secretArn }),
      packaged(),
      /^kube-events: AWS cannot take away the login of an event source\. Remove the topic from settings\.yml \(if it is the only one: sources: \[\]\) and deploy; then add it again/,
    ],
    [
      'no batch window after a batch window',
      packaged(msk, { batchWindowSeconds: 5 }),
      packaged(),
      /^kube-events: AWS cannot take back batchWindowSeconds; set it to a number, or to 0$/,
    ],
    [
      'a protected table that would be deleted',
      packaged(msk, table),
      packaged(msk, { state: 'memory' }),
      /^state: memory removes the table, which is protected\. Deploy with tableProtection: false first$/,
    ],
    [
      'a reservation in a small account',
      packaged(),
      packaged(msk, { state: 'memory' }),
      /^state: memory reserves a concurrency of 1\. AWS keeps 100 of an account unreserved, and this one has 10 left\. Use state: dynamodb/,
      { unreservedConcurrency: 10 },
    ],
  ]
  for (const [name, before, next, said, others] of cases)
    it(name, () => {
      const { problems } = fitUpdate(next, deployed(before, others), now)
      expect(problems).toEqual([expect.stringMatching(said)])
    })
  it('the way around it works: remove the topic, deploy, add it again', () => {
    const none = packaged([])
    expect(mappingsIn(deploy(packaged(), none, packaged(msk, { consumerGroup: 'others' })))).toHaveLength(1)
    expect(
      mappingsIn(deploy(packaged(ofOwn), none, packaged({ ...ofOwn, bootstrapServers: ['b:9092'] }))),
    ).toHaveLength(1)
  })
  it('a reservation that exists is not counted twice', () => {
    const inMemory = packaged(msk, { state: 'memory' })
    expect(fitUpdate(inMemory, deployed(inMemory, { unreservedConcurrency: 100 }), now).problems).toEqual([])
  })
})
