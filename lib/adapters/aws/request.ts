import { AwsClient } from 'aws4fetch'
import { isObject, parseJson } from '../../core/json.ts'
import type { Clock } from '../../pipeline/ports.ts'

/** What a signed request to AWS needs. Lambda sets all of it (AWS Lambda Developer Guide, Defined runtime environment variables). */
export interface AwsAccess {
  region: string
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string | undefined
  /** Replaces AWS's own address. */
  endpoint: string | undefined
}

export interface AwsCall {
  /** As in the host name. */
  service: string
  /** The header X-Amz-Target. */
  target: string
  body: object
  /** The version of AWS's JSON protocol. */
  version?: '1.0' | '1.1'
  /** How often aws4fetch repeats a request after HTTP 5xx or 429. */
  retries?: number
  timeoutMilliseconds?: number
}

/** AWS refused a call, or its result is unknown. Without a type, the call may have been carried out. */
export class AwsError extends Error {
  /** For example `ResourceNotFoundException`. */
  readonly type: string | undefined
  readonly answer: Record<string, unknown>
  /** Undefined if there was no answer. */
  readonly status: number | undefined

  constructor(message: string, status?: number, answer: Record<string, unknown> = {}) {
    super(message)
    this.name = 'AwsError'
    this.status = status
    this.answer = answer
    // com.amazonaws.dynamodb.v20120810#ResourceNotFoundException
    this.type = typeof answer.__type === 'string' ? answer.__type.split('#').at(-1) : undefined
  }
}

// Keys derived from the secret, for a day, a region and a service.
const signingKeys = new Map<string, ArrayBuffer>()

/** Sends one signed call to an AWS JSON API. Rejects with an AwsError that names the call and quotes the answer. */
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

/** Loads what the first call needs, most of whose time in a small function is loading. Sends nothing. */
export async function prepareCalls({ region, accessKeyId, secretAccessKey }: AwsAccess): Promise<void> {
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 'none' })
  await client.sign('https://none.invalid/', { method: 'POST', body: '{}' })
}

/** `fetch failed` has the reason in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}

function readAnswer(text: string): Record<string, unknown> {
  const answer = parseJson(text)
  return isObject(answer) ? answer : {}
}
