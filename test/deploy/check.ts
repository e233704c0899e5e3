// npm run test:deploy: packages, lints, deploys to an emulated AWS, invokes, redeploys, removes. No account, no Docker, no network.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEmulator } from '../../lib/emulator/server.ts'
import { checkBundles, checkToken } from './bundle.ts'
import { checkConfigFile, rules } from './config-file.ts'
import { checkDeployment } from './deployment.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import { checkExample } from './example.ts'
import { checkInvokeLocal } from './local.ts'
import { preparePython } from './python.ts'
import { openReport } from './report.ts'
import { run } from './run.ts'
import { type Choice, deliveries, examples, openService, root } from './service.ts'
import { checkState } from './state.ts'
import { checkTemplate } from './template.ts'
import { walkThrough } from './walkthrough.ts'

const tokenParameter = '/kube-eventer-telegram/prod/bot-token'
const batchFile = 'test/batches/node-not-ready.json'
const batch: { records: Record<string, unknown[]> } = JSON.parse(readFileSync(join(root, batchFile), 'utf8'))
const recordCount = Object.values(batch.records).flat().length

const choices: Choice[] = [
  ...['msk-iam', 'self-managed-scram-512'].flatMap((example) =>
    deliveries.map((delivery): Choice => ({ example, delivery, state: 'dynamodb' })),
  ),
  { example: 'msk-iam', delivery: 'provisioned', state: 'memory' },
]

const report = openReport()
const { step, check } = report
const emulator = await startEmulator({ isPaced: false })
const { token } = emulator
const variables = { TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: emulator.apiRoot }
const shell = { TELEGRAM_BOT_TOKEN: token, ...variables }
const local = openService(shell, variables)
let aws: EmulatedAws | undefined

try {
  const programs = await step('Python environment', preparePython)
  await checkPackages(programs)
  await step('wrong settings', checkRefusal)
  await step('invoke local', () => checkInvokeLocal(local, { shell, batchFile, recordCount, emulator, report }))
  await checkConfigFile({ shell, variables, programs, batchFile, emulator, report })
  aws = await step('emulated AWS starts', () => startEmulatedAws(programs))
  const service = openService({ TELEGRAM_BOT_TOKEN: token, ...aws.environment }, variables)
  const configured = openService({ TELEGRAM_BOT_TOKEN: token, ...aws.environment }, { ...variables, ...rules })
  const deployment = { service, configured, emulator, batch, recordCount, tokenParameter, report }
  await checkDeployment(aws, deployment)
  for (const example of examples) await checkExample(aws, example, deployment)
  await walkThrough(programs, report)
} catch (error) {
  report.fail(error)
} finally {
  await aws?.stop()
  await emulator.close()
  local.close()
  report.close()
}

async function checkPackages(programs: string) {
  const templateFiles: string[] = []
  for (const choice of choices) {
    const packaged = await step(`package: ${Object.values(choice).join(', ')}`, () => local.package(choice))
    templateFiles.push(packaged.templateFile)
    await checkTemplate(packaged, tokenParameter, report)
    await checkState(packaged, report)
    await checkBundles(packaged, { token, programs, report })
    await checkToken(packaged.name, { token, report })
  }
  await step('cfn-lint', () =>
    check('cfn-lint finds nothing', async () => {
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', ...templateFiles])
    }),
  )
}

async function checkRefusal() {
  const wrong = { delivery: 'ondemand', state: 'mysql', topc: 'kube-events', batchSize: '0', alarmTopicArns: '[ops]' }
  await check('every invalid setting is named, before anything is packaged', () =>
    assert.rejects(local.serverless(['package'], 'msk-iam', wrong), (error: { stdout: string }) =>
      Object.keys(wrong).every((name) => error.stdout.includes(`- --param ${name}`)),
    ),
  )
  await check('without settings.yml the examples are named', () =>
    assert.rejects(local.serverless(['package']), (error: { stdout: string }) =>
      error.stdout.includes('none.yml is missing: copy one of infra/examples/settings to'),
    ),
  )
}
