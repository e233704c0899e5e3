import { openRouting } from '../config/load.ts'
import type { Environment } from '../config/reader.ts'
import { type Config, parseConfig } from '../config/schema.ts'
import { Problem } from './command.ts'

/** What commands rely on, whatever the environment says: answers instead of exceptions, and every outcome in the log. */
const settings = { FAILURE_MODE: 'partial', LOG_LEVEL: 'info', AWS_LAMBDA_FUNCTION_NAME: '' }

/** The configuration that these variables and the file of CONFIG_FILE make; a Problem names all that is wrong. */
export async function configure(environment: Environment): Promise<Config> {
  const parsed = parseConfig({ ...environment, ...settings }, await openRouting(environment))
  if ('config' in parsed) return parsed.config
  throw new Problem(`the configuration is wrong:\n- ${parsed.problems.join('\n- ')}`)
}

/** The same for who only looks at the state, and needs neither bot nor chat. */
export function configureState({ STATE, ...environment }: Environment): Promise<Config> {
  const noBot = {
    TELEGRAM_BOT_TOKEN: '1:unused',
    TELEGRAM_BOT_TOKEN_PARAMETER: '',
    TELEGRAM_BOT_TOKEN_SECRET: '',
    TELEGRAM_CHAT_ID: '-1',
    TELEGRAM_API_ROOT: '',
    INCIDENTS: '',
    CONFIG_FILE: '',
  }
  return configure({ ...environment, ...noBot, STATE })
}
