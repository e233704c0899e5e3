import { expect, it } from 'vitest'
import type { Login } from '../../infra/aws/settings/settings.ts'
import type { Kind } from '../../infra/release/parameters.ts'
import { type Packaged, releasedTemplate } from '../../infra/release/template.ts'
import { findPermissionProblems, tableCalls } from '../deploy/real-aws/permissions.ts'
import { findRefusals } from '../deploy/real-aws/refusals.ts'
import { openStack, type Stack } from '../deploy/real-aws/stack.ts'
import { findUpdateProblems } from '../deploy/real-aws/updates.ts'
import type { Template } from '../deploy/template.ts'
import { now, place, settingsOf, templateOf } from './stacks.ts'

const stage = 'from-osls'
const packaged = {
  dynamodb: templateOf(settingsOf('msk-iam', {}, stage)).Resources,
  memory: templateOf(settingsOf('msk-iam', { state: 'memory' }, stage)).Resources,
} as Packaged
const templates = {
  msk: releasedTemplate('msk', packaged, stage, '1.2.3') as Template,
  'self-managed': releasedTemplate('self-managed', packaged, stage, '1.2.3') as Template,
}

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:123456789012:${rest}`
const SecretKeyArn = arn('kms', 'key/12345678-1234-1234-1234-123456789012')
const msk = { ClusterArn: arn('kafka', 'cluster/events/12345678-1234-1234-1234-123456789012-1') }
const own = { BootstrapServers: 'b1.example.com:9096,b2.example.com:9096' }
const network = { Subnet1: 'subnet-0123456789abcdef0', SecurityGroup: 'sg-0123456789abcdef0' }
const secret = { SecretArn: arn('secretsmanager', 'secret:AmazonMSK_events-AbCdEf') }
const shared = { CodeBucket: 'code', ChatId: '-1001234567890', Topic: 'kube-events', StartingTime: now / 1_000 - 60 }

const sources: [Kind, Login, Record<string, string>][] = [
  ['msk', 'iam', msk],
  ['msk', 'scram-sha-512', { ...msk, ...secret, SecretKeyArn }],
  ['msk', 'mtls', { ...msk, ...secret }],
  ['msk', 'none', msk],
  ['self-managed', 'plain', { ...own, ...secret }],
  ['self-managed', 'scram-sha-256', { ...own, ...secret, SecretKeyArn }],
  ['self-managed', 'scram-sha-512', { ...own, ...secret, ...network }],
  ['self-managed', 'mtls', { ...own, ...secret, RootCaSecretArn: arn('secretsmanager', 'secret:root-ca-AbCdEf') }],
  ['self-managed', 'oauth', { ...own, ...secret, OauthScope: 'kafka' }],
  ['self-managed', 'none', { ...own, ...network }],
]

function stackOf(kind: Kind, parameters: Record<string, unknown>): Stack {
  return openStack(templates[kind], { ...place, parameters: { ...shared, ...parameters } })
}

it.each(sources)('AWS takes the released template for %s with %s', (kind, Login, parameters) => {
  for (const Delivery of ['provisioned', 'on-demand'])
    for (const State of ['dynamodb', 'memory'])
      for (const Stage of ['prod', 'a'.repeat(35)]) {
        const stack = stackOf(kind, { ...parameters, Login, Delivery, State, Stage })
        const circumstances = {
          loginOf: () => Login,
          secretKeyOf: () => parameters.SecretKeyArn,
          calls: tableCalls,
          keys: {},
        }
        expect([
          ...findRefusals(stack, now),
          ...findPermissionProblems(stack, circumstances),
          ...findUpdateProblems(openStack({ Resources: {} }, place), stack),
        ]).toEqual([])
      }
})

it('AWS does each step of the documented switches of the delivery', () => {
  const steps = ['provisioned', 'switching', 'to-on-demand', 'switching', 'provisioned'].map((Delivery) =>
    stackOf('msk', { ...msk, Login: 'iam', Delivery }),
  )
  const [first, ...others] = steps
  let deployed = first
  for (const next of others) {
    expect(deployed && findUpdateProblems(deployed, next)).toEqual([])
    deployed = next
  }
})
