import { describe, expect, test } from 'vitest'
import type {
  Alarm,
  DynamodbTable,
  LambdaFunction,
  MetricSums,
  MskCluster,
} from '../../../../lib/adapters/aws/deployment.ts'
import { AwsError } from '../../../../lib/adapters/aws/request.ts'
import { reviewAlarms } from '../../../../lib/cli/check/aws/alarms.ts'
import { reviewCluster } from '../../../../lib/cli/check/aws/cluster.ts'
import { diagnoseCredentials } from '../../../../lib/cli/check/aws/credentials.ts'
import type { AwsFinding } from '../../../../lib/cli/check/aws/finding.ts'
import { reviewFunction } from '../../../../lib/cli/check/aws/function.ts'
import { reviewNotify, reviewSweep } from '../../../../lib/cli/check/aws/invocations.ts'
import type { SourceLogin } from '../../../../lib/cli/check/aws/processing-result.ts'
import { reviewStatus } from '../../../../lib/cli/check/aws/stack.ts'
import { reviewTable, reviewTimeToLive } from '../../../../lib/cli/check/aws/table.ts'

const textOf = ({ level, says }: AwsFinding) => `${level}: ${says}`

test.each([
  ['CREATE_COMPLETE', 'fine: deployed (CREATE_COMPLETE)'],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'fine: deployed (UPDATE_COMPLETE_CLEANUP_IN_PROGRESS)'],
  ['UPDATE_IN_PROGRESS', 'note: a deployment is in progress (UPDATE_IN_PROGRESS)'],
  ['UPDATE_ROLLBACK_IN_PROGRESS', 'note: a deployment is in progress (UPDATE_ROLLBACK_IN_PROGRESS)'],
  ['REVIEW_IN_PROGRESS', 'problem: was never deployed: it has only a change set'],
  ['ROLLBACK_COMPLETE', 'problem: the first deployment failed, so there is nothing to run (ROLLBACK_COMPLETE)'],
  [
    'UPDATE_ROLLBACK_COMPLETE',
    'warning: the last deployment failed; AWS restored the one before it (UPDATE_ROLLBACK_COMPLETE)',
  ],
  ['UPDATE_ROLLBACK_FAILED', 'problem: the last change of the stack stopped in the middle (UPDATE_ROLLBACK_FAILED)'],
  ['DELETE_IN_PROGRESS', 'problem: is being deleted (DELETE_IN_PROGRESS)'],
  ['DELETE_FAILED', 'problem: the last change of the stack stopped in the middle (DELETE_FAILED)'],
])('a stack that is %s', (status, words) => {
  expect(textOf(reviewStatus({ name: 'stack', status, reason: undefined }))).toBe(words)
})

test.each<[string, LambdaFunction, string]>([
  ['ready', { State: 'Active', LastUpdateStatus: 'Successful' }, 'fine: ready'],
  ['failed', { State: 'Failed', StateReason: 'The image was deleted.' }, 'problem: cannot run: The image was deleted.'],
  [
    'not updated',
    { State: 'Active', LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'The role is missing.' },
    'problem: the last update failed, so it runs the code or configuration before it: The role is missing.',
  ],
  ['new', { State: 'Pending' }, 'note: AWS is still preparing it'],
  ['updating', { State: 'Active', LastUpdateStatus: 'InProgress' }, 'note: AWS is still preparing it'],
  ['idle', { State: 'Inactive' }, 'note: AWS has put it to sleep; the next invocation starts it'],
])('a function that is %s', (_, found, words) => {
  expect(textOf(reviewFunction('notify', found))).toBe(words)
})

describe('an MSK cluster', () => {
  const refuses = (login: string, has: string) =>
    `problem: does not accept the login of the event source (${login}); it accepts ${has}`
  const iam = { sasl: { iam: { enabled: true }, scram: { enabled: false } } }

  test.each<[string, MskCluster, SourceLogin, string]>([
    ['with IAM', { provisioned: { clientAuthentication: iam } }, 'iam', 'fine: active, accepts IAM'],
    ['without servers', { serverless: { clientAuthentication: iam } }, 'iam', 'fine: active, accepts IAM'],
    [
      'without any login',
      { provisioned: { clientAuthentication: { unauthenticated: { enabled: true } } } },
      'iam',
      'fine: active, accepts no login',
    ],
    ['without SCRAM', { provisioned: { clientAuthentication: iam } }, 'scram', refuses('SCRAM', 'IAM')],
    [
      'with client certificates',
      { provisioned: { clientAuthentication: { tls: { certificateAuthorityArnList: ['arn'], enabled: true } } } },
      'mtls',
      'fine: active, accepts client certificates',
    ],
    [
      'with certificates of the brokers only',
      { provisioned: { clientAuthentication: { ...iam, tls: { certificateAuthorityArnList: [], enabled: false } } } },
      'mtls',
      refuses('client certificates', 'IAM'),
    ],
    ['of which AWS names no login', {}, 'iam', 'fine: active, accepts no login'],
    [
      'in maintenance',
      { state: 'MAINTENANCE', provisioned: { clientAuthentication: iam } },
      'iam',
      'note: accepts IAM; AWS is working on it (MAINTENANCE)',
    ],
    [
      'failed',
      { state: 'FAILED', stateInfo: { message: 'No quota' } },
      'iam',
      'problem: cannot be read (FAILED): No quota',
    ],
  ])('%s', (_, cluster, login, words) => {
    expect(textOf(reviewCluster('prod', { state: 'ACTIVE', ...cluster }, login))).toBe(words)
  })
})

describe('the table', () => {
  const table: DynamodbTable = {
    TableStatus: 'ACTIVE',
    KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [{ IndexName: 'by-list', IndexStatus: 'ACTIVE' }],
  }
  const notOurs = 'problem: is not a table of this program: it must have the key “key” and the index by-list'

  test.each<[string, DynamodbTable, string]>([
    ['is ready', {}, 'fine: ready, with the index by-list'],
    ['is new', { TableStatus: 'CREATING' }, 'note: AWS is changing it (CREATING)'],
    [
      'has lost its key',
      { TableStatus: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS' },
      'problem: cannot be used (INACCESSIBLE_ENCRYPTION_CREDENTIALS)',
    ],
    ['has no index', { GlobalSecondaryIndexes: [] }, notOurs],
    ['has another key', { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }, notOurs],
    [
      'has a new index',
      { GlobalSecondaryIndexes: [{ IndexName: 'by-list', IndexStatus: 'CREATING' }] },
      'note: AWS is building the index by-list (CREATING)',
    ],
  ])('%s', (_, changes, words) => {
    expect(textOf(reviewTable('table', { ...table, ...changes }))).toBe(words)
  })

  test.each([
    [{ TimeToLiveStatus: 'ENABLED', AttributeName: 'timeToLive' }, undefined],
    [{ TimeToLiveStatus: 'ENABLING' }, undefined],
    [{ TimeToLiveStatus: 'DISABLED' }, 'time to live: DISABLED'],
    [{ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' }, 'time to live: ENABLED, expiresAt'],
    [{}, 'time to live: DISABLED'],
  ])('with %j', (given, words) => {
    const [found] = reviewTimeToLive('table', given)
    if (words === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject({ level: 'warning', says: expect.stringContaining(words) })
  })
})

describe('the invocations', () => {
  const now = Date.parse('2026-11-28T18:00:00Z')
  const old = { State: 'Active', LastModified: '2026-11-01T10:00:00.000+0000' }
  const fresh = { State: 'Active', LastModified: '2026-11-28T17:58:00.000+0000' }
  const at = (minutesAgo: number) => now - minutesAgo * 60_000

  function sums(name: string, counts: Partial<Record<MetricSums['metric'], [minutesAgo: number, sum: number][]>>) {
    return Object.entries(counts).map(([metric, some]) => ({
      functionName: name,
      metric: metric as MetricSums['metric'],
      sums: some.map(([minutesAgo, sum]) => ({ from: at(minutesAgo), sum })),
    }))
  }

  test.each<[string, LambdaFunction, Parameters<typeof sums>[1], string[]]>([
    [
      'some',
      old,
      {
        Invocations: [
          [600, 3],
          [20, 2],
        ],
        Errors: [[600, 0]],
      },
      ['fine: last invoked less than 20m ago; 5 invocations in the last 24 hours, none failed'],
    ],
    ['none', old, { Invocations: [] }, ['warning: was not invoked in the last 24 hours: no record arrived']],
    ['none yet', fresh, {}, ['note: was not invoked in the last 24 hours: no record arrived']],
    [
      'failures',
      old,
      { Invocations: [[10, 4]], Errors: [[10, 1]] },
      ['warning: last invoked less than 10m ago; 4 invocations in the last 24 hours, 1 failed and were repeated'],
    ],
    [
      'only failures',
      old,
      { Invocations: [[10, 4]], Errors: [[10, 4]] },
      ['problem: last invoked less than 10m ago; 4 invocations in the last 24 hours, and all failed'],
    ],
    [
      'throttles',
      old,
      { Invocations: [[10, 4]], Throttles: [[10, 2]] },
      [
        'problem: AWS throttled it 2 times in the last 24 hours',
        'fine: last invoked less than 10m ago; 4 invocations in the last 24 hours, none failed',
      ],
    ],
    [
      'only throttles',
      old,
      { Throttles: [[10, 2]] },
      ['problem: AWS throttled it 2 times in the last 24 hours and never ran it'],
    ],
  ])('of notify: %s', (_, found, counts, words) => {
    const notify = { name: 'notify', function: found, variables: {} }
    expect([...reviewNotify(notify, sums('notify', counts), now)].map(textOf)).toEqual(words)
  })

  test.each<[string, number, string, string]>([
    [
      'the one that state: memory reserves',
      1,
      'memory',
      'note: AWS throttled it 2 times in the last 24 hours, because one invocation runs at a time (state: memory); AWS tries the records again',
    ],
    [
      'another one',
      5,
      'dynamodb:table',
      'warning: AWS throttled it 2 times in the last 24 hours, because its reserved concurrency is 5; AWS tries the records again',
    ],
    ['none', 0, 'memory', 'note: AWS throttled it 2 times in the last 24 hours, because it is switched off'],
  ])('of notify: throttles with a reserved concurrency, %s', (_, reservedConcurrency, STATE, words) => {
    const notify = { name: 'notify', function: old, variables: { STATE }, reservedConcurrency }
    const metrics = sums('notify', { Invocations: [[10, 4]], Throttles: [[10, 2]] })
    expect([...reviewNotify(notify, metrics, now)].map(textOf)[0]).toBe(words)
  })

  test.each<[string, LambdaFunction, Parameters<typeof sums>[1], string]>([
    ['some', old, { Invocations: [[5, 5]] }, 'fine: 5 sweeps in the last 15 minutes, none failed'],
    [
      'none, but earlier',
      old,
      { Invocations: [[60, 5]] },
      'problem: no sweep ran in the last 15 minutes, so pending messages wait and incidents stay open',
    ],
    ['none yet', fresh, {}, 'note: no sweep ran yet'],
    [
      'failures',
      old,
      { Invocations: [[5, 5]], Errors: [[5, 2]] },
      'warning: 2 of 5 sweeps failed in the last 15 minutes',
    ],
    [
      'only failures',
      old,
      { Invocations: [[5, 5]], Errors: [[5, 5]] },
      'problem: every sweep in the last 15 minutes failed',
    ],
    [
      'only throttles',
      old,
      { Throttles: [[5, 5]] },
      'problem: AWS throttled every sweep in the last 15 minutes, so pending messages wait',
    ],
  ])('of sweep: %s', (_, found, counts, words) => {
    expect(textOf(reviewSweep({ name: 'sweep', function: found, variables: {} }, sums('sweep', counts), now))).toBe(
      words,
    )
  })
})

describe('alarms', () => {
  const told = { ActionsEnabled: true, AlarmActions: ['arn:aws:sns:eu-central-1:123456789012:on-call'] }
  test.each<[string, Alarm[], string[]]>([
    ['none', [], ['warning: the stack has no alarms, so nobody is told when messages stop']],
    [
      'without data',
      [{ ...told, AlarmName: 'a', StateValue: 'INSUFFICIENT_DATA' }],
      ['fine: 1 alarm, none is active, 1 without data yet'],
    ],
    [
      'active',
      [
        { ...told, AlarmName: 'a', StateValue: 'ALARM', StateReason: '3 datapoints were greater' },
        { ...told, AlarmName: 'b', StateValue: 'OK' },
      ],
      ['fine: 2 alarms, 1 active', 'problem: is active: 3 datapoints were greater'],
    ],
    [
      'with actions that are switched off',
      [{ ...told, AlarmName: 'a', StateValue: 'OK', ActionsEnabled: false }],
      ['fine: 1 alarm, none is active', 'warning: nobody is told: no alarm has an action'],
    ],
    [
      'some without actions',
      [
        { AlarmName: 'a', StateValue: 'OK' },
        { ...told, AlarmName: 'b', StateValue: 'OK' },
      ],
      ['fine: 2 alarms, none is active', 'warning: nobody is told: no action for a'],
    ],
  ])('%s', (_, alarms, words) => {
    expect([...reviewAlarms(alarms)].map(textOf)).toEqual(words)
  })
})

describe('credentials that AWS does not accept', () => {
  const access = {
    region: 'eu-central-1',
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: 'secret',
    sessionToken: 'session' as string | undefined,
    endpoint: undefined,
  }
  test.each<[string, { status?: number; type?: string; said?: string }, Partial<typeof access>, string, string]>([
    ['expired', { status: 403, type: 'ExpiredToken' }, {}, 'the credentials have expired', 'export-credentials'],
    [
      'no session token',
      { status: 403, type: 'InvalidClientTokenId' },
      { sessionToken: undefined },
      'the access key is temporary, and AWS_SESSION_TOKEN is not set',
      'export-credentials',
    ],
    [
      'unknown',
      { status: 403, type: 'InvalidClientTokenId' },
      {},
      'AWS does not know this access key in eu-central-1',
      'accounts in China',
    ],
    [
      'another secret',
      { status: 403, type: 'SignatureDoesNotMatch', said: 'The request signature we calculated does not match' },
      {},
      'the secret access key does not belong to this access key',
      'AWS_SECRET_ACCESS_KEY',
    ],
    [
      'a wrong clock',
      { status: 403, type: 'SignatureDoesNotMatch', said: 'Signature expired: 20261128T170000Z is now earlier' },
      {},
      'the clock of this machine is wrong',
      'set the clock',
    ],
    [
      'a region that does not exist',
      {},
      { region: 'eu-centrl-1' },
      'sts.eu-centrl-1.amazonaws.com gives no answer',
      '--region',
    ],
    ['a proxy', { status: 200 }, {}, 'the server that answers is not AWS', 'AWS_ENDPOINT_URL'],
    ['something else', { status: 500, type: 'InternalFailure' }, {}, 'InternalFailure', 'export-credentials'],
  ])('%s', (_, refusal, changes, says, advice) => {
    const diagnosis = diagnoseCredentials(new AwsError('AWS sts.GetCallerIdentity: failed', refusal), {
      ...access,
      ...changes,
    })
    expect(diagnosis.says).toContain(says)
    expect(diagnosis.advice).toContain(advice)
  })
})
