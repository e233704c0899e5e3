import { expect, it } from 'vitest'
import { findAwsProblems } from '../deploy/real-aws/problems.ts'
import { exampleNames, now, place, settingsOf, stackOf } from './stacks.ts'

// On-demand pollers are in no group.
const deliveries = [{ delivery: 'provisioned' }, { delivery: 'on-demand', pollerGroup: null }]
const states = [{ state: 'dynamodb' }, { state: 'memory' }]
const longStage = 'a'.repeat(40)

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:123456789012:${rest}`
const key = arn('kms', 'key/12345678-1234-1234-1234-123456789012')
const secret = arn('secretsmanager', 'secret:telegram-token-AbCdEf')
const environment = { TELEGRAM_CHAT_ID: '-1001234567890' }

/** Each setting that changes the template, on its own. */
const switches: [string, Record<string, unknown>][] = [
  ['a starting position', { startingPosition: 'beginning' }],
  ['the latest records', { startingPosition: 'latest' }],
  ['a starting time', { startingPosition: '2026-11-27T00:00:00Z' }],
  ['more pollers in a group', { minimumPollers: 2, maximumPollers: 5, pollerGroup: 'events' }],
  ['a batch window', { batchSize: 1_000, batchWindowSeconds: 5 }],
  ['filters', { filters: [{ value: { EventTags: { eventID: [{ exists: true }] } } }] }],
  ['retries and an age', { maximumRetries: 100, maximumRecordAgeSeconds: 86_400 }],
  ['a queue for failed records', { onFailure: arn('sqs', 'failed') }],
  ['a notification topic for failed records', { onFailure: arn('sns', 'failed') }],
  ['a bucket for failed records', { onFailure: 'arn:aws:s3:::failed-records' }],
  ['a Kafka topic for failed records', { onFailure: 'kafka://failed' }],
  ['another parameter with the token', { tokenParameter: '/ops/token', tokenKeyArn: key }],
  ['a secret with the token', { tokenSecretArn: secret, tokenKeyArn: key }],
  ['rules in a parameter', { environment: { ...environment, CONFIG_FILE: 'ssm:/ops/rules' }, configKeyArn: key }],
  [
    'rules in a bucket',
    { environment: { ...environment, CONFIG_FILE: 's3://rules/prod/rules.yml' }, configKeyArn: key },
  ],
  ['functions in a VPC', { vpc: { subnets: ['subnet-0123456789abcdef0'], securityGroups: ['sg-0123456789abcdef0'] } }],
  ['logs', { logRetentionDays: 90, logFormat: 'json', logKeyArn: key }],
  ['traces', { tracing: true }],
  ['an encrypted environment', { environmentKeyArn: key }],
  ['a protected table', { tableKeyArn: key, tableRecovery: true, tableProtection: true, retainTable: true }],
  ['alarms that notify', { alarmTopicArns: [arn('sns', 'ops')] }],
  ['no dashboard', { dashboard: false }],
]

it.each(exampleNames)('AWS takes the example %s, with each delivery, state and stage', (example) => {
  for (const delivery of deliveries)
    for (const state of states)
      for (const stage of ['dev', longStage]) {
        const settings = settingsOf(example, { ...delivery, ...state }, stage)
        expect(
          findAwsProblems(settings, stackOf(settings), now),
          `${settings.delivery}, ${settings.state}, ${stage}`,
        ).toEqual([])
      }
})

it.each(switches)('AWS takes %s', (_, parameters) => {
  for (const example of exampleNames) {
    const settings = settingsOf(example, parameters, longStage)
    expect(findAwsProblems(settings, stackOf(settings), now), example).toEqual([])
  }
})

it.each(exampleNames)('AWS in China takes the example %s', (example) => {
  const china = { ...place, partition: 'aws-cn', region: 'cn-north-1' }
  const settings = settingsOf(example, {}, 'prod', china)
  expect(findAwsProblems(settings, stackOf(settings, china), now)).toEqual([])
})
