import { type Config, parseConfig } from '../app/config/config.ts'
import type { Environment } from '../app/config/environment.ts'
import type { KafkaConfig } from '../app/config/kafka.ts'
import { openKafka, openRouting } from '../app/config/load.ts'
import { parseStateSetting } from '../app/config/state.ts'
import { UserError } from './command.ts'

/** What commands rely on, whatever the environment says: answers instead of exceptions, and every outcome in the log. */
const settings = { FAILURE_MODE: 'partial', LOG_LEVEL: 'info', AWS_LAMBDA_FUNCTION_NAME: '' }

/** The configuration that these variables and the file of CONFIG_FILE make; a UserError names all that is wrong. */
export async function configure(environment: Environment): Promise<Config> {
  const parsed = parseConfig({ ...environment, ...settings }, await openRouting(environment))
  if ('config' in parsed) return parsed.config
  throw new UserError(`the configuration is wrong:\n- ${parsed.problems.join('\n- ')}`)
}

/** How the brokers are reached, for commands that are told their topics otherwise; a UserError names all that is wrong. */
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

/** The same for who only looks at the state, and needs neither bot nor chat. */
export function configureState({ STATE, ...environment }: Environment): Promise<Config> {
  return configure({ ...environment, ...noBot, TELEGRAM_CHAT_ID: '-1', INCIDENTS: '', CONFIG_FILE: '', STATE })
}

/** What the program would do, for who sends nothing. */
export interface Inspected {
  config: Config
  /** The setting of STATE names something that is kept. */
  hasState: boolean
  /** What was not given, and what stands for it, in words. */
  notes: string[]
}

/** In place of a chat that is not given. */
export const nowhere = '-1'

interface Inspection {
  /** Instead of CONFIG_FILE. */
  file: string | undefined
  /** False: what STATE names is not opened, so it need not be reachable. */
  readsState: boolean
}

/**
 * The same for who asks what the program would do, and sends nothing: what a bot needs may be missing. Without STATE it is as with one that
 * keeps incidents, in which nothing is yet.
 */
export async function configureInspection(
  environment: Environment,
  { file, readsState }: Inspection,
): Promise<Inspected> {
  const given = (name: string) => environment[name]?.trim() || undefined
  const chat = given('TELEGRAM_CHAT_ID')
  const state = given('STATE')
  const kind = parseStateSetting(state ?? '')?.kind
  const isKept = kind === 'sqlite' || kind === 'dynamodb'
  const config = await configure({
    ...environment,
    ...noBot,
    TELEGRAM_CHAT_ID: chat ?? nowhere,
    STATE: state === undefined || (isKept && !readsState) ? 'sqlite:unused' : state,
    ...(file === undefined ? {} : { CONFIG_FILE: file }),
  })
  const notes = [
    ...config.warnings,
    ...(chat === undefined
      ? ['TELEGRAM_CHAT_ID is not given: what no route sends elsewhere goes to "the default chat"']
      : []),
    ...(state === undefined ? ['STATE is not given: as with one that keeps incidents, and has none yet'] : []),
  ]
  return { config, hasState: isKept && readsState, notes }
}
