import { type Config, parseConfig, type RoutingSource } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/environment.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { type ConfigFile, openKafka, readConfigFile, routingOf } from '../../app/config/load.ts'
import { type Path, pathText } from '../../core/routing/problem.ts'
import { nowhere } from '../configuration.ts'
import { unknownNames } from './names.ts'

export interface CheckedConfig {
  /** As the program prints them when it can't start. */
  problems: string[]
  warnings: string[]
  /** Missing settings that this check does not need but the program does. */
  notes: string[]
  /** Undefined if there is a problem. */
  config: Config | undefined
  /** Undefined if the KAFKA_ variables have a problem or are not checked. */
  kafka: KafkaConfig | undefined
  hasToken: boolean
  hasChat: boolean
  hasFile: boolean
}

interface Wanted {
  /** Instead of CONFIG_FILE. */
  file: string | undefined
  asksTelegram: boolean
  asksKafka: boolean
  asksAws: boolean
}

/** The problems that a start with these variables would have, without those of settings that this check does not need. */
export async function checkConfiguration(given: Environment, wanted: Wanted): Promise<CheckedConfig> {
  const { file, asksKafka } = wanted
  const environment = file === undefined ? given : { ...given, CONFIG_FILE: file }
  const configFile = await readConfigFile(environment)
  const routing = configFile && (await routingOf(configFile, environment))
  const { source, fileWarnings } = withNames(routing, environment, await openLines(configFile))
  const placeholders = placeholdersFor(environment, wanted)
  const hasToken = !('TELEGRAM_BOT_TOKEN' in placeholders)
  const hasChat = !('TELEGRAM_CHAT_ID' in placeholders)
  const strict = parseConfig(environment, source)
  const parsed = 'config' in strict ? strict : parseConfig({ ...environment, ...placeholders }, source)
  const ofKafka = asksKafka ? openKafka(environment, { topicsNeeded: false }) : { problems: [] }
  const kafka = 'config' in ofKafka ? ofKafka.config : undefined
  const problems = [parsed, ofKafka].flatMap((one) => ('problems' in one ? one.problems : []))
  const notes = 'problems' in strict ? strict.problems.filter((problem) => !problems.includes(problem)) : []
  const config = 'config' in parsed ? parsed.config : undefined
  const warnings = [...(config?.warnings ?? fileWarnings()), ...(kafka?.warnings ?? [])]
  const hasFile = source !== undefined
  return { problems, notes, config, kafka, hasToken, hasChat, hasFile, warnings }
}

/** Values for settings that are missing and not needed here. */
function placeholdersFor(environment: Environment, { file, asksTelegram, asksKafka, asksAws }: Wanted): Environment {
  const lacks = (...names: string[]) => names.every((name) => !environment[name]?.trim())
  const isTokenInAws = !lacks('TELEGRAM_BOT_TOKEN_PARAMETER', 'TELEGRAM_BOT_TOKEN_SECRET')
  const aws = {
    ...(lacks('AWS_REGION', 'AWS_DEFAULT_REGION') && { AWS_REGION: 'unused' }),
    ...(lacks('AWS_ACCESS_KEY_ID') && { AWS_ACCESS_KEY_ID: 'unused' }),
    ...(lacks('AWS_SECRET_ACCESS_KEY') && { AWS_SECRET_ACCESS_KEY: 'unused' }),
  }
  return {
    // Lambda sets them; here only reading the token needs them.
    ...(asksTelegram && isTokenInAws ? {} : aws),
    ...(!asksTelegram && lacks('TELEGRAM_BOT_TOKEN') && !isTokenInAws && { TELEGRAM_BOT_TOKEN: '1:unused' }),
    // A check of a file, of the brokers or of AWS alone needs no chat.
    ...(!asksTelegram &&
      (file !== undefined || asksKafka || asksAws) &&
      lacks('TELEGRAM_CHAT_ID') && { TELEGRAM_CHAT_ID: nowhere }),
  }
}

/** Keeps the warnings of a file that has no problems, so that they are shown although something else is wrong. */
function withNames(
  source: RoutingSource | undefined,
  { CLUSTER_NAME, KAFKA_TOPICS = '' }: Environment,
  lineOf: LineOf,
) {
  let warnings: string[] = []
  if (source === undefined) return { source, fileWarnings: () => warnings }
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
    fileWarnings: () => warnings,
  }
}

type LineOf = (path: Path) => string

/** `rules.yml, line 4, rules[0].match.reason` */
async function openLines(file: ConfigFile | undefined): Promise<LineOf> {
  if (!file || 'problems' in file) return pathText
  const { parseYaml } = await import('../../app/config/yaml.ts')
  const yaml = parseYaml(file.text)
  return (path) => `${file.name}, line ${yaml.lineOf(path)}, ${pathText(path)}`
}
