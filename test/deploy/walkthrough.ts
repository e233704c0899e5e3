import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { cloneProject } from './clone.ts'
import { type EmulatedAws, startEmulatedAws } from './emulated-aws.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, root } from './service.ts'
import { type Block, blocksOf } from './shell-blocks.ts'

/** A way through the page: the sections that do not belong to the other way. */
interface Way {
  /** The heading of the section that only this way has. */
  section: string
  /** What an account that needs this page already has. */
  prepare?(aws: EmulatedAws): Promise<unknown>
  /** What the reader enters in `settings.yml`, from what the commands before have printed. */
  values(printed: string): [path: (string | number)[], value: unknown][]
}

const source = ['default', 'sources', 0]

const ways: Way[] = [
  {
    section: 'MSK with IAM',
    prepare: (aws) => aws.request('kafka', '/v1/clusters', { method: 'POST', body: JSON.stringify(cluster) }),
    values: (printed) => [[[...source, 'clusterArn'], /arn:aws:kafka:\S+/.exec(printed)?.[0]]],
  },
  {
    section: 'Brokers of your own',
    values: (printed) => [
      [[...source, 'secretArn'], /arn:aws:secretsmanager:\S+/.exec(printed)?.[0]],
      [[...source, 'bootstrapServers'], ['kafka.example.org:9096']],
    ],
  },
]

export const cluster = {
  clusterName: 'events',
  kafkaVersion: '3.9.x',
  numberOfBrokerNodes: 2,
  brokerNodeGroupInfo: { instanceType: 'kafka.m7g.large', clientSubnets: ['subnet-1', 'subnet-2'] },
}

/**
 * Follows docs/deploy-aws.md word by word: runs its commands in a copy of this project, from an empty account to an empty account. The emulated
 * AWS has no pollers, so the page's own test without Kafka invokes the function.
 */
export async function walkThrough(programs: string, report: Report): Promise<void> {
  const blocks = blocksOf(readFileSync(join(root, 'docs/deploy-aws.md'), 'utf8'))
  const toRun = blocks.filter(({ notRunBecause }) => !notRunBecause)
  const blocksOfWays = ways.map((way) => toRun.filter((block) => isOn(way, block)))
  await report.check('each command of docs/deploy-aws.md is run, or marked as not run', () =>
    assert.deepEqual(
      toRun.filter((block) => !blocksOfWays.flat().includes(block)).map(({ line }) => line),
      [],
    ),
  )
  await Promise.all(ways.map((way, at) => follow(way, blocksOfWays[at] ?? [], { programs, report })))
}

function isOn({ section }: Way, { headings, onlyFor }: Block): boolean {
  const others = ways.map((way) => way.section).filter((other) => other !== section)
  return onlyFor === undefined ? !headings.some((heading) => others.includes(heading)) : onlyFor === section
}

async function follow(way: Way, blocks: Block[], { programs, report }: { programs: string; report: Report }) {
  const { step, check } = report
  const emulator = await startEmulator({ isPaced: false })
  const aws = await startEmulatedAws(programs)
  try {
    const before = await inventory(aws)
    await way.prepare?.(aws)
    const folder = await step(`${way.section}: a clone with npm ci`, copyProject)
    const shell = openShell(folder, { programs, aws, token: emulator.token })
    let printed = ''
    for (const { code, headings, line } of blocks) {
      const version = versions[headings.at(-1) ?? '']
      if (version) takeVersion(version, folder)
      printed += await step(`${way.section}: ${headings.at(-1)} (line ${line})`, () =>
        shell(code).catch((error) => withoutPollers(code, error)),
      )
      if (code.includes('read -rs PASSWORD'))
        await check('the secret has the password as it was entered', async () => {
          const { SecretString } = await aws.ask('secretsmanager', 'secretsmanager.GetSecretValue', {
            SecretId: 'kube-eventer-telegram-brokers',
          })
          assert.deepEqual(JSON.parse(String(SecretString)), { username: 'kube-eventer-telegram', password })
        })
      if (/^cp \S+ settings\.yml$/m.test(code)) enter(way.values(printed), { folder, emulator })
      if (version)
        await check(`the ${version} is deployed (${way.section})`, async () =>
          assert.equal((await aws.configuration('kube-eventer-telegram-prod-notify')).Description, version),
        )
    }
    await check(`the chat has the messages (${way.section})`, () => {
      assert.equal(emulator.messages().length, 3)
      assert.match(printed, /"batchItemFailures":\s*\[\]/)
    })
    await check(`nothing is left in the account (${way.section})`, async () =>
      assert.deepEqual(await inventory(aws), before),
    )
  } finally {
    await aws.stop()
    await emulator.close()
  }
}

/** What a clone has after `npm ci`, without downloads. */
async function copyProject(): Promise<string> {
  const folder = cloneProject()
  await run('npm', ['run', '--silent', 'build'], { cwd: folder, env: bareEnvironment })
  return folder
}

/** What the reader gets with git before the commands below these headings. */
const versions: Record<string, string> = { Upgrade: 'next version', 'Roll back': 'earlier version' }

function takeVersion(version: string, folder: string) {
  const file = join(folder, 'serverless.yml')
  const service = parseDocument(readFileSync(file, 'utf8'))
  service.setIn(['functions', 'notify', 'description'], version)
  writeFileSync(file, String(service))
}

/** Enters values in settings.yml. The emulated Telegram is the only value that the page does not mention. */
function enter(values: ReturnType<Way['values']>, { folder, emulator }: { folder: string; emulator: Emulator }) {
  const file = join(folder, 'settings.yml')
  const settings = parseDocument(readFileSync(file, 'utf8'))
  for (const [path, value] of values) {
    assert.ok(settings.hasIn(path) && value !== undefined, path.join('.'))
    settings.setIn(path, value)
  }
  settings.setIn(['default', 'environment', 'TELEGRAM_API_ROOT'], emulator.apiRoot)
  writeFileSync(file, String(settings))
}

// In JSON both characters need an escape.
const password = 'a "pass\\word"'

// Exported variables and aliases stay from one block to the next, as in a terminal.
const script = `
set -e -o pipefail
shopt -s expand_aliases
if [ -f "$SESSION" ]; then . "$SESSION"; fi
eval "$1"
{ export -p; alias -p; } > "$SESSION"`

/** A terminal in that folder. It resolves with what the commands print, and answers `read` with the token, or with a password. */
export function openShell(
  cwd: string,
  { programs, aws, token }: { programs: string; aws: EmulatedAws; token: string },
) {
  const { AWS_REGION: _, ...environment } = aws.environment
  const PATH = `${programs.replace(/\/$/, '')}:${bareEnvironment.PATH}`
  const SESSION = join(mkdtempSync(join(bareEnvironment.HOME, 'session-')), 'session')
  return (code: string) =>
    run('bash', ['-c', script, 'bash', code], {
      cwd,
      env: { ...bareEnvironment, ...environment, PATH, SESSION },
      input: code.includes('read -rs TOKEN') ? `${token}\n` : code.includes('read -rs') ? `${password}\n` : '',
    })
}

/** The emulated AWS forgets that an event source has provisioned pollers. `check --aws` notices that, and must find nothing else. */
function withoutPollers(code: string, error: { stdout?: string }): string {
  const { stdout = '' } = error
  const problems = stdout.split('\n').filter((line) => line.startsWith('  ✗'))
  const isExpected = problems.length === 1 && / but the event source has no provisioned\s+pollers/.test(stdout)
  if (!code.endsWith('check --aws') || !isExpected) throw error
  return stdout
}

/** The names of what an account has, by kind. */
export async function inventory(aws: EmulatedAws): Promise<Record<string, unknown>> {
  const names = async (answer: Promise<string>, tag: string) =>
    [...(await answer).matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'g'))].map(([, name]) => name)
  const [ssm, secrets, tables, rules, logs] = await Promise.all([
    aws.ask('ssm', 'AmazonSSM.DescribeParameters', {}),
    aws.ask('secretsmanager', 'secretsmanager.ListSecrets', {}),
    aws.ask('dynamodb', 'DynamoDB_20120810.ListTables', {}),
    aws.ask('events', 'AWSEvents.ListRules', {}),
    aws.ask('logs', 'Logs_20140328.DescribeLogGroups', {}),
  ])
  return {
    parameters: ssm.Parameters,
    secrets: secrets.SecretList,
    tables: tables.TableNames,
    rules: rules.Rules,
    logGroups: logs.logGroups,
    functions: JSON.parse(await aws.request('lambda', '/2015-03-31/functions/')).Functions,
    mappings: JSON.parse(await aws.request('lambda', '/2015-03-31/event-source-mappings/')).EventSourceMappings,
    stacks: await names(aws.query('cloudformation', 'DescribeStacks', '2010-05-15'), 'StackName'),
    roles: await names(aws.query('iam', 'ListRoles', '2010-05-08'), 'RoleName'),
    alarms: await names(aws.query('monitoring', 'DescribeAlarms', '2010-08-01'), 'AlarmName'),
    dashboards: await names(aws.query('monitoring', 'ListDashboards', '2010-08-01'), 'DashboardName'),
    buckets: await names(aws.request('s3', '/'), 'Name'),
  }
}
