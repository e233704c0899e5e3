import { isoTime, parseHttpDate } from '../../core/event/time.ts'
import { isObject } from '../../core/json.ts'
import type { Clock } from '../../pipeline/ports.ts'
import { type AwsAccess, type AwsAnswer, AwsError, callAws, fetchAws, hostOf } from './request.ts'

/** A text that is stored in AWS. */
export type RemoteFile = { kind: 'parameter'; name: string } | { kind: 'object'; bucket: string; key: string }

export interface RemoteText {
  text: string
  /** For people. */
  version: string
  /** When this version was written, in milliseconds since the epoch; undefined if AWS does not say. */
  modifiedAt: number | undefined
  /** S3 sends the text again only if it has changed since. */
  etag: string | undefined
}

// Some 800 rules. A text of this size fits into an item of DynamoDB, and reading the rules takes about a second of Lambda's time.
const mostBytes = 65_536
const timeoutMilliseconds = 3_000

/** Reads a text. Resolves with `known` itself if S3 says that it has not changed. Rejects with an Error that says why it cannot be read. */
export function readRemoteText(
  file: RemoteFile,
  access: AwsAccess,
  clock: Clock,
  known?: RemoteText,
): Promise<RemoteText> {
  return file.kind === 'parameter' ? readParameter(file.name, access, clock) : readObject(file, access, clock, known)
}

async function readParameter(name: string, access: AwsAccess, clock: Clock): Promise<RemoteText> {
  const body = { Name: name, WithDecryption: true }
  const call = { service: 'ssm', target: 'AmazonSSM.GetParameter', body, timeoutMilliseconds }
  const answer = await callAws(call, access, clock).catch((error: unknown) => {
    const isMissing = error instanceof AwsError && error.type === 'ParameterNotFound'
    throw isMissing ? new Error(`there is no such parameter in ${access.region}`) : error
  })
  const { Value, Version, LastModifiedDate } = isObject(answer) && isObject(answer.Parameter) ? answer.Parameter : {}
  if (typeof Value !== 'string') throw new Error('the parameter contains no text')
  return {
    text: Value,
    version: String(Version),
    // In seconds, with a fraction.
    modifiedAt: typeof LastModifiedDate === 'number' ? Math.floor(LastModifiedDate * 1_000) : undefined,
    etag: undefined,
  }
}

async function readObject(
  { bucket, key }: { bucket: string; key: string },
  access: AwsAccess,
  clock: Clock,
  known: RemoteText | undefined,
): Promise<RemoteText> {
  const name = 's3.GetObject'
  const { root, folder } = addressOf(bucket, access)
  const path = folder + key.split('/').map(encodeURIComponent).join('/')
  // The answer says how large the whole object is.
  const range = `bytes=0-${mostBytes - 1}`
  const headers = { range, ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }) }
  const request = { service: 's3', name, method: 'GET', path, headers, timeoutMilliseconds } as const
  const answer = await fetchAws(request, access, clock, root)
  if (answer.status === 304 && known) return known
  if (!answer.isOk) throw new Error(objectProblem(answer, bucket, access))
  const bytes = Number(answer.headers.get('content-range')?.split('/')[1] ?? Buffer.byteLength(answer.text))
  if (bytes > mostBytes) throw new Error('the object is larger than 64 KB')
  const modifiedAt = parseHttpDate(answer.headers.get('last-modified') ?? '')
  const versionId = answer.headers.get('x-amz-version-id')
  return {
    text: answer.text,
    // Buckets without versioning have no version ids, and an object from before it has the id "null".
    version: versionId === null || versionId === 'null' ? timeText(modifiedAt) : versionId,
    modifiedAt,
    etag: answer.headers.get('etag') ?? undefined,
  }
}

/** `2026-11-24T07:26:34Z` */
function timeText(milliseconds: number | undefined): string {
  return milliseconds === undefined ? 'unknown' : isoTime(milliseconds).replace('.000', '')
}

/** In a host name, a bucket's dots do not fit AWS's certificate (Amazon S3 User Guide, Virtual hosting of buckets). */
export function addressOf(bucket: string, { region, endpoint }: AwsAccess): { root: string; folder: string } {
  if (endpoint !== undefined) return { root: endpoint.replace(/\/$/, ''), folder: `/${bucket}/` }
  const host = hostOf('s3', region)
  return bucket.includes('.')
    ? { root: `https://${host}`, folder: `/${bucket}/` }
    : { root: `https://${bucket}.${host}`, folder: '/' }
}

function objectProblem({ status, headers, text }: AwsAnswer, bucket: string, { region }: AwsAccess): string {
  const regionOfBucket = headers.get('x-amz-bucket-region')
  if (regionOfBucket !== null && regionOfBucket !== region)
    return `the bucket ${bucket} is in ${regionOfBucket}, and the program uses ${region}`
  const part = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(text)?.[1]
  switch (part('Code')) {
    case 'NoSuchBucket':
      return `there is no bucket ${bucket}`
    case 'NoSuchKey':
      return `there is no such object in the bucket ${bucket}`
    case 'InvalidRange':
      return 'the object is empty'
    case 'AccessDenied':
      if (part('Message')?.includes('kms:')) return `S3 denies access: ${part('Message')}`
      return 'S3 denies access: allow s3:GetObject on this object. S3 says the same if the object does not exist'
    default:
      // The whole answer has an id that is another each time.
      return `AWS s3.GetObject: HTTP ${[status, part('Code'), part('Message')].filter(Boolean).join(' ')}`
  }
}
