import { readFileSync } from 'node:fs'
import type { RemoteText } from '../../adapters/aws/remote-file.ts'
import { systemClock } from '../../adapters/clock.ts'
import { sha256 } from '../../core/hash.ts'
import { firstProblems, mostLogged } from '../../core/routing/problem.ts'
import type { Target } from '../../core/routing/target.ts'
import type { Clock, RulesText } from '../../pipeline/ports.ts'
import { type Config, isInLambda, type ParsedConfig, parseConfig, type RoutingSource } from './config.ts'
import { type Environment, openReader } from './environment.ts'
import { type KafkaConfig, parseKafka } from './kafka.ts'
import type { Followed } from './live-rules.ts'
import { parsePackaged, readPackaged } from './packaged.ts'
import { openCompiler } from './regex.ts'
import { isRemote, openRemote, type Remote } from './remote.ts'

/** The configuration of this process; only this file reads `process.env`. Rejects with one Error that lists every problem. */
export async function loadConfig(environment: Environment = process.env, clock = systemClock): Promise<Config> {
  const packaged = openPackaged(environment)
  const fast = packaged && parseConfig(environment, packaged)
  if (fast && 'config' in fast) return fast.config
  // Problems are reported with their lines, so read the file itself.
  const parsed = await readConfig(environment, clock)
  if ('config' in parsed) return parsed.config
  throw configurationError(parsed.problems)
}

/** The same for the worker, which also reads from Kafka. */
export async function loadWorkerConfig(
  environment: Environment = process.env,
): Promise<{ config: Config; kafka: KafkaConfig }> {
  const parsed = await readConfig(environment, systemClock)
  const kafka = openKafka(environment)
  if ('config' in parsed && 'config' in kafka) return { config: parsed.config, kafka: kafka.config }
  throw configurationError([parsed, kafka].flatMap((one) => ('problems' in one ? one.problems : [])))
}

async function readConfig(environment: Environment, clock: Clock): Promise<ParsedConfig> {
  const name = fileNameIn(environment)
  const remote = name !== undefined && isRemote(name) ? openRemote(name, environment, clock) : undefined
  if (remote && 'read' in remote) return readLiveConfig(remote, environment, clock)
  return parseConfig(environment, await openRouting(environment, clock))
}

/** A configuration whose rules are read again while the program runs. */
async function readLiveConfig(remote: Remote, environment: Environment, clock: Clock): Promise<ParsedConfig> {
  const parse = async (file: ConfigFile) => parseConfig(environment, await routingOf(file, environment, clock))
  const newest = await readRemote(remote)
  const parsed = await parse(newest)
  if ('config' in parsed && 'text' in newest) return follow(parsed.config, newest)
  const good = await readGoodRules(remote.name, environment, clock)
  const known = good && (await parse({ name: remote.name, text: good.text }))
  if (!known || 'problems' in known) return parsed
  const problems = 'problems' in parsed ? parsed.problems : []
  return follow(
    known.config,
    { ...good, etag: undefined },
    'text' in newest ? { file: newest, problems } : 'unreadable',
  )

  async function follow(config: Config, file: RemoteText, instead?: Followed['newest']): Promise<ParsedConfig> {
    const { followRules } = await import('./live-rules.ts')
    const { ruleset, warnings } = config
    const liveRules = followRules({
      remote,
      file,
      newest: instead,
      ruleset,
      warnings,
      async parse(text) {
        const again = await parse({ name: remote.name, text })
        return 'config' in again ? again.config : again
      },
      clock,
    })
    return { config: { ...config, liveRules } }
  }
}

/** The last rules without a mistake that a sweep has saved. Undefined if the store has none, or cannot be read. */
async function readGoodRules(name: string, environment: Environment, clock: Clock): Promise<RulesText | undefined> {
  const parsed = parseConfig(environment)
  if (!('config' in parsed) || parsed.config.state.kind === 'memory') return undefined
  try {
    const { openStore } = await import('../open-store.ts')
    const store = await openStore(parsed.config.state, { clock })
    try {
      return (await store.goodRules.read([name])).get(name)?.value
    } finally {
      store.close()
    }
  } catch {
    return undefined
  }
}

/** Reads the KAFKA_ variables and the files that they name, or lists every problem. */
export function openKafka(environment: Environment, options: { topicsNeeded?: boolean } = {}) {
  return parseKafka(environment, readFile, options)
}

function configurationError(problems: string[]): Error {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  const error = new Error(`${count} in the configuration:\n- ${firstProblems(problems, mostLogged).join('\n- ')}`)
  // The place in the code does not help an operator.
  error.stack = `Error: ${error.message}`
  return error
}

/** The file that CONFIG_FILE names, or why it cannot be read. */
export type ConfigFile = { name: string } & ({ text: string } | { problems: string[] })

/** Reads the file that CONFIG_FILE names; undefined if it is not set. */
export async function readConfigFile(environment: Environment, clock = systemClock): Promise<ConfigFile | undefined> {
  const name = fileNameIn(environment)
  if (name === undefined) return undefined
  if (isRemote(name)) {
    const remote = openRemote(name, environment, clock)
    return 'problems' in remote ? { name, problems: remote.problems } : readRemote(remote)
  }
  const file = readFile(name)
  return 'text' in file ? { name, ...file } : unreadable(name, file.problem)
}

async function readRemote({ name, read }: Remote): Promise<{ name: string } & (RemoteText | { problems: string[] })> {
  try {
    // A request that began before Lambda froze a new sandbox fails after it was thawed.
    return { name, ...(await read().catch(() => read())) }
  } catch (error) {
    return unreadable(name, (error as Error).message)
  }
}

function unreadable(name: string, problem: string) {
  return { name, problems: [`CONFIG_FILE: cannot read "${name}": ${problem}`] }
}

/** The rules of a file. Only here is the YAML parser loaded. */
export async function routingOf(
  file: ConfigFile,
  environment: Environment,
  clock = systemClock,
): Promise<RoutingSource> {
  const { readRouting } = await import('./routing-file.ts')
  const compile = compiler()
  return (context) => {
    const whole = { ...context, compile, environment, now: clock.now() }
    return 'text' in file
      ? readRouting(file.text, file.name, whole)
      : { ...readRouting('', file.name, whole), problems: file.problems }
  }
}

/** The rules of the file that CONFIG_FILE names; undefined if it is not set. */
export async function openRouting(environment: Environment, clock = systemClock): Promise<RoutingSource | undefined> {
  const file = await readConfigFile(environment, clock)
  return file && routingOf(file, environment, clock)
}

/** The names of the variables in a routing file; none if it cannot be read. */
export async function variablesOfFile(name: string): Promise<string[]> {
  const { variablesOf } = await import('./routing-file.ts')
  const file = readFile(name)
  return 'text' in file ? variablesOf(file.text) : []
}

/**
 * The JSON that infra/aws/config-file.ts puts into the package beside the file that CONFIG_FILE names. Undefined if the file has a mistake, which the
 * check of the settings reports. `target` and `timeZone` are those of the functions.
 */
export async function packagedJson(
  environment: Environment,
  surroundings: { target: Target; timeZone: string },
): Promise<string | undefined> {
  const name = fileNameIn(environment) ?? ''
  const file = readFile(name)
  if (isRemote(name) || 'problem' in file) return undefined
  const { packageRouting } = await import('./routing-file.ts')
  const context = { ...surroundings, environment, compile: compiler(), hash: sha256 }
  const packaged = packageRouting(file.text, name, context)
  return packaged && JSON.stringify(packaged)
}

/** CONFIG_FILE as it was packaged. Only in Lambda, since elsewhere another version of the program may have written it. */
function openPackaged(environment: Environment): RoutingSource | undefined {
  const name = fileNameIn(environment)
  if (name === undefined || isRemote(name) || !isInLambda(openReader(environment))) return undefined
  const file = readFile(name)
  const beside = readFile(packagedName(name))
  const packaged = 'text' in beside ? parsePackaged(beside.text) : undefined
  if ('problem' in file || !packaged) return undefined
  const compile = compiler()
  return (context) => {
    const whole = { ...context, compile, environment, hash: sha256, now: systemClock.now() }
    return readPackaged(packaged, { text: file.text, name }, whole)
  }
}

export function packagedName(name: string): string {
  return `${name}.packaged.json`
}

function fileNameIn({ CONFIG_FILE }: Environment): string | undefined {
  return CONFIG_FILE?.trim() || undefined
}

function compiler() {
  return openCompiler(process.getBuiltinModule('node:v8').setFlagsFromString)
}

function readFile(name: string): { text: string } | { problem: string } {
  try {
    return { text: readFileSync(name, 'utf8') }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { problem: code === 'ENOENT' ? `there is no such file in ${process.cwd()}` : message }
  }
}
