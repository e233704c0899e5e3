import assert from 'node:assert/strict'
import { tableDefinition, timeToLive } from '../support/table.ts'
import type { Report } from './report.ts'
import type { Package } from './service.ts'
import { idsOf, type Properties, propertiesOf, type Template, variablesOf } from './template.ts'

export const stateTable = { TableName: 'kube-eventer-telegram-prod', ...tableDefinition }

const functions = { dynamodb: ['notify', 'sweep'], memory: ['notify'] }
/** Resources that exist only with a table, by type. */
const ofTable = [
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
]

/** Checks that one switch sets STATE, table, sweep and concurrency together. */
export async function checkState({ name, state, template, zipFiles }: Package, report: Report) {
  const check = (text: string, test: () => void) => report.check(`${text} (${name})`, test)
  await check('each function is packaged', () => {
    assert.deepEqual(Object.keys(zipFiles), functions[state])
    assert.deepEqual(
      idsOf(template, 'AWS::Lambda::Function').map((id) => propertiesOf(template, id).Handler),
      functions[state].map((file) => `functions/${file}.handler`),
    )
  })
  if (state === 'memory') await checkMemory(template, check)
  else await checkTable(template, check)
}

type Check = (text: string, test: () => void) => Promise<void>

async function checkMemory(template: Template, check: Check) {
  await check('state in memory has one sandbox', () => {
    assert.equal(variablesOf(template, 'NotifyLambdaFunction').STATE, 'memory')
    assert.equal(propertiesOf(template, 'NotifyLambdaFunction').ReservedConcurrentExecutions, 1)
  })
  await check('state in memory has no table and no sweep', () => {
    assert.deepEqual(
      ofTable.flatMap((type) => idsOf(template, type)),
      [],
    )
    assert.ok(!JSON.stringify(template).includes('dynamodb'))
  })
}

async function checkTable(template: Template, check: Check) {
  const sweep = propertiesOf(template, 'SweepLambdaFunction')

  await check('the table is the one that the store is tested with', () => {
    assert.deepEqual(propertiesOf(template, 'StateTable'), {
      ...stateTable,
      TimeToLiveSpecification: timeToLive,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      DeletionProtectionEnabled: false,
    })
    const { DeletionPolicy, UpdateReplacePolicy } = template.Resources.StateTable ?? {}
    assert.deepEqual(
      { DeletionPolicy, UpdateReplacePolicy },
      { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' },
    )
  })
  await check('both functions have the same environment, with the table', () => {
    const variables = variablesOf(template, 'NotifyLambdaFunction')
    assert.deepEqual(variables.STATE, { 'Fn::Sub': `dynamodb:${reference('StateTable')}` })
    assert.deepEqual(variablesOf(template, 'SweepLambdaFunction'), variables)
  })
  await check('concurrency is not limited', () => {
    for (const id of idsOf(template, 'AWS::Lambda::Function'))
      assert.ok(!('ReservedConcurrentExecutions' in propertiesOf(template, id)))
  })
  await check('the sweep runs each minute, and a missed run is not repeated', () => {
    const { ScheduleExpression, State, Targets } = propertiesOf(template, 'SweepEventsRuleSchedule1')
    assert.deepEqual({ ScheduleExpression, State }, { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' })
    const arn = { 'Fn::GetAtt': ['SweepLambdaFunction', 'Arn'] }
    assert.deepEqual(
      (Targets as Properties[]).map(({ Arn }) => Arn),
      [arn],
    )
    assert.equal(sweep.Timeout, 60)
    assert.deepEqual(propertiesOf(template, 'SweepLambdaPermissionEventsRuleSchedule1'), {
      FunctionName: arn,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['SweepEventsRuleSchedule1', 'Arn'] },
    })
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = propertiesOf(template, 'SweepLambdaEvConf')
    assert.deepEqual(
      { MaximumRetryAttempts, MaximumEventAgeInSeconds },
      { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
    )
  })
}

/** As Fn::Sub writes it. */
function reference(name: string): string {
  return `$\{${name}}`
}
