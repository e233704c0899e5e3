import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parse } from 'yaml'
import { makeRelease, templateNames } from '../../infra/release/release.ts'
import type { Emulator } from '../../lib/emulator/server.ts'
import { fillIn, type Tree } from '../support/cloudformation.ts'
import type { EmulatedAws } from './emulated-aws.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, filesBelow, filesWith, type Package } from './service.ts'

const stage = 'released'
const stack = `kube-eventer-telegram-${stage}`
const notify = `${stack}-notify`
const sweep = `${stack}-sweep`
const bucket = 'code-of-the-release'
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

interface Context {
  programs: string
  /** What serverless.yml deploys for the cluster below. */
  packaged: Package
  emulator: Emulator
  batch: unknown
  report: Report
}

/** Makes a release, deploys it without the Serverless Framework, invokes, switches the delivery, removes. */
export async function checkRelease(aws: EmulatedAws, context: Context) {
  const { report, programs, emulator } = context
  const { step, check } = report
  const folder = mkdtempSync(join(bareEnvironment.HOME, 'release-'))
  await step('npm run release', async () => makeRelease(folder))
  const template: Tree = parse(readFileSync(join(folder, templateNames.msk), 'utf8'), { version: '1.1' })
  const parameters = parametersOf(context)

  await check('the checksums are those of the files', () =>
    run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder }).then(() => undefined),
  )
  await check('the zips of a release are those of serverless package', () => {
    for (const [name, file] of Object.entries(context.packaged.zipFiles))
      assert.ok(readFileSync(join(folder, `${name}.zip`)).equals(readFileSync(file)), name)
  })
  await check('the SBOM lists what is in the zips', () => checkSbom(folder))
  await check('the token is in no file of the release', () => assert.deepEqual(filesWith(emulator.token, folder), []))
  await step('cfn-lint of the released templates', () =>
    check('cfn-lint finds nothing in the released templates', async () => {
      const files = Object.values(templateNames).map((name) => join(folder, name))
      await run(`${programs}cfn-lint`, ['-r', 'eu-central-1', '-t', ...files])
    }),
  )
  await check('the released template deploys the functions of serverless.yml', () =>
    checkFunctions(template, parameters, context.packaged),
  )

  await upload(aws, folder)
  await check('wrong parameters are refused before anything is made', async () => {
    await assert.rejects(change(aws, 'CreateStack', { ...parameters, Login: 'mtls' }), /This Login needs SecretArn/)
    await assert.rejects(change(aws, 'CreateStack', { ...parameters, StartingTime: '0' }), /Set StartingTime/)
    await assert.rejects(change(aws, 'CreateStack', { ...parameters, Stage: 'x'.repeat(36) }), /Stage/)
  })
  const tokenParameter = `/kube-eventer-telegram/${stage}/bot-token`
  await aws.ask('ssm', 'AmazonSSM.PutParameter', { Name: tokenParameter, Value: emulator.token, Type: 'SecureString' })
  await step('create the stack of the release', () => change(aws, 'CreateStack', parameters))
  await check('the released functions show the batch, and nothing twice', () => checkShown(aws, context))
  await checkSwitch(aws, parameters, report)
  await checkTopic(aws, parameters, report)
  await step('delete the stack of the release', async () => {
    await cloudFormation(aws, 'DeleteStack', { StackName: stack })
    await settled(aws)
  })
  await check('nothing is left of the release', async () => {
    for (const name of [notify, sweep]) await assert.rejects(aws.configuration(name), /HTTP 404/)
  })
}

function parametersOf({ packaged, emulator }: Context): Record<string, string> {
  const { EventSourceArn, Topics } = mappingIn(packaged.template.Resources)
  return {
    CodeBucket: bucket,
    Stage: stage,
    ChatId: '-1001234567890',
    ApiRoot: emulator.apiRoot,
    ClusterArn: String(EventSourceArn),
    Login: 'iam',
    Topic: String((Topics as string[])[0]),
    StartingTime: '1790000000',
  }
}

function mappingIn(resources: Record<string, { Type?: unknown; Properties?: unknown }>): Tree {
  const found = Object.values(resources).find(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping')
  return (found?.Properties ?? {}) as Tree
}

/** Functions, log groups and schedule are those of osls; test/infra/release.test.ts compares the rest. */
function checkFunctions(template: Tree, parameters: Tree, packaged: Package) {
  const filled = fillIn(template, { ...parameters, Stage: 'prod' }).Resources
  const types = new Set(['Function', 'Permission', 'EventInvokeConfig'].map((name) => `AWS::Lambda::${name}`))
  types.add('AWS::Logs::LogGroup').add('AWS::Events::Rule')
  const comparable = (resources: Record<string, Tree>) =>
    Object.fromEntries(
      Object.entries(resources)
        .filter(([, { Type }]) => types.has(String(Type)))
        .map(([id, resource]) => {
          const { Code: _, ...properties } = resource.Properties as Tree
          return [id, { ...resource, Properties: properties }]
        }),
    )
  assert.deepEqual(comparable(filled), comparable({ ...packaged.template.Resources } as Record<string, Tree>))
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

async function upload(aws: EmulatedAws, folder: string) {
  const location = `<CreateBucketConfiguration><LocationConstraint>${aws.environment.AWS_REGION}</LocationConstraint></CreateBucketConfiguration>`
  await aws.request('s3', `/${bucket}`, { method: 'PUT', body: location })
  for (const name of filesBelow(folder))
    await aws.request('s3', `/${bucket}/kube-eventer-telegram/${version}/${name}`, {
      method: 'PUT',
      body: readFileSync(join(folder, name)),
    })
}

/** Creates or updates the stack, and waits for the end. */
async function change(aws: EmulatedAws, action: 'CreateStack' | 'UpdateStack', parameters: Record<string, string>) {
  const given = Object.entries(parameters).flatMap(([name, value], index) => [
    [`Parameters.member.${index + 1}.ParameterKey`, name],
    [`Parameters.member.${index + 1}.ParameterValue`, value],
  ])
  await cloudFormation(aws, action, {
    StackName: stack,
    TemplateURL: `${aws.environment.AWS_ENDPOINT_URL}/${bucket}/kube-eventer-telegram/${version}/${templateNames.msk}`,
    'Capabilities.member.1': 'CAPABILITY_IAM',
    ...Object.fromEntries(given),
  })
  const status = await settled(aws)
  assert.match(status, /^(?:CREATE|UPDATE)_COMPLETE$/)
}

function cloudFormation(aws: EmulatedAws, action: string, parameters: Record<string, string>) {
  return aws.query('cloudformation', action, '2010-05-15', parameters)
}

async function settled(aws: EmulatedAws): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await cloudFormation(aws, 'DescribeStacks', { StackName: stack }).catch(String)
    const [, status = ''] = /<StackStatus>(\w+)<\/StackStatus>/.exec(answer) ?? []
    if (answer.includes('does not exist')) return 'DELETE_COMPLETE'
    if (status !== '' && !status.endsWith('IN_PROGRESS')) return status
    await pause(100)
  }
  throw new Error('the stack of the release is not ready after 30 s')
}

async function checkShown(aws: EmulatedAws, { emulator, batch }: Context) {
  const before = emulator.messages().length
  const { answer } = await aws.invoke(notify, batch)
  const shown = emulator.messages().length
  assert.deepEqual(answer, { batchItemFailures: [] })
  assert.ok(shown > before)
  await aws.invoke(notify, batch)
  await aws.invoke(sweep, { source: 'aws.events' })
  assert.equal(emulator.messages().length, shown)
}

async function checkSwitch(aws: EmulatedAws, parameters: Record<string, string>, { step, check }: Report) {
  const failureMode = async () =>
    ((await aws.configuration(notify)).Environment as { Variables: Record<string, string> }).Variables.FAILURE_MODE
  const mapping = async () => {
    const [found = {}] = await aws.mappings(notify)
    const { FunctionResponseTypes, BisectBatchOnFunctionError } = found
    return { FunctionResponseTypes, BisectBatchOnFunctionError }
  }
  const update = (Delivery: string) =>
    step(`release: ${Delivery}`, () => change(aws, 'UpdateStack', { ...parameters, Delivery }))

  const provisioned = { FunctionResponseTypes: ['ReportBatchItemFailures'], BisectBatchOnFunctionError: true }
  await check('a release is provisioned by default', async () => {
    assert.equal(await failureMode(), 'partial')
    assert.deepEqual(await mapping(), provisioned)
  })
  await update('to-on-demand')
  await check('to-on-demand takes back what the pollers had', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(await mapping(), { FunctionResponseTypes: [], BisectBatchOnFunctionError: false })
  })
  await update('on-demand')
  await update('to-provisioned')
  await check('to-provisioned changes the pollers before the function', async () => {
    assert.equal(await failureMode(), 'throw')
    assert.deepEqual(await mapping(), provisioned)
  })
  await update('provisioned')
  await check('provisioned completes the switch', async () => assert.equal(await failureMode(), 'partial'))
}

/** As docs/aws-without-serverless.md changes what AWS cannot change in an event source. */
async function checkTopic(aws: EmulatedAws, parameters: Record<string, string>, { step, check }: Report) {
  const ids = async () => (await aws.mappings(notify)).map(({ UUID }) => UUID)
  const before = await ids()
  await step('release: without its event source', () =>
    change(aws, 'UpdateStack', { ...parameters, WithEventSource: 'no' }),
  )
  await check('the event source is gone, and the functions stay', async () => {
    assert.deepEqual(await ids(), [])
    await aws.configuration(notify)
  })
  await step('release: another topic', () => change(aws, 'UpdateStack', { ...parameters, Topic: 'other-events' }))
  await check('another topic has a new event source', async () => {
    const [id, ...more] = await ids()
    assert.ok(id && !before.includes(id) && more.length === 0)
  })
}
