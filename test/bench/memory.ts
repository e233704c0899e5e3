import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toLambdaEvent } from '../../lib/kafka/event.ts'
import { record } from '../support/records.ts'
import { bundleNotify } from './bundle.ts'
import { environment, run } from './processes.ts'

// Lambda's largest payload for a synchronous invocation (AWS Lambda Developer Guide, Quotas).
const payloadBytes = 6_000_000

/** Peak memory of a fresh process that reads a batch of 6 MB as Lambda does, and has time to send a few of it: the rest goes back. */
export async function measureMemory() {
  const { path } = await bundleNotify()
  const file = path.replace('notify.cjs', 'batch.json')
  const size = JSON.stringify(toLambdaEvent([record(0)])).length
  const count = Math.floor(payloadBytes / size)
  const batch = JSON.stringify(toLambdaEvent(Array.from({ length: count }, (_, number) => record(number))))
  writeFileSync(file, batch)
  const server = createServer((request, response) => {
    request.resume()
    response.end('{"ok":true,"result":{"message_id":1}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const script = `
    const { readFileSync } = require('node:fs')
    const event = JSON.parse(readFileSync(${JSON.stringify(file)}, 'utf8'))
    require(${JSON.stringify(path)}).handler(event, { getRemainingTimeInMillis: () => 16_000 }).then(({ batchItemFailures }) => {
      if (batchItemFailures.length === 0 || batchItemFailures.length >= ${count}) throw new Error('some should have been sent')
      console.log('\\n' + process.resourceUsage().maxRSS)
    })`
  const output = await run(script, environment(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  server.close()
  return { bytes: batch.length, records: count, megabytes: Number(output.trim().split('\n').at(-1)) / 1024 }
}
