import { type Config, parseConfig } from './schema.ts'

/** The configuration of this process: the only reader of `process.env`. Throws one Error that lists every problem. */
export function loadConfig(environment: Record<string, string | undefined> = process.env): Config {
  const parsed = parseConfig(environment)
  if ('config' in parsed) return parsed.config
  const { problems } = parsed
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'}`
  const error = new Error(`${count} in the configuration:\n- ${problems.join('\n- ')}`)
  // Where in the code it was found helps nobody.
  error.stack = `Error: ${error.message}`
  throw error
}
