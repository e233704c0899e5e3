import { type Config, parseConfig } from '../../../app/config/config.ts'
import { type AwsFinding, problem } from './finding.ts'
import type { FoundFunction } from './function.ts'

/** Lambda sets them. */
const setByLambda = { AWS_REGION: 'unused', AWS_ACCESS_KEY_ID: 'unused', AWS_SECRET_ACCESS_KEY: 'unused' }

/** The problems that the function has with its variables when it starts. The file of CONFIG_FILE is not part of this. */
export function* reviewEnvironment({ name, variables }: FoundFunction): Generator<AwsFinding, Config | undefined> {
  const parsed = parseConfig({ ...variables, ...setByLambda, AWS_LAMBDA_FUNCTION_NAME: name })
  if ('config' in parsed) return parsed.config
  for (const found of parsed.problems)
    yield problem({ about: 'function', name }, found, 'correct settings.yml, then deploy: npx serverless deploy')
  return undefined
}
