// npm run test:deploy: packages, lints, deploys to an emulated AWS, invokes, redeploys, removes. No account, no Docker, no network.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEmulator } from '../../lib/emulator/server.ts'
import { checkBundles, checkToken } from './bundle.ts'
import { checkConfigFile, rules } from './config-file.ts'
import { checkDeployment } from './deployment.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import { checkInvokeLocal } from './local.ts'
import { preparePython } from './python.ts'
import { openReport } from './report.ts'
import { run } from './run.ts'
import { type Choice, deliveries, openService, root, sources } from './service.ts'
import { checkState } from './state.ts'
import { checkTemplate } from './template.ts'

const tokenParameter = '/kube-eventer-telegram/bot-token'
const batchFile = 'test/batches/node-not-ready.json'
const batch: { records: Record<string, unknown[]> } = JSON.parse(readFileSync(join(root, batchFile), 'utf8'))
const recordCount = Object.values(batch.records).flat().length

const choices: Choice[] = [
  ...sources.flatMap((source) => deliveries.map((delivery): Choice => ({ source, delivery, state: 'dynamodb' }))),
  { source: 'msk', delivery: 'provisioned', state: 'memory' },
  {
    source: 'msk',
    delivery: 'provisioned',
    state: 'dynamodb',
    alarmTopicArn: 'arn:aws:sns:eu-central-1:123456789012:ops',
  },
]

const report = openReport()
const { step, check } = report
const emulator = await startEmulator({ isPaced: false })
const { token } = emulator
const shell = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: '-1001234567890', TELEGRAM_API_ROOT: emulator.apiRoot }
const local = openService(shell)
let aws: EmulatedAws | undefined

try {
  const programs = await step('Python environment', preparePython)
  await checkPackages(programs)
  await step('wrong settings', checkRefusal)
  await step('invoke local', () => checkInvokeLocal(local, { shell, batchFile, recordCount, emulator, report }))
  await checkConfigFile({ shell, programs, batchFile, emulator, report })
  aws = await step('emulated AWS starts', () => startEmulatedAws(programs))
  const service = openService({ ...shell, ...aws.environment })
  const configured = openService({ ...shell, ...aws.environment, ...rules })
  await checkDeployment(aws, { service, configured, emulator, batch, recordCount, tokenParameter, report })
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
  const wrong = {
    delivery: 'ondemand',
    state: 'mysql',
    topc: 'kube-events',
    clusterArn: 'events',
    alarmTopicArn: 'ops',
  }
  await check('every invalid setting is named', () =>
    assert.rejects(local.serverless(['package'], 'msk', wrong), (error: { stdout: string }) =>
      Object.keys(wrong).every((name) => error.stdout.includes(`- ${name} `)),
    ),
  )
  const idle = { state: 'memory', alarmTopicArn: 'arn:aws:sns:eu-central-1:123456789012:ops' }
  await check('an alarm without a sweep that publishes its metric is refused', () =>
    assert.rejects(local.serverless(['package'], 'msk', idle), (error: { stdout: string }) =>
      error.stdout.includes('- alarmTopicArn must not be set'),
    ),
  )
}
