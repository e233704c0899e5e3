import { existsSync, readFileSync } from 'node:fs'
import { type Config, parseConfig, type RoutingSource } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/environment.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { openKafka, openRouting } from '../../app/config/load.ts'
import { type Path, pathText } from '../../core/routing/problem.ts'
import { nowhere } from '../configuration.ts'
import { unknownNames } from './names.ts'

export interface CheckedConfig {
  /** In the words of a start that fails. */
  problems: string[]
  warnings: string[]
  /** What a start would refuse, and this check can do without. */
  notes: string[]
  /** Undefined if there is a problem. */
  config: Config | undefined
  /** Undefined if there is a problem in the KAFKA_ variables, or nobody asked for them. */
  kafka: KafkaConfig | undefined
  hasToken: boolean
  hasChat: boolean
  hasFile: boolean
}

interface Wanted {
  /** Instead of CONFIG_FILE. */
  file: string | undefined
  /** The bot is needed, too. */
  asksTelegram: boolean
  /** The brokers are, too; whoever asks for them alone may have no bot yet. */
  asksKafka: boolean
}

/** What a start with these variables would say, but for what is only missing here. */
export async function checkConfiguration(given: Environment, wanted: Wanted): Promise<CheckedConfig> {
  const { file, asksKafka } = wanted
  const environment = file === undefined ? given : { ...given, CONFIG_FILE: file }
  const { source, told } = listening(await openRouting(environment), environment, await openLines(environment))
  const standsFor = emulators(environment, wanted)
  const hasToken = !('TELEGRAM_BOT_TOKEN' in standsFor)
  const hasChat = !('TELEGRAM_CHAT_ID' in standsFor)
  const strict = parseConfig(environment, source)
  const parsed = 'config' in strict ? strict : parseConfig({ ...environment, ...standsFor }, source)
  const ofKafka = asksKafka ? openKafka(environment, { topicsNeeded: false }) : { problems: [] }
  const kafka = 'config' in ofKafka ? ofKafka.config : undefined
  const problems = [parsed, ofKafka].flatMap((one) => ('problems' in one ? one.problems : []))
  const notes = 'problems' in strict ? strict.problems.filter((problem) => !problems.includes(problem)) : []
  const config = 'config' in parsed ? parsed.config : undefined
  const warnings = [...(config?.warnings ?? told()), ...(kafka?.warnings ?? [])]
  const hasFile = source !== undefined
  return { problems, notes, config, kafka, hasToken, hasChat, hasFile, warnings }
}

/** In place of what is not given and not needed here. */
function emulators(environment: Environment, { file, asksTelegram, asksKafka }: Wanted): Environment {
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
    ...(!asksTelegram &&
      (file !== undefined || asksKafka) &&
      lacks('TELEGRAM_CHAT_ID') && { TELEGRAM_CHAT_ID: nowhere }),
  }
}

/** Keeps the warnings of a file that has no problems, so that they are shown although something else is wrong. */
function listening(
  source: RoutingSource | undefined,
  { CLUSTER_NAME, KAFKA_TOPICS = '' }: Environment,
  lineOf: LineOf,
) {
  let warnings: string[] = []
  if (source === undefined) return { source, told: () => warnings }
  const surroundings = {
    cluster: CLUSTER_NAME?.trim() || undefined,
    topics: KAFKA_TOPICS.split(',').flatMap((topic) => topic.trim() || []),
  }
  return {
    source(context: Parameters<RoutingSource>[0]) {
      const read = source(context)
      if (read.problems.length > 0) return read
      const names = unknownNames(read.ruleset, surroundings)
      warnings = [...read.warnings, ...names.map(({ path, text }) => `${lineOf(path)}: ${text}`)]
      return { ...read, warnings }
    },
    told: () => warnings,
  }
}

type LineOf = (path: Path) => string

/** `rules.yml, line 4, rules[0].match.reason` */
async function openLines({ CONFIG_FILE }: Environment): Promise<LineOf> {
  const name = CONFIG_FILE?.trim()
  if (!name || !existsSync(name)) return pathText
  const { parseYaml } = await import('../../app/config/yaml.ts')
  const yaml = parseYaml(readFileSync(name, 'utf8'))
  return (path) => `${name}, line ${yaml.lineOf(path)}, ${pathText(path)}`
}
