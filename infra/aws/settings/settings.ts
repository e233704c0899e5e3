import type { Value } from '../template/fragment.ts'
import type { logins } from './fields.ts'

export type Login = (typeof logins)[number]

/** A Kafka cluster and its topics. `Value` is a plain text in settings.yml, and a parameter in the released template. */
export interface Source {
  type: 'msk' | 'self-managed'
  name: string
  clusterArn?: Value
  bootstrapServers?: Value[]
  login: Login
  secretArn?: Value
  secretKeyArn?: Value
  rootCaSecretArn?: Value
  rootCaKeyArn?: Value
  oauthScope?: Value
  oauthAudience?: Value
  oauthLogicalCluster?: Value
  oauthIdentityPool?: Value
  subnets?: Value[]
  securityGroups?: Value[]
  topics: Value[]
}

/** Where a new event source begins; `first-deployment` is the time at which it is deployed. */
export type StartingPosition = 'first-deployment' | 'beginning' | 'latest' | { atSeconds: number }

/** The settings of a deployment: settings.yml with its defaults. infra/aws/settings/fields.ts explains each setting. */
export interface Settings {
  stage: string
  /** Undefined if nothing says it, and in the released template. */
  region?: string
  sources: Source[]
  environment: Record<string, Value>
  consumerGroup: Value
  startingPosition: StartingPosition
  delivery: 'provisioned' | 'on-demand'
  minimumPollers: number
  maximumPollers: number
  pollerGroup?: Value | undefined
  batchSize: number | Value
  batchWindowSeconds?: number
  filters?: Record<string, unknown>[]
  maximumRetries?: number
  maximumRecordAgeSeconds?: number
  onFailure?: Value
  state: 'dynamodb' | 'memory'
  tokenParameter?: Value
  tokenSecretArn?: Value
  tokenKeyArn?: Value
  configKeyArn?: Value
  vpc?: { subnets: string[]; securityGroups: string[] }
  tags: Record<string, string>
  logRetentionDays: number
  logFormat: 'text' | 'json'
  logKeyArn?: string
  tracing: boolean
  environmentKeyArn?: string
  tableKeyArn?: string
  tableRecovery: boolean
  tableProtection: boolean
  retainTable: boolean
  alarmTopicArns: Value[]
  dashboard: boolean
}

export const service = 'kube-eventer-telegram'
