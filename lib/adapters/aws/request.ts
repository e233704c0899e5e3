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

export interface AwsRequest {
  /** As in the host name. */
  service: string
  /** Names the request in errors. */
  name: string
  method?: 'GET' | 'POST'
  /** With the query, if there is one. */
  path?: string
  headers?: Record<string, string>
  body?: string
  /** How often aws4fetch repeats a request after HTTP 5xx or 429. */
  retries?: number
  timeoutMilliseconds?: number
}

/** A call of an AWS JSON API. */
export interface AwsCall extends Pick<AwsRequest, 'service' | 'retries' | 'timeoutMilliseconds'> {
  /** The header X-Amz-Target. */
  target: string
  body: object
  /** The version of AWS's JSON protocol. */
  version?: '1.0' | '1.1'
}

interface Refusal {
  status?: number | undefined
  type?: string | undefined
  said?: string | undefined
  answer?: Record<string, unknown>
}

/** AWS refused a request, or its result is unknown. Without a type, the request may have been carried out. */
export class AwsError extends Error {
  /** For example `ResourceNotFoundException`. */
  readonly type: string | undefined
  /** AWS's own explanation. */
  readonly said: string | undefined
  /** The answer, if it is a JSON object. */
  readonly answer: Record<string, unknown>
  /** Undefined if there was no answer. */
  readonly status: number | undefined

  constructor(message: string, { status, type, said, answer = {} }: Refusal = {}) {
    super(message)
    this.name = 'AwsError'
    this.status = status
    this.type = type
    this.said = said
    this.answer = answer
  }
}

// Keys derived from the secret, for a day, a region and a service.
const signingKeys = new Map<string, ArrayBuffer>()

/** Sends one signed request and resolves with the text of the answer. Rejects with an AwsError that names the request and quotes the answer. */
export async function requestAws(request: AwsRequest, access: AwsAccess, clock: Clock): Promise<string> {
  const answer = await fetchAws(request, access, clock)
  if (answer.isOk) return answer.text
  throw refusalOf(request.name, answer)
}

export interface AwsAnswer {
  isOk: boolean
  status: number
  headers: Headers
  text: string
}

/** Sends one signed request and resolves with any answer. Rejects with an AwsError if there is none. `root` replaces the service's address. */
export async function fetchAws(
  {
    service,
    name,
    method = 'POST',
    path = '/',
    headers = {},
    body,
    retries = 2,
    timeoutMilliseconds = 5_000,
  }: AwsRequest,
  { region, endpoint, accessKeyId, secretAccessKey, sessionToken }: AwsAccess,
  clock: Clock,
  root = endpoint?.replace(/\/$/, '') ?? `https://${hostOf(service, region)}`,
): Promise<AwsAnswer> {
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
    const response = await client.fetch(root + path, {
      method,
      headers,
      body: body ?? null,
      // The signature is valid for this address only.
      redirect: 'manual',
      signal: timeout.signal,
    })
    status = response.status
    return { isOk: response.ok, status, headers: response.headers, text: await response.text() }
  } catch (error) {
    const reason = timeout.signal.aborted ? `no answer within ${timeoutMilliseconds / 1_000} s` : reasonOf(error)
    throw new AwsError(`AWS ${name}: ${reason}`, { status })
  } finally {
    cancel()
  }
}

/** An error that quotes the answer. */
export function refusalOf(name: string, { status, headers, text }: AwsAnswer): AwsError {
  const answer = readAnswer(text)
  const type = typeOf(answer.__type ?? headers.get('x-amzn-errortype') ?? textIn(text, 'Code'))
  const given = answer.message ?? answer.Message ?? textIn(text, 'Message')
  const said = typeof given === 'string' ? given : undefined
  return new AwsError(`AWS ${name}: HTTP ${status} ${text.slice(0, 500)}`, { status, type, said, answer })
}

/** Sends one signed call to an AWS JSON API. Rejects with an AwsError that names the call and quotes the answer. */
export async function callAws(
  { target, body, version = '1.1', ...call }: AwsCall,
  access: AwsAccess,
  clock: Clock,
): Promise<unknown> {
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
  const text = await requestAws({ ...call, name: target, headers, body: JSON.stringify(body) }, access, clock)
  return jsonOf(text, target)
}

/** The value of a JSON answer. A broken answer may contain a secret, so it is not quoted. */
export function jsonOf(text: string, name: string): unknown {
  const answer = parseJson(text)
  if (answer === undefined) throw new AwsError(`AWS ${name}: the answer is not JSON`, { status: 200 })
  return answer
}

// botocore 1.44, partitions.json
const domains = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
] as const

/** `sts.cn-north-1.amazonaws.com.cn` */
export function hostOf(service: string, region: string): string {
  const domain = domains.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'
  return `${service}.${region}.${domain}`
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

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`, `ResourceNotFoundException:http://…` */
function typeOf(given: unknown): string | undefined {
  return typeof given === 'string' ? given.split('#').at(-1)?.split(':')[0] : undefined
}

/** The content of the first XML element with this name. */
function textIn(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)`).exec(xml)?.[1]
}
