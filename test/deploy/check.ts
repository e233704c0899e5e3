// npm run test:deploy: packages, lints, deploys to an emulated AWS, invokes, redeploys, removes. No account, no Docker, no network.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startStandin } from '../../lib/standin/server.ts'
import { checkBundle } from './bundle.ts'
import { type Emulator, startEmulator } from './emulator.ts'
import { preparePython } from './python.ts'
import { openReport } from './report.ts'
import { run } from './run.ts'
import { deliveries, filesWith, openService, root, type Service, sources } from './service.ts'
import { checkTemplate, deliverySettings, propertiesOf } from './template.ts'

const tokenParameter = '/kube-eventer-telegram/bot-token'
const stack = 'kube-eventer-telegram-prod'
const functionName = `${stack}-notify`
const batchFile = 'test/batches/node-not-ready.json'
const batch: { records: Record<string, unknown[]> } = JSON.parse(readFileSync(join(root, batchFile), 'utf8'))
const recordCount = Object.values(batch.records).flat().length

const report = openReport()
const { step, check } = report
const standin = await startStandin({ isPaced: false })
const { token } = standin
// The token is in the shell of whoever deploys; it must stay there.
const shell = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: standin.apiRoot }
const local = openService(shell)
let emulator: Emulator | undefined

try {
  const programs = await step('Python environment', preparePython)
  await checkPackages(programs)
  await step('wrong settings', checkRefusal)
  await step('invoke local', checkInvokeLocal)
  emulator = await step('emulated AWS starts', () => startEmulator(programs))
  await checkDeployment(emulator, openService({ ...shell, ...emulator.environment }))
} catch (error) {
  report.fail(error)
} finally {
  await emulator?.stop()
  await standin.close()
  local.close()
  report.close()
}

async function checkPackages(programs: string) {
  const templateFiles: string[] = []
  for (const source of sources) {
    for (const delivery of deliveries) {
      const packaged = await step(`package: ${source}, ${delivery}`, () => local.package(source, delivery))
      templateFiles.push(packaged.templateFile)
      await checkTemplate(packaged, tokenParameter, report)
      await checkBundle(packaged, { token, programs, report })
      await checkToken(packaged.name)
    }
  }
  await step('cfn-lint', () =>
    check('cfn-lint finds nothing', async () => {
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', ...templateFiles])
    }),
  )
}

async function checkRefusal() {
  const wrong = { delivery: 'ondemand', topc: 'kube-events', clusterArn: 'events' }
  await check('every wrong setting is named', () =>
    assert.rejects(local.serverless(['package'], 'msk', wrong), (error: { stdout: string }) =>
      Object.keys(wrong).every((name) => error.stdout.includes(`- ${name}: `)),
    ),
  )
}

async function checkInvokeLocal() {
  const words = ['invoke', 'local', '-f', 'notify', '-p', batchFile]
  const output = await local.serverless(words)
  await check('invoke local answers with the token of the shell', () => {
    assert.match(output, /"batchItemFailures": \[\]/)
    assert.equal(standin.messages().length, recordCount)
  })
  const failures: [string, string[], Record<string, string>, RegExp][] = [
    [
      'a wrong chat id',
      words,
      { TELEGRAM_CHAT_ID: 'ops' },
      /1 problem in the configuration:\s+- TELEGRAM_CHAT_ID: given "ops"/,
    ],
    [
      'a token that Telegram refuses',
      words,
      { TELEGRAM_BOT_TOKEN: '987654321:not-the-one' },
      /Telegram refuses the bot token \(401/,
    ],
    ['no such batch', [...words.slice(0, -1), 'missing.json'], {}, /missing\.json/],
  ]
  for (const [name, arguments_, changed, said] of failures) {
    const service = openService({ ...shell, ...changed })
    await check(`invoke local with ${name} says so and ends by itself`, async () => {
      const failed = await service
        .serverless(arguments_)
        .catch((error: { code: unknown; stdout: string; stderr: string }) => error)
      assert.ok(typeof failed === 'object', 'it should fail')
      assert.equal(failed.code, 1)
      assert.match(failed.stdout + failed.stderr, said)
      assert.ok(!(failed.stdout + failed.stderr).includes(token))
    })
  }
}

async function checkDeployment(aws: Emulator, service: Service) {
  const configuration = () => aws.configuration(functionName)
  const variables = async () => ((await configuration()).Environment as { Variables: Record<string, string> }).Variables

  await aws.putParameter(tokenParameter, token)
  await step('deploy', () => service.serverless(['deploy'], 'msk'))
  await check('the function reads back as declared', async () => {
    const { Runtime, Architectures } = await configuration()
    assert.deepEqual({ Runtime, Architectures }, { Runtime: 'nodejs24.x', Architectures: ['arm64'] })
    assert.equal((await variables()).FAILURE_MODE, 'partial')
  })
  await check('the mapping reads back as declared', async () => {
    const [mapping = {}, ...more] = await aws.mappings(functionName)
    const { mapping: wanted } = deliverySettings.provisioned
    for (const field of [
      'FunctionResponseTypes',
      'BisectBatchOnFunctionError',
      'MaximumRetryAttempts',
      'MaximumRecordAgeInSeconds',
    ]) {
      assert.deepEqual(mapping[field], wanted[field], field)
    }
    assert.equal(more.length, 0)
    // The emulator drops these from a mapping.
    const declared = propertiesOf(await aws.template(stack), 'NotifyEventSource')
    assert.deepEqual(declared.Topics, ['kube-events'])
    assert.deepEqual(declared.ProvisionedPollerConfig, wanted.ProvisionedPollerConfig)
  })

  const before = standin.messages().length
  const answer = await step('invoke the deployed bundle', () => aws.invoke(functionName, batch))
  await check('the deployed function shows every record and gives none back', () => {
    assert.deepEqual(answer, { batchItemFailures: [] })
    assert.equal(standin.messages().length - before, recordCount)
  })

  await step('deploy the other mode', () => service.serverless(['deploy', '--force'], 'msk', { delivery: 'on-demand' }))
  await check('the switch changes function and mapping in place', async () => {
    assert.equal((await variables()).FAILURE_MODE, 'throw')
    const declared = propertiesOf(await aws.template(stack), 'NotifyEventSource')
    const controls = Object.keys(deliverySettings.provisioned.mapping)
    assert.deepEqual(
      Object.keys(declared).filter((field) => controls.includes(field)),
      [],
    )
  })
  await checkToken('deployed')

  await step('remove', () => service.serverless(['remove'], 'msk'))
  await check('nothing is left', async () => {
    await assert.rejects(configuration(), /HTTP 404/)
    assert.deepEqual(await aws.mappings(functionName).catch(() => []), [])
  })
}

function checkToken(name: string): Promise<void> {
  return check(`the token is nowhere in .serverless (${name})`, () =>
    assert.deepEqual(filesWith(token, join(root, '.serverless')), []),
  )
}
