// A plugin of this service. `package` and `deploy` check settings.yml; `deploy` fits the template to what is deployed; `invoke local` runs
// without AWS.
const { createRequire } = require('node:module')
const { resolve } = require('node:path')
const { setTimeout } = require('node:timers')

module.exports = class Plugin {
  constructor(serverless, _options, { log }) {
    let packaged
    const remove = async () => {
      if (packaged) (await import('./config-file.ts')).removePackaged(packaged)
      packaged = undefined
    }
    const prepare = async () => {
      packaged = await prepareSettings(serverless, log)
    }
    this.hooks = {
      initialize: async () => {
        if (isCommand(serverless, 'invoke local')) takeFromShell(serverless)
        else await requireRegion(serverless)
      },
      error: async () => {
        await remove()
        endSoon()
      },
      'before:package:initialize': prepare,
      'after:package:createDeploymentArtifacts': remove,
      // `deploy` sets it later, when it knows what is deployed.
      'after:aws:package:finalize:mergeCustomProviderResources': () =>
        isCommand(serverless, 'deploy') ? undefined : setStartingTime(serverless),
      // `deploy function` packages without the hooks above.
      'before:deploy:function:initialize': prepare,
      'before:deploy:function:deploy': () => keepConfiguration(serverless),
      'after:deploy:function:packageFunction': remove,
      'after:deploy:function:deploy': () =>
        log.notice(
          'Only the code was replaced, with the rules in it. `npx serverless deploy` deploys changed settings.',
        ),
      // The stack exists by now, and nothing has been uploaded.
      'before:aws:deploy:deploy:checkForChanges': () => fitToDeployed(serverless, log),
      'before:remove:remove': () => refuseProtected(serverless),
      // It would deploy the earlier template as it is, whatever is deployed now.
      'before:rollback:initialize': () => refuse(serverless, [noRollback], 'with this command'),
    }
  }
}

const noRollback =
  '`serverless rollback` may lose records, since it skips the safe order of updates. Check out the earlier version of this project and of settings.yml, and run `npx serverless deploy`'

function isCommand({ processedInput }, command) {
  return processedInput.commands.join(' ') === command
}

// Variables that a laptop may have for `invoke local`.
const ofFunctions = [
  'TELEGRAM_CHAT_ID',
  'TELEGRAM_API_ROOT',
  'CLUSTER_NAME',
  'CARD_LANGUAGE',
  'LINK_TEMPLATE',
  'LOG_LEVEL',
  'INCIDENTS',
  'CONFIG_FILE',
]

async function readSettings({ service, processedInput }) {
  const { loadSettings } = await import('./settings/load.ts')
  const { region, param = [] } = processedInput.options
  return loadSettings({ stage: service.provider.stage, region, parameters: param })
}

/** Otherwise `remove` or `info` would look into another region. `package` and `deploy` check all settings. */
async function requireRegion(serverless) {
  const [command] = serverless.processedInput.commands
  if (command === 'package' || command === 'deploy' || (await readSettings(serverless)).settings.region) return
  refuse(serverless, ['the region is missing; set region in settings.yml, or use --region'])
}

/** Refuses wrong settings. Packages CONFIG_FILE under the same name, and resolves with the file that is to be removed afterwards. */
async function prepareSettings(serverless, log) {
  const { service } = serverless
  const { findMistakes, packagedFileOf, writePackaged } = await import('./config-file.ts')
  const { settings, problems, notes } = await readSettings(serverless)
  const file = packagedFileOf(settings)
  const mistakes = file ? await findMistakes(file, settings, service.functions.notify.memorySize) : []
  refuse(serverless, [...problems, ...mistakes])
  for (const note of notes) log.warning(note)
  // Nothing is pending without a table, so there is nothing to sweep.
  if (settings.state === 'memory') delete service.functions.sweep
  for (const name of ofFunctions)
    if (process.env[name] && process.env[name] !== settings.environment[name])
      log.warning(
        `${name} is set in this shell, but the functions get it from settings.yml: default.environment.${name}`,
      )
  if (!file) return undefined
  const packaged = await writePackaged(file, settings)
  service.package.patterns = [...(service.package.patterns ?? []), file, ...(packaged ? [packaged] : [])]
  return packaged
}

/** `deploy function` replaces the code only. FAILURE_MODE and the role must stay as the last complete deployment left them. */
function keepConfiguration({ service, processedInput }) {
  delete service.getFunction(processedInput.options.function).role
  // osls leaves the variables alone if it cannot resolve one of them.
  service.provider.environment.FAILURE_MODE = { Ref: 'deployed' }
}

async function setStartingTime({ service }) {
  const { withStartingTime } = await import('./update.ts')
  const { systemClock } = await import('../../lib/adapters/clock.ts')
  const { provider } = service
  provider.compiledCloudFormationTemplate = withStartingTime(provider.compiledCloudFormationTemplate, systemClock.now())
}

/** Keeps what AWS cannot change, makes each change in a safe order, and refuses what AWS would not do. */
async function fitToDeployed(serverless, log) {
  const { fitUpdate } = await import('./update.ts')
  const { functionName } = await import('./template/names.ts')
  const { systemClock } = await import('../../lib/adapters/clock.ts')
  const { provider } = serverless.service
  const next = provider.compiledCloudFormationTemplate
  const stage = serverless.getProvider('aws').getStage()
  const { FunctionName } = next.Resources.NotifyLambdaFunction.Properties
  // With --package, which packages nothing anew.
  if (FunctionName !== functionName(stage, 'notify'))
    refuse(
      serverless,
      [`it is of another stage, with the function ${FunctionName}; package it again with --stage ${stage}`],
      'with this package',
    )
  const { template, notes, problems } = fitUpdate(next, await readDeployed(serverless, FunctionName), systemClock.now())
  refuse(serverless, problems, 'with this update')
  for (const note of notes) log.notice(note)
  provider.compiledCloudFormationTemplate = template
}

/** CloudFormation would fail half way. */
async function refuseProtected(serverless) {
  const { isProtected } = await import('./update.ts')
  const template = await readTemplate(serverless).catch(() => undefined)
  if (template && isProtected(template))
    refuse(
      serverless,
      ['the table is protected. Deploy with tableProtection: false first, or with retainTable: true to keep it'],
      'with this removal',
    )
}

/** The deployed template, and what it does not show. */
async function readDeployed(serverless, FunctionName) {
  const { GetAccountSettingsCommand, LambdaClient, paginateListEventSourceMappings } = clients('@aws-sdk/client-lambda')
  const client = new LambdaClient(await serverless.getProvider('aws').getAwsSdkV3Config())
  // The credentials of a deployment may lack the rights for these two calls.
  const states = await Array.fromAsync(paginateListEventSourceMappings({ client }, { FunctionName })).then(
    (pages) => pages.flatMap(({ EventSourceMappings = [] }) => EventSourceMappings.map(({ State }) => State)),
    () => undefined,
  )
  const account = await client.send(new GetAccountSettingsCommand({})).catch(() => undefined)
  return {
    template: await readTemplate(serverless),
    // Creating, Enabling, Disabling, Updating, Deleting
    areMappingsReady: states?.every((state) => !state.endsWith('ing')),
    unreservedConcurrency: account?.AccountLimit?.UnreservedConcurrentExecutions,
  }
}

async function readTemplate(serverless) {
  const { CloudFormationClient, GetTemplateCommand } = clients('@aws-sdk/client-cloudformation')
  const aws = serverless.getProvider('aws')
  const client = new CloudFormationClient(await aws.getAwsSdkV3Config())
  const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: aws.naming.getStackName() }))
  return JSON.parse(TemplateBody)
}

/** The CLI brings these clients, and knows the profile and the credentials. */
function clients(name) {
  return createRequire(require.resolve('osls'))(name)
}

/** osls prefers serverless.yml's environment to the shell's, but a laptop has its own token, and its own store or none. */
function takeFromShell({ service }) {
  const { environment } = service.provider
  for (const name of ['TELEGRAM_BOT_TOKEN_PARAMETER', 'TELEGRAM_BOT_TOKEN_SECRET', 'STATE', 'FAILURE_MODE'])
    delete environment[name]
  for (const name of Object.keys(environment)) if (process.env[name]) delete environment[name]
  // serverless-esbuild runs the function in its build folder and empties that folder first.
  const [, file] = /^sqlite:(.+)$/.exec(process.env.STATE ?? '') ?? []
  if (file) process.env.STATE = `sqlite:${resolve(file)}`
  const name = process.env.CONFIG_FILE || environment.CONFIG_FILE
  if (name) environment.CONFIG_FILE = /^(?:ssm|s3):/.test(name) ? name : resolve(name)
}

/** After a failure serverless-esbuild's builds and watchers keep the process alive. The timer ends it, but does not keep it alive itself. */
function endSoon() {
  setTimeout(() => process.exit(1), 500).unref()
}

function refuse(serverless, problems, place = 'in the settings') {
  if (problems.length === 0) return
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  throw new serverless.classes.Error(`${count} ${place}:\n- ${problems.join('\n- ')}`)
}
