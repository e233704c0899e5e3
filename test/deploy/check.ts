// npm run test:deploy: packages, lints, deploys to an emulated AWS, invokes, redeploys, removes. No account, no Docker, no network.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../lib/adapters/clock.ts'
import { startEmulator } from '../../lib/emulator/server.ts'
import { place, settingsOf } from '../infra/stacks.ts'
import { checkBundles, checkToken } from './bundle.ts'
import { checkConfigFile, rules } from './config-file.ts'
import { checkDeployment } from './deployment.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import { checkExamples } from './examples.ts'
import { checkGitHubRole } from './github-role.ts'
import { checkInvokeLocal } from './local.ts'
import { preparePython } from './python.ts'
import { findModelProblems } from './real-aws/models.ts'
import { findAwsProblems } from './real-aws/problems.ts'
import { openStack } from './real-aws/stack.ts'
import { checkRelease } from './release.ts'
import { openReport } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, type Choice, deliveries, openService, type Package, root } from './service.ts'
import { checkState } from './state.ts'
import { checkTemplate, type Template } from './template.ts'
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
const templates = new Map<string, Template>()

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
  const [packaged] = await checkPackages(programs)
  await step('wrong settings', checkRefusal)
  await step('invoke local', () => checkInvokeLocal(local, { shell, batchFile, recordCount, emulator, report }))
  await checkConfigFile({ shell, variables, programs, batchFile, emulator, report })
  aws = await step('emulated AWS starts', () => startEmulatedAws(programs))
  const service = openService({ TELEGRAM_BOT_TOKEN: token, ...aws.environment }, variables)
  const configured = openService({ TELEGRAM_BOT_TOKEN: token, ...aws.environment }, { ...variables, ...rules })
  const deployment = { service, configured, emulator, batch, recordCount, tokenParameter, templates, report }
  await checkDeployment(aws, deployment)
  await step('all examples', () => checkExamples({ programs, batch, tokenParameter, templates, report }))
  await checkTemplates(programs)
  await walkThrough(programs, report)
  await checkGitHubRole(programs, report)
  if (packaged) await checkRelease({ programs, packaged, batch, report })
} catch (error) {
  report.fail(error)
} finally {
  await aws?.stop()
  await emulator.close()
  local.close()
  report.close()
}

async function checkPackages(programs: string): Promise<Package[]> {
  const all: Package[] = []
  for (const choice of choices) {
    const packaged = await step(`package: ${Object.values(choice).join(', ')}`, () => local.package(choice))
    all.push(packaged)
    templates.set(packaged.name, packaged.template)
    await checkTemplate(packaged, tokenParameter, report)
    await checkState(packaged, report)
    await checkBundles(packaged, { token, programs, report })
    await checkToken(packaged.name, { token, report })
  }
  const stage = 'a'.repeat(40)
  const choice = { example: 'production', delivery: 'provisioned', state: 'dynamodb', stage } as const
  const { template } = await step('package: a long stage', () => local.package(choice))
  await check('AWS would deploy a stage of 40 characters', () => {
    const settings = settingsOf('production', { environment: variables }, stage)
    const stack = openStack(template, { ...place, stack: `kube-eventer-telegram-${stage}` })
    assert.deepEqual(findAwsProblems(settings, stack, systemClock.now()), [])
  })
  templates.set('a long stage', template)
  return all
}

/** Checks everything that was packaged or deployed. */
async function checkTemplates(programs: string) {
  const names = [...templates.keys()]
  const files = [...templates.values()].map((template, at) => {
    const file = join(bareEnvironment.HOME, `template-${at}.json`)
    writeFileSync(file, JSON.stringify(template))
    return file
  })
  await step('cfn-lint', () =>
    check('cfn-lint finds nothing', async () => {
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', ...files])
    }),
  )
  const stacks = [...templates.values()].map((template) => openStack(template, place))
  const found = await step("AWS's models", () =>
    findModelProblems(
      stacks.map(({ template }) => template),
      programs,
    ),
  )
  for (const [at, problems] of found.entries())
    await check(`each call fits AWS's model (${names[at]})`, () => assert.deepEqual(problems, []))
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
