// A plugin of this service. `package` and `deploy` check the settings; `invoke local` runs without AWS.
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
  batchSize: { pattern: /^([1-9]\d{0,3}|10000)$/, form: 'from 1 to 10000' },
  clusterArn: { pattern: /^arn:[\w-]+:kafka:/, form: 'an ARN like arn:aws:kafka:…' },
  secretArn: { pattern: /^arn:[\w-]+:secretsmanager:/, form: 'an ARN like arn:aws:secretsmanager:…' },
  secretKeyArn: { pattern: /^arn:[\w-]+:kms:/, form: 'an ARN like arn:aws:kms:…' },
  tokenParameter: {
    pattern: /^\/[\w./-]+$/,
    form: 'the name of an SSM parameter, for example /kube-eventer-telegram/bot-token',
  },
  alarmTopicArn: { pattern: /^arn:[\w-]+:sns:/, form: 'an ARN like arn:aws:sns:…' },
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
        removePackaged()
        endSoon()
      },
      'before:package:initialize': () => prepare(serverless),
      'after:package:createDeploymentArtifacts': removePackaged,
      // `deploy function` packages without the hooks above.
      'before:deploy:function:initialize': () => prepare(serverless),
      'after:deploy:function:packageFunction': removePackaged,
    }
  }
}

async function prepare(serverless) {
  if (process.env.CONFIG_FILE) refuse(serverless, findOldNode())
  const file = await takeConfigFile(serverless)
  refuse(serverless, [...findProblems(serverless), ...(file ? await findMistakes(serverless, file) : [])])
  if (file) await writePackaged(serverless, file)
}

// The checked content of CONFIG_FILE. It lies beside that file while the functions are packaged.
let packagedFile

/** Lets the functions start faster. If the file or its surroundings change, they read the file itself. */
async function writePackaged({ service }, file) {
  const { packagedName, packagedJson } = await import('../lib/app/config/load.ts')
  const json = await packagedJson({ ...process.env, CONFIG_FILE: file }, await surroundings())
  if (json === undefined) return
  packagedFile = packagedName(file)
  writeFileSync(packagedFile, json)
  service.package.patterns.push(packagedFile)
}

function removePackaged() {
  if (packagedFile) rmSync(packagedFile, { force: true })
  packagedFile = undefined
}

/** The target and time zone that the functions will have. */
async function surroundings() {
  const { isTimeZone } = await import('../lib/core/event/time.ts')
  const { parseTarget } = await import('../lib/core/routing/target.ts')
  const { TELEGRAM_CHAT_ID = '', TZ = '' } = process.env
  return {
    // A wrong or missing chat is reported elsewhere.
    target: parseTarget(TELEGRAM_CHAT_ID.trim()) ?? { name: '-1', chat: '-1', threadId: undefined },
    timeZone: isTimeZone(TZ) ? TZ : 'UTC',
  }
}

function isInvokeLocal({ processedInput }) {
  return processedInput.commands.join(' ') === 'invoke local'
}

/** osls prefers serverless.yml's environment to the shell's, but a laptop has its own token and its own store or none. */
function takeFromShell({ service }) {
  delete service.provider.environment.TELEGRAM_BOT_TOKEN_PARAMETER
  delete service.provider.environment.STATE
  // serverless-esbuild runs the function in its build folder and empties that folder first.
  const [, file] = /^sqlite:(.+)$/.exec(process.env.STATE ?? '') ?? []
  if (file) process.env.STATE = `sqlite:${resolve(file)}`
  const { CONFIG_FILE } = process.env
  if (CONFIG_FILE) service.provider.environment.CONFIG_FILE = resolve(CONFIG_FILE)
}

/** Adds CONFIG_FILE to the package, under the same name, and the variables in it to the functions' environment. */
async function takeConfigFile({ service }) {
  const { CONFIG_FILE } = process.env
  if (!CONFIG_FILE) return undefined
  const file = normalize(CONFIG_FILE)
  service.provider.environment.CONFIG_FILE = file
  service.package.patterns = [...(service.package.patterns ?? []), file]
  const { isDeployable } = await import('../lib/app/config/variables.ts')
  for (const name of await variablesIn(file))
    if (process.env[name] && isDeployable(name) && !(name in service.provider.environment))
      service.provider.environment[name] = process.env[name]
  return file
}

async function variablesIn(file) {
  const { variablesOfFile } = await import('../lib/app/config/load.ts')
  return variablesOfFile(file)
}

/** Mistakes that the functions would refuse at start, and variables that must not leave this machine. */
async function findMistakes({ service }, file) {
  if (isAbsolute(file) || file.startsWith('..'))
    return [`CONFIG_FILE must be a file in this folder, which is packaged, not "${file}"`]
  const { isDeployable } = await import('../lib/app/config/variables.ts')
  const refused = (await variablesIn(file)).filter((name) => !isDeployable(name))
  if (refused.length > 0)
    return refused.map(
      (name) =>
        `${file}: the variable ${name} is reserved by Lambda or may be a secret; use another name, since the template is stored in S3`,
    )
  const { openRouting } = await import('../lib/app/config/load.ts')
  const routing = await openRouting(process.env)
  const { mostTargets } = await import('../lib/core/routing/router.ts')
  const { problems, ruleset } = routing(await surroundings())
  return problems.length > 0 ? problems : findTooLarge(service, mostTargets(ruleset))
}

// Measured in a cgroup of 256 MB, with a payload of 6 MB and with the shortest possible records: the program's own memory, and the memory of
// each record for each of its targets until the end of the batch. With state=memory, incidents stay in memory as well.
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
    `batchSize must be at most ${most}, not ${batchSize}: an event may go to ${targets} targets, with state=${state} and memorySize ${memorySize}; or set memorySize of notify in serverless.yml to ${needed}`,
  ]
}

/** `invoke local` runs the function in its own process. npx puts the pinned Node first in PATH; calling the program by its path does not. */
function findOldNode() {
  const [major] = process.versions.node.split('.')
  return Number(major) >= 24
    ? []
    : [`the function needs Node 24, not ${process.versions.node}; run npx serverless, which uses the right one`]
}

/** After a failure serverless-esbuild's builds and watchers keep the process alive. The timer ends it, but does not keep it alive itself. */
function endSoon() {
  setTimeout(() => process.exit(1), 500).unref()
}

function findProblems(serverless) {
  const { settings } = serverless.service.custom
  const isMissing = (name) => settings[name] === '' || settings[name] === null
  const wrong = (name, form) =>
    isMissing(name) ? `${name} is not set; it must be ${form}` : `${name} must be ${form}, not "${settings[name]}"`
  const unknown = givenNames(serverless).filter((name) => !(name in settings))
  return [
    ...unknown.map((name) => `${name} is not a setting; the settings are ${Object.keys(settings).join(', ')}`),
    ...Object.entries(choices)
      .filter(([name, words]) => !words.includes(settings[name]))
      .map(([name, words]) => wrong(name, words.join(' or '))),
    ...(required[settings.source] ?? [])
      .filter(isMissing)
      .map((name) => `${name} is not set; source=${settings.source} needs it`),
    ...Object.entries(forms)
      .filter(([name, { pattern }]) => !isMissing(name) && !pattern.test(settings[name]))
      .map(([name, { form }]) => wrong(name, form)),
    // MSK takes no SCRAM secret under AWS's own key (MSK developer guide, Sign-in credentials authentication).
    ...(settings.source === 'msk' && !isMissing('secretArn') && isMissing('secretKeyArn')
      ? ['secretKeyArn is not set; secretArn with source=msk needs it']
      : []),
    // AWS requires credentials over the internet; inside a VPC brokers may have none.
    ...(settings.source === 'self-managed' && isMissing('secretArn') && isMissing('subnets')
      ? ['secretArn and subnets are not set; source=self-managed needs at least one of them']
      : []),
    ...(isMissing('subnets') === isMissing('securityGroup') ? [] : ['subnets and securityGroup must be set together']),
    // The sweep publishes the metric of the alarm.
    ...(settings.state === 'memory' && !isMissing('alarmTopicArn')
      ? ['alarmTopicArn must not be set with state=memory, which has no sweep and no alarm']
      : []),
    ...(serverless.service.provider.environment.TELEGRAM_CHAT_ID
      ? []
      : ['TELEGRAM_CHAT_ID is not set in the environment']),
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
