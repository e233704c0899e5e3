import { readFileSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import { type KafkaConfig, parseKafka } from './kafka.ts'
import type { Environment } from './reader.ts'
import { openCompiler } from './regex.ts'
import { type Config, parseConfig, type RoutingSource } from './schema.ts'

/** The configuration of this process: the only reader of `process.env`. Rejects with one Error that lists every problem. */
export async function loadConfig(environment: Environment = process.env): Promise<Config> {
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
  const { readRouting } = await import('./routing.ts')
  const file = readText(name)
  const compile = openCompiler(process.getBuiltinModule('node:v8').setFlagsFromString)
  return (context) => {
    const read = readRouting(file.text, name, { ...context, compile, environment, now: systemClock.now() })
    return file.problem === undefined ? read : { ...read, problems: [file.problem] }
  }
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
