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
      initialize: () => {
        if (isCommand(serverless, 'invoke local')) takeFromShell(serverless)
      },
      error: async () => {
        await remove()
        endSoon()
      },
      'before:package:initialize': prepare,
      'after:package:createDeploymentArtifacts': remove,
      'after:aws:package:finalize:mergeCustomProviderResources': () => setStartingTime(serverless),
      // `deploy function` packages without the hooks above.
      'before:deploy:function:initialize': prepare,
      'before:deploy:function:deploy': () => keepConfiguration(serverless),
      'after:deploy:function:packageFunction': remove,
      // The stack exists by now, and nothing has been uploaded.
      'before:aws:deploy:deploy:checkForChanges': () => fitToDeployed(serverless, log),
    }
  }
}

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

/** Refuses wrong settings. Packages CONFIG_FILE under the same name, and resolves with the file that is to be removed afterwards. */
async function prepareSettings(serverless, log) {
  const { service, processedInput } = serverless
  const { loadSettings } = await import('./settings/load.ts')
  const { findMistakes, packagedFileOf, writePackaged } = await import('./config-file.ts')
  const { stage, region } = service.provider
  const { settings, problems } = loadSettings({ stage, region, parameters: processedInput.options.param ?? [] })
  const file = packagedFileOf(settings)
  const mistakes = file ? await findMistakes(file, settings, service.functions.notify.memorySize) : []
  refuse(serverless, [...problems, ...mistakes])
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

/** For `package` alone. `deploy` sets it again, and keeps what is deployed. */
async function setStartingTime({ service }) {
  const { withStartingTime } = await import('./update.ts')
  const { systemClock } = await import('../../lib/adapters/clock.ts')
  const { provider } = service
  provider.compiledCloudFormationTemplate = withStartingTime(provider.compiledCloudFormationTemplate, systemClock.now())
}

/** Keeps what AWS cannot change, makes each change in a safe order, and refuses what AWS would not do. */
async function fitToDeployed(serverless, log) {
  const { fitUpdate } = await import('./update.ts')
  const { systemClock } = await import('../../lib/adapters/clock.ts')
  const aws = serverless.getProvider('aws')
  const { provider } = serverless.service
  const deployed = await readDeployed(aws, provider.compiledCloudFormationTemplate)
  const { template, notes, problems } = fitUpdate(provider.compiledCloudFormationTemplate, deployed, systemClock.now())
  refuse(serverless, problems, 'with this update')
  for (const note of notes) log.notice(note)
  provider.compiledCloudFormationTemplate = template
}

/** The deployed template, and what it does not show. */
async function readDeployed(aws, next) {
  // The CLI brings these clients, and knows the profile and the credentials.
  const clients = createRequire(require.resolve('osls'))
  const { CloudFormationClient, GetTemplateCommand } = clients('@aws-sdk/client-cloudformation')
  const { GetAccountSettingsCommand, LambdaClient, ListEventSourceMappingsCommand } = clients('@aws-sdk/client-lambda')
  const config = await aws.getAwsSdkV3Config()
  const lambda = new LambdaClient(config)
  const StackName = aws.naming.getStackName()
  const { TemplateBody } = await new CloudFormationClient(config).send(new GetTemplateCommand({ StackName }))
  const { FunctionName } = next.Resources.NotifyLambdaFunction.Properties
  // The credentials of a deployment may lack the rights for these two calls.
  const mappings = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName })).catch(() => undefined)
  const account = await lambda.send(new GetAccountSettingsCommand({})).catch(() => undefined)
  return {
    template: JSON.parse(TemplateBody),
    areMappingsReady: mappings?.EventSourceMappings.every(({ State }) => State === 'Enabled'),
    unreservedConcurrency: account?.AccountLimit?.UnreservedConcurrentExecutions,
  }
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
