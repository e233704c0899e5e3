import type { Value } from '../template/fragment.ts'

/** Where the rules are if they are not in the package. */
export type ConfigPlace = { kind: 'parameter'; name: string } | { kind: 'object'; bucket: string; key: string }

/** Undefined for a file. */
export function configPlaceOf(name: Value | undefined): ConfigPlace | undefined {
  const [, parameter, bucket = '', key = ''] = /^(?:ssm:(\/.+)|s3:\/\/([^/]+)\/(.+))$/.exec(String(name ?? '')) ?? []
  if (parameter !== undefined) return { kind: 'parameter', name: parameter }
  return bucket === '' ? undefined : { kind: 'object', bucket, key }
}
