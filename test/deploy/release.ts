import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { makeRelease, templateNames } from '../../infra/release/release.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { fillIn, type Tree } from '../support/cloudformation.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, type Package, root } from './service.ts'
import { blocksOf } from './shell-blocks.ts'
import { variablesOf } from './template.ts'
import { cluster, inventory, openShell } from './walkthrough.ts'

const notify = 'kube-eventer-telegram-prod-notify'
const sweep = 'kube-eventer-telegram-prod-sweep'
const page = 'docs/aws-without-serverless.md'

interface Context {
  programs: string
  /** What serverless.yml deploys. */
  packaged: Package
  batch: unknown
  report: Report
}

/** Makes a release, and follows the page that tells how to deploy it. */
export async function checkRelease(context: Context) {
  const { report, programs, packaged } = context
  const { step, check } = report
  const folder = mkdtempSync(join(bareEnvironment.HOME, 'release-'))
  await step('npm run release', async () => makeRelease(folder))
  await check('the zips of a release are those of serverless package', () => {
    for (const [name, file] of Object.entries(packaged.zipFiles))
      assert.ok(readFileSync(join(folder, `${name}.zip`)).equals(readFileSync(file)), name)
  })
  await check('the SBOM lists what is in the zips', () => checkSbom(folder))
  await step('cfn-lint of the released templates', () =>
    check('cfn-lint finds nothing in the released templates', async () => {
      const files = Object.values(templateNames).map((name) => join(folder, name))
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', ...files])
    }),
  )
  await check('the released template deploys the functions of serverless.yml', () => checkFunctions(folder, packaged))
  await followPage(folder, context)
}

/** Runs the commands of the page in the folder of the release, from an empty account to an empty account. */
async function followPage(folder: string, { programs, batch, report }: Context) {
  const { step, check } = report
  const emulator = await startEmulator({ isPaced: false })
  const aws = await startEmulatedAws(programs)
  try {
    const before = await inventory(aws)
    await aws.request('kafka', '/v1/clusters', { method: 'POST', body: JSON.stringify(cluster) })
    const shell = inAnotherSecond(openShell(folder, { programs, aws, token: emulator.token }))
    for (const { code, headings, line, notRunBecause } of blocksOf(readFileSync(join(root, page), 'utf8'))) {
      if (notRunBecause) continue
      // The emulated Telegram is the only value that the page does not mention.
      const command = code.replace('ChatId=', `ApiRoot=${emulator.apiRoot} ChatId=`)
      if (code.includes(templateNames['self-managed'])) {
        await step('release: brokers of your own', () => deployBesides(shell, command))
        continue
      }
      await step(`release: ${headings.at(-1)} (line ${line})`, () => shell(command))
      if (code.includes('StartingTime=')) {
        await check('the released functions show the batch, and nothing twice', () =>
          checkShown(aws, { emulator, batch }),
        )
        await checkRefused(shell, command, report)
        await checkChanges(aws, (parameters) => shell(withParameters(command, parameters)), report)
      }
    }
    await check('nothing is left of the release', async () => assert.deepEqual(await inventory(aws), before))
  } finally {
    await aws.stop()
    await emulator.close()
  }
}

/** The same page has two ways to deploy, so this one makes a stack with another name, and removes it. */
async function deployBesides(shell: Shell, command: string) {
  await shell('export SECRET_ARN=arn:aws:secretsmanager:eu-central-1:000000000000:secret:brokers-AbCdEf')
  const stack = 'kube-eventer-telegram-other'
  await shell(command.replace('kube-eventer-telegram-prod', stack).replace('ChatId=', 'Stage=other ChatId='))
  await shell(
    `aws cloudformation delete-stack --stack-name ${stack}; aws cloudformation wait stack-delete-complete --stack-name ${stack}`,
  )
}

/** The CLI names change sets by the second, and the emulated AWS is faster than that. */
function inAnotherSecond(shell: Shell): Shell {
  return (code) =>
    shell(code).catch((error: { stderr: string }) => {
      if (/ChangeSet \[\S+\] already exists/.test(error.stderr)) return inAnotherSecond(shell)(code)
      throw error
    })
}

/** The command with other parameters. */
function withParameters(command: string, parameters: string): string {
  return command.replace(/--parameter-overrides [\s\S]*/, `--parameter-overrides ${parameters}`)
}

/** Functions, log groups and schedule are those of osls; test/infra/release.test.ts compares the rest. */
function checkFunctions(folder: string, { template }: Package) {
  const released: Tree = parse(readFileSync(join(folder, templateNames.msk), 'utf8'), { version: '1.1' })
  const { TELEGRAM_CHAT_ID: ChatId, TELEGRAM_API_ROOT: ApiRoot } = variablesOf(template, 'NotifyLambdaFunction')
  const filled = fillIn(released, {
    ChatId,
    ApiRoot,
    Login: 'iam',
    ClusterArn: 'arn:aws:kafka:::cluster/events/1',
  }).Resources
  const types = new Set([
    'AWS::Events::Rule',
    'AWS::Lambda::EventInvokeConfig',
    'AWS::Lambda::Function',
    'AWS::Lambda::Permission',
    'AWS::Logs::LogGroup',
  ])
  const comparable = (resources: Record<string, object>) =>
    Object.entries(resources as Record<string, Tree>)
      .filter(([, { Type }]) => types.has(String(Type)))
      .map(([id, resource]) => [id, { ...resource, Properties: { ...(resource.Properties as Tree), Code: undefined } }])
  assert.deepEqual(Object.fromEntries(comparable(filled)), Object.fromEntries(comparable(template.Resources)))
}

function checkSbom(folder: string) {
  const { bomFormat, components, dependencies } = JSON.parse(readFileSync(join(folder, 'sbom.cdx.json'), 'utf8')) as {
    bomFormat: string
    components: { 'bom-ref': string; purl?: string; licenses?: object[]; hashes: { content: string }[] }[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  const names = components.map((component) => component['bom-ref'].replace(/(?<=.)@.*/, ''))
  assert.equal(bomFormat, 'CycloneDX')
  assert.deepEqual(names, ['notify.zip', 'sweep.zip', '@middy/core', 'aws4fetch', 'grammy', 'leven', 'valibot', 'yaml'])
  for (const { purl, licenses, hashes } of components.slice(2)) assert.ok(purl && licenses && hashes.length > 0)
  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8')
  for (const { hashes, ...zip } of components.slice(0, 2))
    assert.ok(sums.includes(`${hashes[0]?.content}  ${zip['bom-ref']}\n`))
  assert.deepEqual(dependencies[0]?.dependsOn, ['notify.zip', 'sweep.zip'])
}

async function checkShown(aws: EmulatedAws, { emulator, batch }: { emulator: Emulator; batch: unknown }) {
  const before = emulator.messages().length
  const { answer } = await aws.invoke(notify, batch)
  const shown = emulator.messages().length
  assert.deepEqual(answer, { batchItemFailures: [] })
  assert.ok(shown > before)
  await aws.invoke(notify, batch)
  await aws.invoke(sweep, { source: 'aws.events' })
  assert.equal(emulator.messages().length, shown)
}

type Shell = (code: string) => Promise<string>

/** Wrong parameters are refused before anything is made. */
async function checkRefused(shell: Shell, command: string, { check }: Report) {
  const other = command.replace('--stack-name kube-eventer-telegram-prod', '--stack-name other')
  const wrong: [string, RegExp][] = [
    [other.replace('Login=iam', 'Login=mtls Stage=other'), /This Login needs SecretArn/],
    [other.replace('StartingTime="$(date +%s)"', 'Stage=other'), /Set StartingTime/],
    [`${other} Stage=${'x'.repeat(36)}`, /Stage/],
  ]
  for (const [code, reason] of wrong)
    await check(`a release is refused: ${reason.source}`, () =>
      assert.rejects(shell(code), ({ stdout, stderr }: { stdout: string; stderr: string }) =>
        reason.test(stdout + stderr),
      ),
    )
}

async function checkChanges(
  aws: EmulatedAws,
  deploy: (parameters: string) => Promise<string>,
  { step, check }: Report,
) {
  const update = (parameters: string) => step(`release: ${parameters}`, () => deploy(parameters))
  const failureMode = async () =>
    ((await aws.configuration(notify)).Environment as { Variables: Record<string, string> }).Variables.FAILURE_MODE
  const mapping = async () => {
    const [found = {}] = await aws.mappings(notify)
    const { FunctionResponseTypes, BisectBatchOnFunctionError } = found
    return { FunctionResponseTypes, BisectBatchOnFunctionError }
  }
  const ids = async () => (await aws.mappings(notify)).map(({ UUID }) => UUID)

  const provisioned = { FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true }
  await check('a release is provisioned by default', async () => {
    assert.equal(await failureMode(), 'partial')
    assert.deepEqual(await mapping(), provisioned)
  })
  await update('Delivery=switching')
  await check('switching changes the function before the pollers', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(await mapping(), provisioned)
  })
  await update('Delivery=to-on-demand')
  await check('to-on-demand takes back what the pollers had', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(await mapping(), { FunctionResponseTypes: [], BisectBatchOnFunctionError: false })
  })
  await update('Delivery=switching')
  await check('switching changes the pollers before the function', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(await mapping(), provisioned)
  })
  await update('Delivery=provisioned')
  await check('provisioned completes the switch', async () => assert.equal(await failureMode(), 'partial'))

  const before = await ids()
  await update('WithEventSource=no')
  await check('the event source is gone, and the functions stay', async () => {
    assert.deepEqual(await ids(), [])
    await aws.configuration(notify)
  })
  await update('WithEventSource=yes Topic=other-events')
  await check('another topic has a new event source', async () => {
    const [id, ...more] = await ids()
    assert.ok(id && !before.includes(id) && more.length === 0)
  })
}
