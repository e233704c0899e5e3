import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSettings } from '../../infra/aws/settings/read.ts'
import type { Settings } from '../../infra/aws/settings/settings.ts'
import { functionName, tableName } from '../../infra/aws/template/names.ts'
import { environmentOf, resources } from '../../infra/aws/template/template.ts'
import { type Template, withStartingTime } from '../../infra/aws/update.ts'
import type { Place } from '../deploy/real-aws/resolve.ts'
import { openStack, type Stack } from '../deploy/real-aws/stack.ts'

export const place: Place = {
  partition: 'aws',
  region: 'eu-central-1',
  account: '123456789012',
  stack: 'kube-eventer-telegram-prod',
}
/** 2026-11-28 12:00 UTC. */
export const now = 1_795_867_200_000
const folder = fileURLToPath(new URL('../../infra/examples/settings/', import.meta.url))

export const exampleNames = readdirSync(folder).map((file) => file.replace('.yml', ''))

/** The settings of an example, with `parameters` as on the command line. Throws if they are refused. */
export function settingsOf(
  example: string,
  parameters: Record<string, unknown> = {},
  stage = 'prod',
  { partition, region }: Place = place,
): Settings {
  const { settings, problems } = readSettings({
    text: readFileSync(`${folder}${example}.yml`, 'utf8')
      .replaceAll('arn:aws:', `arn:${partition}:`)
      .replaceAll(place.region, region),
    fileName: `${example}.yml`,
    stage,
    region,
    parameters: Object.entries(parameters).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    now,
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return settings
}

/** The template of some settings, with the functions as serverless.yml declares them. */
export function templateOf(settings: Settings): Template {
  const { stage, state, vpc, tracing, environmentKeyArn } = settings
  const names = state === 'memory' ? ['notify'] : ['notify', 'sweep']
  const functions = names.map((name) => {
    const id = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
    const FunctionName = functionName(stage, name)
    return {
      [`${id}LambdaFunction`]: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName,
          Handler: `functions/${name}.handler`,
          Runtime: 'nodejs24.x',
          Code: { S3Bucket: 'bucket', S3Key: `${name}.zip` },
          Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
          Environment: { Variables: environmentOf(settings) },
          TracingConfig: { Mode: tracing ? 'Active' : 'PassThrough' },
          ...(environmentKeyArn ? { KmsKeyArn: environmentKeyArn } : {}),
          ...(vpc ? { VpcConfig: { SubnetIds: vpc.subnets, SecurityGroupIds: vpc.securityGroups } } : {}),
          ...(state === 'memory' ? { ReservedConcurrentExecutions: 1 } : {}),
        },
      },
      [`${id}LogGroup`]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: `/aws/lambda/${FunctionName}`, RetentionInDays: settings.logRetentionDays },
      },
    }
  })
  const { Resources } = resources(settings, tableName(stage))
  return withStartingTime({ Resources: Object.assign({}, ...functions, Resources) }, now)
}

export function stackOf(settings: Settings, at: Place = place): Stack {
  return openStack(templateOf(settings), { ...at, stack: `kube-eventer-telegram-${settings.stage}` })
}
