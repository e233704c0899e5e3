import { AwsClient } from 'aws4fetch'
import type { AwsAccess } from '../../app/config/aws.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Clock } from '../clock.ts'

/** `service` as in its host name, `target` as in `X-Amz-Target`. */
export interface AwsCall {
  service: string
  target: string
  body: object
  /** Of AWS's JSON protocol. */
  version?: '1.0' | '1.1'
  /** How often aws4fetch repeats what was answered with 5xx or 429. */
  retries?: number
  timeoutMilliseconds?: number
}

/** A call that AWS refused, or whose answer nobody knows: then it has no type, and what was asked may have been done. */
export class AwsError extends Error {
  /** `ResourceNotFoundException`, … */
  readonly type: string | undefined
  /** All that came with the type. */
  readonly answer: Record<string, unknown>
  /** Undefined: none came. */
  readonly status: number | undefined

  constructor(what: string, status?: number, answer: Record<string, unknown> = {}) {
    super(what)
    this.name = 'AwsError'
    this.status = status
    this.answer = answer
    // com.amazonaws.dynamodb.v20120810#ResourceNotFoundException
    this.type = typeof answer.__type === 'string' ? answer.__type.split('#').at(-1) : undefined
  }
}

// What is derived from the secret for a day, a region and a service.
const signingKeys = new Map<string, ArrayBuffer>()

/** One signed call of an AWS JSON API. Rejects with an AwsError that names the call and what AWS said. */
export async function callAws(
  { service, target, body, version = '1.1', retries = 2, timeoutMilliseconds = 5_000 }: AwsCall,
  { region, endpoint, accessKeyId, secretAccessKey, sessionToken }: AwsAccess,
  clock: Clock,
): Promise<unknown> {
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service,
    retries,
    cache: signingKeys,
    ...(sessionToken ? { sessionToken } : {}),
  })
  const timeout = new AbortController()
  const cancel = clock.after(timeoutMilliseconds, () => timeout.abort())
  let status: number | undefined
  try {
    const response = await client.fetch(endpoint ?? `https://${service}.${region}.amazonaws.com/`, {
      method: 'POST',
      headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
      body: JSON.stringify(body),
      signal: timeout.signal,
    })
    status = response.status
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    throw new AwsError(`AWS ${target}: HTTP ${status} ${text.slice(0, 500)}`, status, readAnswer(text))
  } catch (error) {
    if (error instanceof AwsError) throw error
    const reason = timeout.signal.aborted ? `no answer within ${timeoutMilliseconds / 1_000} s` : reasonOf(error)
    throw new AwsError(`AWS ${target}: ${reason}`, status)
  } finally {
    cancel()
  }
}

/** Loads what the first call would load else, which is most of its time in a small function. The request that it signs is not sent. */
export async function prepareCalls({ region, accessKeyId, secretAccessKey }: AwsAccess): Promise<void> {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 'none' })
  await client.sign('https://none.invalid/', { method: 'POST', body: '{}' })
}

/** `fetch failed` hides why in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}

function readAnswer(text: string): Record<string, unknown> {
  const answer = parseJson(text)
  return isObject(answer) ? answer : {}
}
