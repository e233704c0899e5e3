import { readFileSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { sha256 } from '../../core/hash.ts'
import type { Target } from '../../core/routing/target.ts'
import { type Config, isInLambda, parseConfig, type RoutingSource } from './config.ts'
import { type Environment, openReader } from './environment.ts'
import { type KafkaConfig, parseKafka } from './kafka.ts'
import { parsePackaged, readPackaged } from './packaged.ts'
import { openCompiler } from './regex.ts'

/** The configuration of this process: the only reader of `process.env`. Rejects with one Error that lists every problem. */
export async function loadConfig(environment: Environment = process.env): Promise<Config> {
  const packaged = openPackaged(environment)
  const fast = packaged && parseConfig(environment, packaged)
  if (fast && 'config' in fast) return fast.config
  // Mistakes are told with their lines, so the file itself is read for them.
  const parsed = parseConfig(environment, await openRouting(environment))
  if ('config' in parsed) return parsed.config
  throw configurationError(parsed.problems)
}

/** The same for the worker, which also reads from Kafka itself. */
export async function loadWorkerConfig(
  environment: Environment = process.env,
): Promise<{ config: Config; kafka: KafkaConfig }> {
  const parsed = parseConfig(environment, await openRouting(environment))
  const kafka = openKafka(environment)
  if ('config' in parsed && 'config' in kafka) return { config: parsed.config, kafka: kafka.config }
  throw configurationError([parsed, kafka].flatMap((one) => ('problems' in one ? one.problems : [])))
}

/** What the KAFKA_ variables and the files that they name say, or all that is wrong in them. */
export function openKafka(environment: Environment, options: { topicsNeeded?: boolean } = {}) {
  return parseKafka(environment, readFile, options)
}

function configurationError(problems: string[]): Error {
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  const error = new Error(`${count} in the configuration:\n- ${problems.join('\n- ')}`)
  // Where in the code it was found helps nobody.
  error.stack = `Error: ${error.message}`
  return error
}

/** Reads the file that CONFIG_FILE names; undefined if it names none. Only who has one pays for loading what reads it. */
export async function openRouting(environment: Environment): Promise<RoutingSource | undefined> {
  const name = environment.CONFIG_FILE?.trim()
  if (!name) return undefined
  const { readRouting } = await import('./routing-file.ts')
  const file = readText(name)
  const compile = compiler()
  return (context) => {
    const read = readRouting(file.text, name, { ...context, compile, environment, now: systemClock.now() })
    return file.problem === undefined ? read : { ...read, problems: [file.problem] }
  }
}

/** The variables that a routing file names, as it is read; none where it can't be read, which is told by who reads it. */
export async function variablesOfFile(name: string): Promise<string[]> {
  const { variablesOf } = await import('./routing-file.ts')
  return variablesOf(readText(name).text)
}

/**
 * The JSON that infra/settings.cjs puts into the package beside the file that CONFIG_FILE names; undefined if there is something wrong in the
 * file, which is told by who reads it. `target` and `timeZone` as the functions will have them.
 */
export async function packageRouting(
  environment: Environment,
  surroundings: { target: Target; timeZone: string },
): Promise<string | undefined> {
  const name = environment.CONFIG_FILE?.trim() ?? ''
  const file = readText(name)
  if (file.problem !== undefined) return undefined
  const { packRouting } = await import('./routing-file.ts')
  const packaged = packRouting(file.text, name, { ...surroundings, environment, compile: compiler(), hash: sha256 })
  return packaged && JSON.stringify(packaged)
}

/** CONFIG_FILE as it was packaged. Elsewhere than in Lambda another version of the program may have left it. */
function openPackaged(environment: Environment): RoutingSource | undefined {
  const name = environment.CONFIG_FILE?.trim()
  if (!name || !isInLambda(openReader(environment))) return undefined
  const [file, beside] = [readFile(name), readFile(packagedName(name))]
  const packaged = 'text' in beside ? parsePackaged(beside.text) : undefined
  if ('problem' in file || !packaged) return undefined
  const compile = compiler()
  return (context) => {
    const reading = { ...context, compile, environment, hash: sha256, now: systemClock.now() }
    return readPackaged(packaged, { text: file.text, name }, reading)
  }
}

export function packagedName(name: string): string {
  return `${name}.packaged.json`
}

function compiler() {
  return openCompiler(process.getBuiltinModule('node:v8').setFlagsFromString)
}

function readText(name: string): { text: string; problem?: string } {
  const read = readFile(name)
  if ('text' in read) return read
  return { text: '', problem: `CONFIG_FILE: given "${name}", expected a YAML file (${read.problem})` }
}

function readFile(name: string): { text: string } | { problem: string } {
  try {
    return { text: readFileSync(name, 'utf8') }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { problem: code === 'ENOENT' ? `there is no such file in ${process.cwd()}` : message }
  }
}
