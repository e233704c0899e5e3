import { AwsClient } from 'aws4fetch'
import type { Clock } from '../clock.ts'
import type { AwsAccess } from '../config/aws.ts'

const timeoutMilliseconds = 5_000

/**
 * One signed call of an AWS JSON API (`service` as in its host name, `target` as in `X-Amz-Target`), with aws4fetch's retries of 5xx and 429.
 * Rejects with an Error that names the call and what AWS said.
 */
export async function callAws(
  { service, target, body }: { service: string; target: string; body: object },
  { region, endpoint, accessKeyId, secretAccessKey, sessionToken }: AwsAccess,
  clock: Clock,
): Promise<unknown> {
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service,
    retries: 2,
    ...(sessionToken ? { sessionToken } : {}),
  })
  const timeout = new AbortController()
  const cancel = clock.after(timeoutMilliseconds, () => timeout.abort())
  try {
    const response = await client.fetch(endpoint ?? `https://${service}.${region}.amazonaws.com/`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: JSON.stringify(body),
      signal: timeout.signal,
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`HTTP ${response.status} ${text.slice(0, 500)}`)
    return JSON.parse(text)
  } catch (error) {
    const reason = timeout.signal.aborted
      ? `no answer within ${timeoutMilliseconds / 1_000} s`
      : String((error as Error).message)
    throw new Error(`AWS ${target}: ${reason}`)
  } finally {
    cancel()
  }
}
