import { openRouting } from '../../config/load.ts'
import type { Environment } from '../../config/reader.ts'
import { type Config, parseConfig, type RoutingSource } from '../../config/schema.ts'
import { nowhere } from '../configuration.ts'

export interface CheckedConfig {
  /** In the words of a start that fails. */
  problems: string[]
  warnings: string[]
  /** What a start would refuse, and this check can do without. */
  notes: string[]
  /** Undefined if there is a problem. */
  config: Config | undefined
  hasToken: boolean
  hasChat: boolean
}

interface Wanted {
  /** Instead of CONFIG_FILE. */
  file: string | undefined
  /** The bot is needed, too. */
  asksTelegram: boolean
}

/** What a start with these variables would say, but for what is only missing here. */
export async function checkConfiguration(given: Environment, { file, asksTelegram }: Wanted): Promise<CheckedConfig> {
  const environment = file === undefined ? given : { ...given, CONFIG_FILE: file }
  const { source, told } = listening(await openRouting(environment))
  const standsFor = standIns(environment, { file, asksTelegram })
  const hasToken = !('TELEGRAM_BOT_TOKEN' in standsFor)
  const hasChat = !('TELEGRAM_CHAT_ID' in standsFor)
  const strict = parseConfig(environment, source)
  const parsed = 'config' in strict ? strict : parseConfig({ ...environment, ...standsFor }, source)
  const problems = 'problems' in parsed ? parsed.problems : []
  const notes = 'problems' in strict ? strict.problems.filter((problem) => !problems.includes(problem)) : []
  const config = 'config' in parsed ? parsed.config : undefined
  return { problems, notes, config, hasToken, hasChat, warnings: config?.warnings ?? told() }
}

/** In place of what is not given and not needed here. */
function standIns(environment: Environment, { file, asksTelegram }: Wanted): Environment {
  const lacks = (...names: string[]) => names.every((name) => !environment[name]?.trim())
  const isTokenInAws = !lacks('TELEGRAM_BOT_TOKEN_PARAMETER', 'TELEGRAM_BOT_TOKEN_SECRET')
  const aws = {
    ...(lacks('AWS_REGION', 'AWS_DEFAULT_REGION') && { AWS_REGION: 'unused' }),
    ...(lacks('AWS_ACCESS_KEY_ID') && { AWS_ACCESS_KEY_ID: 'unused' }),
    ...(lacks('AWS_SECRET_ACCESS_KEY') && { AWS_SECRET_ACCESS_KEY: 'unused' }),
  }
  return {
    // Lambda gives them; here they are needed to read the token only.
    ...(asksTelegram && isTokenInAws ? {} : aws),
    ...(!asksTelegram && lacks('TELEGRAM_BOT_TOKEN') && !isTokenInAws && { TELEGRAM_BOT_TOKEN: '1:unused' }),
    // Who names a file asks for that file.
    ...(!asksTelegram && file !== undefined && lacks('TELEGRAM_CHAT_ID') && { TELEGRAM_CHAT_ID: nowhere }),
  }
}

/** What a sound file warns of is told although something else is wrong. */
function listening(source: RoutingSource | undefined): { source: RoutingSource | undefined; told: () => string[] } {
  let warnings: string[] = []
  if (source === undefined) return { source, told: () => warnings }
  return {
    source(context) {
      const read = source(context)
      warnings = read.problems.length === 0 ? read.warnings : []
      return read
    },
    told: () => warnings,
  }
}
