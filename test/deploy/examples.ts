import assert from 'node:assert/strict'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { settingsOf } from '../infra/stacks.ts'
import { cloneProject } from './clone.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import type { Stack } from './real-aws/stack.ts'
import type { Report } from './report.ts'
import { examples, openService, type Service } from './service.ts'
import type { Template } from './template.ts'
import { openUpdates, stackName } from './updates.ts'

const notify = `${stackName}-notify`

/** What the examples have in common. */
interface Examples {
  programs: string
  batch: unknown
  tokenParameter: string
  /** Gets each template that is deployed, with its name. */
  templates: Map<string, Template>
  report: Report
}

/** Checks all examples, two at a time, each in an account of its own. */
export async function checkExamples(shared: Examples) {
  const queue = [...examples]
  const work = async () => {
    const folder = cloneProject()
    for (let example = queue.shift(); example; example = queue.shift())
      await checkExample(example, folder, shared).catch(shared.report.fail)
  }
  await Promise.all([work(), work()])
}

/** Deploys an example, reads it back, invokes it, changes topics, delivery and state, is refused another consumer group, goes back, and removes it. */
async function checkExample(example: string, folder: string, shared: Examples) {
  const { programs, batch, tokenParameter, templates, report } = shared
  const emulator = await startEmulator({ isPaced: false })
  const aws = await startEmulatedAws(programs)
  try {
    const token = { Name: tokenParameter, Value: emulator.token, Type: 'SecureString' }
    await aws.ask('ssm', 'AmazonSSM.PutParameter', token)
    const variables = { TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: emulator.apiRoot }
    const service = openService(aws.environment, variables, folder)
    const updates = openUpdates({ aws, service, example, templates, report })
    await checkUpdates(example, { aws, service, emulator, batch, report, updates })
  } finally {
    await aws.stop()
    await emulator.close()
  }
}

interface Opened {
  aws: EmulatedAws
  service: Service
  emulator: Emulator
  batch: unknown
  report: Report
  updates: ReturnType<typeof openUpdates>
}

async function checkUpdates(example: string, { aws, service, emulator, batch, report, updates }: Opened) {
  const { step, check } = report
  const { deploy, refuse } = updates
  const { sources, retainTable } = settingsOf(example)
  const topics = sources.flatMap((source) => source.topics)
  const topicsOf = ({ mappings }: Stack) => mappings.map(({ topic }) => topic)

  const first = await deploy('deploy')
  await check(`each topic has its event source (${example})`, async () => {
    assert.deepEqual(topicsOf(first), topics)
    const read = await aws.mappings(notify)
    assert.equal(read.length, topics.length)
    for (const { BisectBatchOnFunctionError, FunctionResponseTypes } of read)
      assert.deepEqual([BisectBatchOnFunctionError, FunctionResponseTypes], [true, ['ReportBatchItemFailures']])
  })
  await check(`the deployed function shows a batch (${example})`, async () => {
    const before = emulator.messages().length
    assert.deepEqual((await aws.invoke(notify, batch)).answer, { batchItemFailures: [] })
    assert.ok(emulator.messages().length > before)
    await aws.invoke(`${stackName}-sweep`, { source: 'aws.events' })
  })

  await refuse('another consumer group', { consumerGroup: 'other' }, /AWS cannot change the consumer group/)
  const renamed = sources.map((source) => ({ ...source, topics: source.topics.map((topic) => `${topic}-new`) }))
  const second = await deploy('other topics, delivery and state', {
    sources: renamed,
    delivery: 'on-demand',
    pollerGroup: null,
    // A table that stays would be in the way afterwards.
    ...(retainTable ? {} : { state: 'memory' }),
  })
  await check(`the event sources read the new topics (${example})`, async () => {
    assert.deepEqual(
      topicsOf(second),
      topics.map((topic) => `${topic}-new`),
    )
    assert.equal((await aws.mappings(notify)).length, topics.length)
  })

  await deploy('back')
  const last = await deploy('back, completely')
  await check(`everything is as at first (${example})`, () => {
    assert.deepEqual(topicsOf(last), topics)
    assert.deepEqual(
      last.functions.map(({ variables }) => variables.FAILURE_MODE),
      ['partial', 'partial'],
    )
  })
  await step(`${example}: remove`, () => service.serverless(['remove'], example))
  await check(`nothing is left (${example})`, async () => {
    await assert.rejects(aws.configuration(notify), /HTTP 404/)
    assert.deepEqual(await aws.mappings(notify).catch(() => []), [])
    if (retainTable) await deleteTable(aws)
    assert.deepEqual((await aws.ask('dynamodb', 'DynamoDB_20120810.ListTables', {})).TableNames, [])
  })
}

/** Deletes the table that stays when the stack is removed. */
async function deleteTable(aws: EmulatedAws) {
  const table = { TableName: stackName }
  await aws.ask('dynamodb', 'DynamoDB_20120810.UpdateTable', { ...table, DeletionProtectionEnabled: false })
  await aws.ask('dynamodb', 'DynamoDB_20120810.DeleteTable', table)
}
