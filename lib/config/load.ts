import { readFileSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import type { Environment } from './reader.ts'
import { openCompiler } from './regex.ts'
import { type Config, parseConfig, type RoutingSource } from './schema.ts'

/** The configuration of this process: the only reader of `process.env`. Rejects with one Error that lists every problem. */
export async function loadConfig(environment: Environment = process.env): Promise<Config> {
  const parsed = parseConfig(environment, await openRouting(environment))
  if ('config' in parsed) return parsed.config
  const { problems } = parsed
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  const error = new Error(`${count} in the configuration:\n- ${problems.join('\n- ')}`)
  // Where in the code it was found helps nobody.
  error.stack = `Error: ${error.message}`
  throw error
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
  try {
    return { text: readFileSync(name, 'utf8') }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? `there is no such file in ${process.cwd()}` : message
    return { text: '', problem: `CONFIG_FILE: given "${name}", expected a YAML file (${why})` }
  }
}
