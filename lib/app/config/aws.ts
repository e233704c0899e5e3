import type { AwsAccess } from '../../adapters/aws/request.ts'
import { listed, type Reader } from './environment.ts'

/** Undefined, with a problem, if a variable is missing that `purpose` needs. */
export function readAwsAccess(reader: Reader, purpose: string): AwsAccess | undefined {
  const { optional } = reader
  const region = optional('AWS_REGION') ?? optional('AWS_DEFAULT_REGION')
  const accessKeyId = optional('AWS_ACCESS_KEY_ID')
  const secretAccessKey = optional('AWS_SECRET_ACCESS_KEY')
  const missing = Object.entries({
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  })
    .filter(([, value]) => value === undefined)
    .map(([name]) => name)
  if (!region || !accessKeyId || !secretAccessKey) {
    reader.problem(`${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} not set; ${purpose} needs AWS access`)
    return undefined
  }
  return {
    region,
    accessKeyId,
    secretAccessKey,
    sessionToken: optional('AWS_SESSION_TOKEN'),
    endpoint: optional('AWS_ENDPOINT_URL'),
  }
}
