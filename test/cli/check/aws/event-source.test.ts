import { describe, expect, test } from 'vitest'
import type { EventSourceMapping } from '../../../../lib/adapters/aws/deployment.ts'
import { reviewMapping } from '../../../../lib/cli/check/aws/event-source.ts'
import { mapping, notify, variables } from './literal-aws.ts'

function review(changes: EventSourceMapping, failureMode = 'partial') {
  const found = { name: notify, function: {}, variables: { ...variables, FAILURE_MODE: failureMode } }
  return [...reviewMapping({ ...mapping, ...changes }, found)]
}

const said = (...given: Parameters<typeof review>) =>
  review(...given)
    .filter(({ level }) => level !== 'fine')
    .map(({ level, says }) => `${level}: ${says}`)

test('an event source without a problem', () => {
  expect(review({})).toEqual([
    {
      level: 'fine',
      about: 'event source',
      name: 'kube-events',
      says: 'reads from MSK cluster prod, group kube-eventer-telegram-lambda-prod-prod-kube-events, without a secret (IAM, or no login), 1 provisioned poller, new groups start at AT_TIMESTAMP',
      advice: null,
    },
    { level: 'fine', about: 'event source', name: 'kube-events', says: 'the last batch was processed', advice: null },
  ])
})

describe('what it reads', () => {
  const {
    EventSourceArn: _,
    AmazonManagedKafkaEventSourceConfig: __,
    ProvisionedPollerConfig: ___,
    ...onDemand
  } = mapping
  const selfManaged: EventSourceMapping = {
    ...onDemand,
    SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['b1:9096', 'b2:9096'] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'events' },
    SourceAccessConfigurations: [
      { Type: 'VPC_SUBNET', URI: 'subnet:subnet-1' },
      { Type: 'SASL_SCRAM_512_AUTH', URI: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:login' },
    ],
  }

  test.each<[string, EventSourceMapping, string]>([
    [
      'self-managed brokers with a login',
      selfManaged,
      'reads from brokers b1:9096, b2:9096, group events, login SCRAM, on-demand pollers, new groups start at AT_TIMESTAMP',
    ],
    [
      'several pollers',
      { ...mapping, ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 4 } },
      '1 to 4 provisioned pollers',
    ],
    ['provisioned pollers that were switched off', { ...mapping, ProvisionedPollerConfig: {} }, 'on-demand pollers'],
  ])('%s', (_, changed, words) => {
    const [first] = reviewMapping(changed, { name: notify, function: {}, variables: { FAILURE_MODE: 'throw' } })
    expect(first?.says).toContain(words)
  })
})

describe('the state', () => {
  test.each<[string, EventSourceMapping, string[]]>([
    [
      'disabled by a person',
      { State: 'Disabled' },
      [expect.stringMatching(/^problem: is switched off: USER_INITIATED; reads from MSK cluster prod/)],
    ],
    [
      'disabled by AWS',
      { State: 'Disabled', StateTransitionReason: 'EVENT_SOURCE_AUTHN_ERROR' },
      [expect.stringMatching(/^problem: is switched off: the brokers do not accept the login/)],
    ],
    ['deleted by a person', { State: 'Deleting' }, [expect.stringMatching(/^problem: is being deleted; reads from/)]],
    ['changing', { State: 'Updating' }, [expect.stringMatching(/^note: AWS is changing it \(Updating\)/)]],
    [
      'enabled with an error',
      { StateTransitionReason: 'ESM_CONFIG_NOT_VALID' },
      [expect.stringContaining('the event source is configured wrongly')],
    ],
    [
      'enabled, but reading fails',
      { LastProcessingResult: 'PROBLEM: Cluster failed to authorize Lambda.' },
      [expect.stringMatching(/^problem: the brokers do not allow reading topic kube-events as group /)],
    ],
  ])('%s', (_, changes, findings) => {
    expect(said(changes)).toEqual(findings)
  })

  test('that ends comes without the command that switches it on', () => {
    expect(review({ State: 'Deleting' })[0]?.advice).toMatch(/^if its topic is still in settings.yml, remove it/)
  })

  test('that a person switched off comes with the command that switches it on', () => {
    expect(review({ State: 'Disabled' })[0]?.advice).toBe(
      `aws lambda update-event-source-mapping --uuid ${mapping.UUID} --enabled`,
    )
  })
})

describe('the failure mode must match the event source', () => {
  // CloudFormation compares templates, and does not see a change by hand.
  test.each<[string, EventSourceMapping, string]>([
    [
      'no pollers',
      { ProvisionedPollerConfig: {}, FunctionResponseTypes: [] },
      ' --provisioned-poller-config MinimumPollers=1,MaximumPollers=1',
    ],
    ['pollers', { FunctionResponseTypes: [] }, ''],
  ])('an event source that was changed by hand comes with the command that repairs it: %s', (_, changes, pollers) => {
    const advice = review(changes).find(({ says }) => says.startsWith('records that fail are lost'))?.advice
    expect(advice).toMatch(
      new RegExp(
        `: aws lambda update-event-source-mapping --uuid ${mapping.UUID} --function-response-types ReportBatchItemFailures${pollers}$`,
      ),
    )
  })

  const partialNeeds = 'problem: records that fail are lost: FAILURE_MODE is partial, but the event source'
  test.each<[string, EventSourceMapping, string, string[]]>([
    ['partial answers with provisioned pollers', {}, 'partial', []],
    [
      'partial answers with on-demand pollers',
      { ProvisionedPollerConfig: {} },
      'partial',
      [`${partialNeeds} has no provisioned pollers`],
    ],
    [
      'partial answers that the event source does not read',
      { FunctionResponseTypes: [] },
      'partial',
      [`${partialNeeds} does not report batch item failures`],
    ],
    ['errors with on-demand pollers', { ProvisionedPollerConfig: {}, FunctionResponseTypes: [] }, 'throw', []],
    [
      'errors with provisioned pollers: the first deployment of two',
      {},
      'throw',
      ['note: the event source can retry single records, but FAILURE_MODE is throw, so AWS retries whole batches'],
    ],
  ])('%s', (_, changes, failureMode, findings) => {
    expect(said(changes, failureMode)).toEqual(findings)
  })
})

test('a switch of the delivery that is half done comes with the deployment that completes it, in both directions', () => {
  expect(review({}, 'throw').at(-1)?.advice).toBe(
    'deploy once more: a switch of delivery, to provisioned or to on-demand, takes two deployments',
  )
})

describe('settings that drop records', () => {
  const queue = 'arn:aws:sqs:eu-central-1:123456789012:failed'
  test.each<[string, EventSourceMapping, string[]]>([
    ['retries', { MaximumRetryAttempts: 3 }, ['warning: AWS gives up a record after 3 retries']],
    ['age', { MaximumRecordAgeInSeconds: 3_600 }, ['warning: AWS gives up a record after 3600 seconds']],
    [
      'a destination, which limits the retries to 10',
      { DestinationConfig: { OnFailure: { Destination: queue } } },
      [`note: AWS gives up a record after 10 retries and sends it to ${queue}`],
    ],
    [
      'filters',
      { FilterCriteria: { Filters: [{ Pattern: '{}' }] } },
      ['note: AWS drops records that do not match its filter, and nothing is logged about them'],
    ],
  ])('%s', (_, changes, findings) => {
    expect(said(changes)).toEqual(findings)
  })
})
