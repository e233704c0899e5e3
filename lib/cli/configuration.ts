import { type Config, parseConfig } from '../app/config/config.ts'
import type { Environment } from '../app/config/environment.ts'
import type { KafkaConfig } from '../app/config/kafka.ts'
import { openKafka, openRouting } from '../app/config/load.ts'
import { parseStateSetting } from '../app/config/state.ts'
import { UserError } from './command.ts'

/** Commands need partial answers and a log with every outcome, whatever the environment says. */
const settings = { FAILURE_MODE: 'partial', LOG_LEVEL: 'info', AWS_LAMBDA_FUNCTION_NAME: '' }

/** Reads the variables and CONFIG_FILE. A UserError names every mistake. */
export async function configure(environment: Environment): Promise<Config> {
  const parsed = parseConfig({ ...environment, ...settings }, await openRouting(environment))
  if ('config' in parsed) return parsed.config
  throw new UserError(`the configuration is wrong:\n- ${parsed.problems.join('\n- ')}`)
}

/** The brokers and the login, for commands that have a topic option. A UserError names every mistake. */
export function configureKafka(environment: Environment): KafkaConfig {
  const parsed = openKafka(environment, { topicsNeeded: false })
  if ('config' in parsed) return parsed.config
  throw new UserError(`the configuration is wrong:\n- ${parsed.problems.join('\n- ')}`)
}

const noBot = {
  TELEGRAM_BOT_TOKEN: '1:unused',
  TELEGRAM_BOT_TOKEN_PARAMETER: '',
  TELEGRAM_BOT_TOKEN_SECRET: '',
  TELEGRAM_API_ROOT: '',
}

/** For commands that read only the state, and need neither bot nor chat. */
export function configureState({ STATE, ...environment }: Environment): Promise<Config> {
  return configure({ ...environment, ...noBot, TELEGRAM_CHAT_ID: '-1', INCIDENTS: '', CONFIG_FILE: '', STATE })
}

/** A configuration for commands that send nothing. */
export interface Inspected {
  config: Config
  /** STATE names a durable store. */
  hasState: boolean
  /** Which settings are missing, and what is assumed instead. */
  notes: string[]
}

/** Stands for a missing chat. */
export const nowhere = '-1'

interface Inspection {
  /** Instead of CONFIG_FILE. */
  file: string | undefined
  /** False: the store is not opened, so it need not be reachable. */
  readsState: boolean
}

/** For commands that send nothing. The bot's variables may be missing. Without STATE, an empty durable store is assumed. */
export async function configureInspection(
  environment: Environment,
  { file, readsState }: Inspection,
): Promise<Inspected> {
  const given = (name: string) => environment[name]?.trim() || undefined
  const chat = given('TELEGRAM_CHAT_ID')
  const state = given('STATE')
  const kind = parseStateSetting(state ?? '')?.kind
  const isDurable = kind !== undefined && kind !== 'memory'
  const config = await configure({
    ...environment,
    ...noBot,
    TELEGRAM_CHAT_ID: chat ?? nowhere,
    STATE: state === undefined || (isDurable && !readsState) ? 'sqlite:unused' : state,
    ...(file === undefined ? {} : { CONFIG_FILE: file }),
  })
  const notes = [
    ...config.warnings,
    ...(chat === undefined ? ['TELEGRAM_CHAT_ID is not set; its chat is called "the default chat"'] : []),
    ...(state === undefined ? ['STATE is not set; assuming an empty store'] : []),
  ]
  return { config, hasState: isDurable && readsState, notes }
}
