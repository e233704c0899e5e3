import type { RemoteFile, RemoteText } from '../../adapters/aws/remote-file.ts'
import { maskTokens } from '../../core/message/text/mask.ts'
import type { Clock } from '../../pipeline/ports.ts'
import { readAwsAccess } from './aws.ts'
import { type Environment, openReader } from './environment.ts'

/** True if CONFIG_FILE names something in AWS and not a file, even if the name has a mistake. */
export function isRemote(name: string): boolean {
  return /^(?:ssm|s3):/i.test(name.trim())
}

/** Undefined if the name has another form. */
export function parseRemote(name: string): RemoteFile | undefined {
  const [, parameter] = parameterForm.exec(name) ?? []
  if (parameter !== undefined && parameter.length <= 1_011) return { kind: 'parameter', name: parameter }
  const [, bucket, key] = objectForm.exec(name) ?? []
  const isObject = bucket !== undefined && key !== undefined && Buffer.byteLength(key) <= 1_024
  return isObject ? { kind: 'object', bucket, key } : undefined
}

export const remoteForm = 'ssm:/name/of/parameter or s3://bucket/key'
// botocore 1.44, PutParameterRequest. A name without a slash is allowed as well, but IAM policies are easier to write for paths.
const parameterForm = /^ssm:((?:\/[\w.-]+){1,15})$/
// Amazon S3 User Guide, General purpose bucket naming rules. A key that ends with a slash is a folder of the console.
const objectForm = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.*[^/])$/

/** A routing file outside of the package. */
export interface Remote {
  name: string
  /** Resolves with `known` itself if it has not changed. Rejects with the reason why the file cannot be read. */
  read(known?: RemoteText): Promise<RemoteText>
}

/** Opens what CONFIG_FILE names, with the credentials of the environment. */
export function openRemote(name: string, environment: Environment, clock: Clock): Remote | { problems: string[] } {
  const file = parseRemote(name)
  const reader = openReader(environment)
  const access = readAwsAccess(reader, 'CONFIG_FILE')
  if (!file) return { problems: [`CONFIG_FILE must be ${remoteForm}, not "${maskTokens(name)}"`] }
  if (!access) return { problems: reader.problems }
  return {
    name,
    async read(known) {
      // Loaded only if the rules are in AWS.
      const { readRemoteText } = await import('../../adapters/aws/remote-file.ts')
      return readRemoteText(file, access, clock, known)
    },
  }
}
