import type { TestProject } from 'vitest/node'
import { type AwsAccess, callAws } from '../../lib/adapters/aws/request.ts'
import { systemClock } from '../../lib/adapters/clock.ts'
import { startEmulatedAws } from '../deploy/emulated-aws.ts'
import { preparePython } from '../deploy/python.ts'
import { tableDefinition, timeToLive } from './table.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    aws: AwsAccess
    table: string
  }
}

const table = 'incidents'

/** Once before all tests: an emulated AWS with the table in it. */
export async function setup(project: TestProject) {
  const emulator = await startEmulatedAws(await preparePython())
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region = '' } = emulator.environment
  const access = { region, accessKeyId: 'test', secretAccessKey: 'test', sessionToken: undefined, endpoint }
  const call = (operation: string, body: object) =>
    callAws(
      {
        service: 'dynamodb',
        target: `DynamoDB_20120810.${operation}`,
        version: '1.0',
        body: { TableName: table, ...body },
      },
      access,
      systemClock,
    )
  await call('CreateTable', tableDefinition)
  await call('UpdateTimeToLive', { TimeToLiveSpecification: timeToLive })
  project.provide('aws', access)
  project.provide('table', table)
  return () => emulator.stop()
}
