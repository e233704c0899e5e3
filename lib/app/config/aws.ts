import type { AwsAccess } from '../../adapters/aws/request.ts'
import type { Reader } from './environment.ts'

/** Undefined, with the problems told, if something is missing that `purpose` needs. */
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
    reader.problem(`${missing.join(', ')}: not given, expected with ${purpose}, which is read from AWS`)
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
