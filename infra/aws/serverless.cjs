// serverless.yml takes the settings of settings.yml from here, and the resources that are generated from them.

module.exports = {
  settings: async (context) => (await load(context)).settings,
  // `invoke local` needs none. Other commands are refused without a region.
  region: async (context) => (await load(context)).settings.region ?? 'us-east-1',
  environment: async (context) => {
    const { environmentOf } = await import('./template/template.ts')
    return environmentOf((await load(context)).settings)
  },
  /** The provider has these only with some settings. null leaves a property out. */
  vpc: async (context) => {
    const { vpc } = (await load(context)).settings
    return vpc ? { subnetIds: vpc.subnets, securityGroupIds: vpc.securityGroups } : null
  },
  logs: async (context) => ({
    lambda: (await load(context)).settings.logFormat === 'json' ? json : { logFormat: 'Text' },
  }),
  tracing: async (context) => ({ lambda: (await load(context)).settings.tracing ? 'Active' : 'PassThrough' }),
  reservedConcurrency: async (context) => {
    const { reservedConcurrency } = await import('./template/state.ts')
    return reservedConcurrency((await load(context)).settings) ?? null
  },
  names: async (context) => {
    const { functionName } = await import('./template/names.ts')
    const { stage } = (await load(context)).settings
    return { notify: functionName(stage, 'notify'), sweep: functionName(stage, 'sweep') }
  },
  resources: async (context) => {
    const { resources } = await import('./template/template.ts')
    const { tableName } = await import('./template/names.ts')
    const { settings } = await load(context)
    return { ...resources(settings, tableName(settings.stage)), extensions: extensions(settings) }
  },
}

// Without a level Lambda drops the lines below INFO, and with a higher one the metrics. LOG_LEVEL decides in the program.
const json = { logFormat: 'JSON', applicationLogLevel: 'DEBUG', systemLogLevel: 'INFO' }

/** Properties that osls cannot set. */
function extensions({ logKeyArn, state }) {
  if (!logKeyArn) return {}
  const groups = state === 'dynamodb' ? ['NotifyLogGroup', 'SweepLogGroup'] : ['NotifyLogGroup']
  return Object.fromEntries(groups.map((id) => [id, { Properties: { KmsKeyId: logKeyArn } }]))
}

async function load({ options, resolveConfigurationProperty }) {
  refuseOldNode()
  const { loadSettings } = await import('./settings/load.ts')
  const stage = await resolveConfigurationProperty(['provider', 'stage'])
  return loadSettings({ stage, region: options.region, parameters: options.param ?? [] })
}

/** These files, and `invoke local`, run in the CLI's process. npx puts the pinned Node first in PATH; calling the program by its path does not. */
function refuseOldNode() {
  const { node } = process.versions
  if (Number(node.split('.')[0]) < 24)
    throw new Error(`Node 24 is needed, not ${node}; run npx serverless, which uses the right one`)
}
