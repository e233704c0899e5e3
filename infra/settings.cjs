// A plugin of this service: `package` and `deploy` check the settings, `invoke local` runs without AWS.
const { rmSync, writeFileSync } = require('node:fs')
const { isAbsolute, normalize, resolve } = require('node:path')
const { setTimeout } = require('node:timers')

const choices = {
  source: ['msk', 'self-managed'],
  delivery: ['provisioned', 'on-demand'],
  state: ['dynamodb', 'memory'],
  secretType: ['SASL_SCRAM_512_AUTH', 'SASL_SCRAM_256_AUTH', 'BASIC_AUTH', 'CLIENT_CERTIFICATE_TLS_AUTH'],
}
const required = { msk: ['clusterArn', 'topic'], 'self-managed': ['bootstrapServers', 'topic'] }
const forms = {
  batchSize: { pattern: /^([1-9]\d{0,3}|10000)$/, expected: '1 to 10000' },
  clusterArn: { pattern: /^arn:[\w-]+:kafka:/, expected: 'arn:aws:kafka:…' },
  secretArn: { pattern: /^arn:[\w-]+:secretsmanager:/, expected: 'arn:aws:secretsmanager:…' },
  secretKeyArn: { pattern: /^arn:[\w-]+:kms:/, expected: 'arn:aws:kms:…' },
  tokenParameter: {
    pattern: /^\/[\w./-]+$/,
    expected: 'the name of an SSM parameter, as /kube-eventer-telegram/bot-token',
  },
  alarmTopicArn: { pattern: /^arn:[\w-]+:sns:/, expected: 'arn:aws:sns:…' },
}

module.exports = class Settings {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        if (!isInvokeLocal(serverless)) return
        refuse(serverless, findOldNode())
        takeFromShell(serverless)
      },
      error: () => {
        removeRead()
        endSoon()
      },
      'before:package:initialize': () => prepare(serverless),
      'after:package:createDeploymentArtifacts': removeRead,
      // `deploy function` packages without that.
      'before:deploy:function:initialize': () => prepare(serverless),
      'after:deploy:function:packageFunction': removeRead,
    }
  }
}

async function prepare(serverless) {
  if (process.env.CONFIG_FILE) refuse(serverless, findOldNode())
  const file = await takeConfigFile(serverless)
  refuse(serverless, [...findProblems(serverless), ...(file ? await findMistakes(serverless, file) : [])])
  if (file) await writeRead(serverless, file)
}

// What was read of CONFIG_FILE, beside it as long as it is being packaged.
let written

/** The functions start faster with what is read of the file here. Without it, or if they are told other things, they read the file itself. */
async function writeRead({ service }, file) {
  const { packagedName, packagedJson } = await import('../lib/app/config/load.ts')
  const read = await packagedJson({ ...process.env, CONFIG_FILE: file }, await surroundings())
  if (read === undefined) return
  const name = packagedName(file)
  writeFileSync(name, read)
  written = name
  service.package.patterns.push(name)
}

function removeRead() {
  if (written) rmSync(written, { force: true })
  written = undefined
}

/** What the functions are told beside the file. */
async function surroundings() {
  const { isTimeZone } = await import('../lib/core/event/time.ts')
  const { parseTarget } = await import('../lib/core/routing/target.ts')
  const { TELEGRAM_CHAT_ID = '', TZ = '' } = process.env
  return {
    // Where it is wrong or missing, that is told by others.
    target: parseTarget(TELEGRAM_CHAT_ID.trim()) ?? { name: '-1', chat: '-1', threadId: undefined },
    timeZone: isTimeZone(TZ) ? TZ : 'UTC',
  }
}

function isInvokeLocal({ processedInput }) {
  return processedInput.commands.join(' ') === 'invoke local'
}

/** osls puts serverless.yml's environment over the shell's; a laptop has its own token, exactly one, and its own state or none. */
function takeFromShell({ service }) {
  delete service.provider.environment.TELEGRAM_BOT_TOKEN_PARAMETER
  delete service.provider.environment.STATE
  // serverless-esbuild runs the function in its build folder, which it empties.
  const [, file] = /^sqlite:(.+)$/.exec(process.env.STATE ?? '') ?? []
  if (file) process.env.STATE = `sqlite:${resolve(file)}`
  const { CONFIG_FILE } = process.env
  if (CONFIG_FILE) service.provider.environment.CONFIG_FILE = resolve(CONFIG_FILE)
}

/** CONFIG_FILE goes into the package, where the functions find it by the same name, and the variables in it into their environment. */
async function takeConfigFile({ service }) {
  const { CONFIG_FILE } = process.env
  if (!CONFIG_FILE) return undefined
  const file = normalize(CONFIG_FILE)
  service.provider.environment.CONFIG_FILE = file
  service.package.patterns = [...(service.package.patterns ?? []), file]
  for (const name of await variablesIn(file))
    if (process.env[name] && !notOurs.test(name) && !(name in service.provider.environment))
      service.provider.environment[name] = process.env[name]
  return file
}

// The runtime's own, which AWS refuses to set, or whose meaning it would change; and what is secret by its name.
const notOurs = /^(?:AWS_|LAMBDA_|_)|^(?:HOME|PATH|NODE_OPTIONS)$|TOKEN|SECRET|PASSWORD/

async function variablesIn(file) {
  const { variablesOfFile } = await import('../lib/app/config/load.ts')
  return variablesOfFile(file)
}

/** What the functions would refuse at start, and what must not leave the machine. */
async function findMistakes({ service }, file) {
  if (isAbsolute(file) || file.startsWith('..'))
    return [`CONFIG_FILE: given "${file}", expected a file in this folder, which is packaged`]
  const wrong = (await variablesIn(file)).filter((name) => notOurs.test(name))
  if (wrong.length > 0)
    return wrong.map(
      (name) =>
        `${file}: names ${name}, expected a variable of your own, and nothing secret: the template is stored in S3`,
    )
  const { openRouting } = await import('../lib/app/config/load.ts')
  const routing = await openRouting(process.env)
  const { mostTargets } = await import('../lib/core/routing/router.ts')
  const { problems, ruleset } = routing(await surroundings())
  return problems.length > 0 ? problems : findTooLarge(service, mostTargets(ruleset))
}

// Measured in a cgroup of 256 MB, with a payload of 6 MB or records as short as a stranger can make them: what the program has anyway, and
// what it keeps of each record for each of its targets until the batch has ended. A table holds the rest; memory holds all of it.
const programMegabytes = 100
const kilobytesPerTarget = { dynamodb: 2.2, memory: 8 }

function findTooLarge({ custom, functions }, targets) {
  const { batchSize, state } = custom.settings
  const { memorySize } = functions.notify
  const megabytesPerRecord = ((kilobytesPerTarget[state] ?? 0) * targets) / 1_000
  const needed = Math.ceil(programMegabytes + Number(batchSize) * megabytesPerRecord)
  if (!(needed > memorySize)) return []
  const most = Math.floor((memorySize - programMegabytes) / megabytesPerRecord)
  return [
    `batchSize: given "${batchSize}", expected at most ${most} where an event goes to ${targets} targets with state=${state} and memorySize ${memorySize}; or set memorySize of notify in serverless.yml to ${needed}`,
  ]
}

/** `invoke local` runs the function in its own process; npx puts the pinned Node first, calling the program by its path does not. */
function findOldNode() {
  const [major] = process.versions.node.split('.')
  return Number(major) >= 24
    ? []
    : [`Node ${process.versions.node}: too old for the function, expected 24, as npx serverless has it`]
}

/** After a failure serverless-esbuild's builds and watchers keep the process for good; the timer fires only while something does. */
function endSoon() {
  setTimeout(() => process.exit(1), 500).unref()
}

function findProblems(serverless) {
  const { settings } = serverless.service.custom
  const isMissing = (name) => settings[name] === '' || settings[name] === null
  const wrong = (name, expected) =>
    `${name}: ${isMissing(name) ? 'not given' : `given "${settings[name]}"`}, expected ${expected}`
  const unknown = givenNames(serverless).filter((name) => !(name in settings))
  return [
    ...unknown.map((name) => `${name}: no such setting, expected one of ${Object.keys(settings).join(', ')}`),
    ...Object.entries(choices)
      .filter(([name, words]) => !words.includes(settings[name]))
      .map(([name, words]) => wrong(name, words.join(' or '))),
    ...(required[settings.source] ?? [])
      .filter(isMissing)
      .map((name) => `${name}: not given, expected with source=${settings.source}`),
    ...Object.entries(forms)
      .filter(([name, { pattern }]) => !isMissing(name) && !pattern.test(settings[name]))
      .map(([name, { expected }]) => wrong(name, expected)),
    // MSK takes no SCRAM secret under AWS's own key (MSK developer guide, Sign-in credentials authentication).
    ...(settings.source === 'msk' && !isMissing('secretArn') && isMissing('secretKeyArn')
      ? ['secretKeyArn: not given, expected with secretArn and source=msk']
      : []),
    // Over the internet AWS wants credentials; inside a VPC brokers may do without.
    ...(settings.source === 'self-managed' && isMissing('secretArn') && isMissing('subnets')
      ? ['secretArn, subnets: neither given, expected at least one with source=self-managed']
      : []),
    ...(isMissing('subnets') === isMissing('securityGroup')
      ? []
      : ['subnets, securityGroup: expected both or neither']),
    // What it is told is measured by the sweep.
    ...(settings.state === 'memory' && !isMissing('alarmTopicArn')
      ? [wrong('alarmTopicArn', 'nothing with state=memory, which owes nothing')]
      : []),
    ...(serverless.service.provider.environment.TELEGRAM_CHAT_ID
      ? []
      : ['TELEGRAM_CHAT_ID: not given, expected in the environment']),
  ]
}

/** The names in settings.yml (`default`, and the section of this stage) and on the command line. */
function givenNames({ configurationInput, processedInput, service }) {
  const sections = configurationInput.params ?? {}
  const fromFile = [sections.default, sections[service.provider.stage]].flatMap((section) => Object.keys(section ?? {}))
  const fromCommandLine = (processedInput.options.param ?? []).map((item) => item.split('=')[0])
  return [...new Set([...fromFile, ...fromCommandLine])]
}

function refuse(serverless, problems) {
  if (problems.length === 0) return
  throw new serverless.classes.Error(`${problems.length} problem(s) in the settings:\n- ${problems.join('\n- ')}`)
}
