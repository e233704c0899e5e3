import { expect, it } from 'vitest'
import { type Change, copy, place, remove, set, setVariables, stackOf } from './small-template.ts'
import { openStack } from './stack.ts'
import { findUpdateProblems } from './updates.ts'

const group = (ConsumerGroupId: string) => ({ AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId } })
const onDemand = set('Mapping', {
  ProvisionedPollerConfig: undefined,
  FunctionResponseTypes: [],
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
})
const failing = setVariables('Notify', { FAILURE_MODE: 'throw' })

const refused: [string, Change[], Change[], RegExp][] = [
  ['another topic', [], [set('Mapping', { Topics: ['other'] })], /changed topic is ignored/],
  ['another consumer group', [], [set('Mapping', group('other'))], /consumer group/],
  ['another starting time', [], [set('Mapping', { StartingPositionTimestamp: 1 })], /409/],
  [
    'another starting position',
    [],
    [set('Mapping', { StartingPosition: 'LATEST', StartingPositionTimestamp: undefined })],
    /409/,
  ],
  [
    'no error control any more',
    [],
    [set('Mapping', { BisectBatchOnFunctionError: undefined })],
    /Bisect.* stays as it was/,
  ],
  ['no batch window any more', [set('Mapping', { MaximumBatchingWindowInSeconds: 5 })], [], /batch window/],
  ['no batch size any more', [], [set('Mapping', { BatchSize: undefined })], /batch size/],
  ['on-demand pollers by omission', [], [onDemand, failing], /are billed/],
  ['provisioned pollers with partial answers at once', [onDemand, failing], [], /still call it/],
  [
    'a second mapping for the same topic',
    [],
    [copy('Mapping', 'Other', group('other')), remove('Mapping')],
    /409: Mapping exists/,
  ],
  [
    'a new topic with the group of the old one',
    [],
    [copy('Mapping', 'Other', { Topics: ['other'] }), remove('Mapping')],
    /same consumer group/,
  ],
  [
    '{} for a new mapping',
    [remove('Mapping')],
    [onDemand, failing, set('Mapping', { ProvisionedPollerConfig: {} })],
    /refused for a new mapping/,
  ],
  [
    'a name under another logical id',
    [],
    [copy('Log', 'OtherLog', {}), remove('Log'), set('NotifyRole', { Policies: [] })],
    /taken by Log/,
  ],
  [
    'another key of a table with a name',
    [],
    [set('Table', { KeySchema: [{ AttributeName: 'list', KeyType: 'HASH' }] })],
    /cannot be replaced/,
  ],
  [
    'no protected table any more',
    [set('Table', { DeletionProtectionEnabled: true })],
    [remove('Table'), remove('Policy'), setVariables('Notify', { STATE: 'memory' })],
    /deletion protection/,
  ],
  [
    'no table protection any more',
    [set('Table', { DeletionProtectionEnabled: true })],
    [],
    /DeletionProtectionEnabled is left out/,
  ],
  [
    'no recovery any more',
    [set('Table', { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } })],
    [],
    /PointInTimeRecoverySpecification is left out/,
  ],
  [
    'two indexes at once',
    [],
    [set('Table', { GlobalSecondaryIndexes: ['a', 'b'].map((IndexName) => ({ IndexName })) })],
    /one index/,
  ],
]

// The old mapping is deleted at the end.
refused.push([
  'provisioned pollers of another topic with partial answers at once',
  [onDemand, failing],
  [copy('Mapping', 'Other', { Topics: ['other'], ...group('other') }), remove('Mapping')],
  /Mapping: .* still call it/,
])

const allowed: [string, Change[], Change[]][] = [
  ['nothing new', [], []],
  ['a first deployment', [remove('Mapping')], []],
  [
    'a new topic with a group of its own',
    [],
    [copy('Mapping', 'Other', { Topics: ['other'], ...group('other') }), remove('Mapping')],
  ],
  ['on-demand pollers in words', [], [onDemand, failing, set('Mapping', { ProvisionedPollerConfig: {} })]],
  ['provisioned pollers whose function still throws', [onDemand, failing], [failing]],
  ['partial answers afterwards', [failing], []],
  ['another batch size and window', [], [set('Mapping', { BatchSize: 10, MaximumBatchingWindowInSeconds: 5 })]],
  ['no table any more', [], [remove('Table'), remove('Policy'), setVariables('Notify', { STATE: 'memory' })]],
]

it.each(refused)('objects to %s', (_, deployed, next, said) => {
  expect(findUpdateProblems(stackOf(...deployed), stackOf(...next))).toEqual([expect.stringMatching(said)])
})

it.each(allowed)('does not object to %s', (_, deployed, next) => {
  expect(findUpdateProblems(stackOf(...deployed), stackOf(...next))).toEqual([])
})

it('takes a packaged template as the update of an empty stack', () => {
  expect(findUpdateProblems(openStack({ Resources: {} }, place), stackOf())).toEqual([])
})
