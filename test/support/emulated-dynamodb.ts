import type { TestProject } from 'vitest/node'
import type { AwsAccess } from '../../lib/adapters/aws/request.ts'
import { startEmulatedAws } from '../deploy/emulated-aws.ts'
import { preparePython } from '../deploy/python.ts'
import { callDynamodb } from './dynamodb-tables.ts'
import { tableDefinition, timeToLive } from './table.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    aws: AwsAccess
    table: string
  }
}

const TableName = 'incidents'

/** Starts an emulated AWS with a table, once before all tests. */
export async function setup(project: TestProject) {
  const emulator = await startEmulatedAws(await preparePython())
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region = '' } = emulator.environment
  const access = { region, accessKeyId: 'test', secretAccessKey: 'test', sessionToken: undefined, endpoint }
  await callDynamodb('CreateTable', { TableName, ...tableDefinition }, access)
  await callDynamodb('UpdateTimeToLive', { TableName, TimeToLiveSpecification: timeToLive }, access)
  project.provide('aws', access)
  project.provide('table', TableName)
  return () => emulator.stop()
}
