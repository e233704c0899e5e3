import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { envelope, event, record } from '../support/records.ts'
import { bundleNotify } from './bundle.ts'
import { openCgroup } from './cgroup.ts'
import { environment } from './processes.ts'

// Lambda's largest payload for a synchronous invocation (AWS Lambda Developer Guide, Quotas).
const payloadBytes = 6_000_000

interface Load {
  megabytes: number
  records: number
  /** The size of a record's value. */
  bytes: number
  targets: number
  state: 'memory' | 'sqlite'
}

interface Peak {
  records: number
  /** In MB. */
  payload: number
  /** Undefined if the process was killed because it needed more than its limit. */
  megabytes: number | undefined
  isLimited: boolean
}

/** The peak memory of a fresh process with this memory limit. It handles a batch as Lambda does, and has time to send only a few messages. */
export async function measureMemory({ megabytes, records, bytes, targets, state }: Load): Promise<Peak> {
  const { path } = await bundleNotify()
  const folder = mkdtempSync(join(tmpdir(), 'bench-memory-'))
  const batch = batchOf(records, bytes)
  const names = Array.from({ length: targets }, (_, number) => `"-100${number + 1}"`)
  writeFileSync(join(folder, 'batch.json'), batch.json)
  writeFileSync(join(folder, 'rules.yml'), `routes: [{ to: [${names.join(', ')}] }]\n`)
  const server = createServer((request, response) => {
    request.resume()
    response.end('{"ok":true,"result":{"message_id":1}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const script = `
    const { readFileSync } = require('node:fs')
    const { handler } = require(${JSON.stringify(path)})
    const event = JSON.parse(readFileSync(${JSON.stringify(join(folder, 'batch.json'))}, 'utf8'))
    handler(event, { getRemainingTimeInMillis: () => 18_000 })
      .then(() => console.log('DONE ' + process.resourceUsage().maxRSS), (error) => console.log(error))`
  const env = {
    ...environment(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    STATE: state === 'memory' ? 'memory' : `sqlite:${join(folder, 'state.db')}`,
    CONFIG_FILE: join(folder, 'rules.yml'),
    LOG_LEVEL: 'error',
  }
  const cgroup = openCgroup(megabytes)
  // The process joins the cgroup before Node.js starts, so that all of its memory is counted.
  const waiting = `read _ && exec "$0" -e "$1"`
  const child = spawn('/bin/sh', ['-c', waiting, process.execPath, script], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  cgroup?.add(child.pid ?? 0)
  child.stdin.end('\n')
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  await once(child, 'close')
  const [, kilobytes] = /DONE (\d+)/.exec(said) ?? []
  cgroup?.close()
  server.close()
  rmSync(folder, { recursive: true })
  if (kilobytes === undefined && !cgroup) throw new Error(said)
  return {
    records: batch.records,
    payload: batch.json.length / 1e6,
    megabytes: kilobytes === undefined ? undefined : Number(kilobytes) / 1_024,
    isLimited: cgroup !== undefined,
  }
}

/** Records of warnings with values of this size, each an incident of its own, at most as many as fit into one payload. */
function batchOf(most: number, bytes: number): { json: string; records: number } {
  const shortest = bytes < 600
  const one = (number: number, padding: string) => {
    const involvedObject = { kind: 'Pod', namespace: 'shop', name: `service-${number}` }
    const message = `Back-off restarting failed container, record ${number}. ${padding}`
    return shortest
      ? JSON.stringify({ EventValue: JSON.stringify({ involvedObject, type: 'Warning' }) })
      : envelope(event(number, { involvedObject, message }))
  }
  const padding = 'x '.repeat(Math.max(0, bytes - one(0, '').length) / 2)
  const size = JSON.stringify(toLambdaEvent([record(0, { value: one(0, padding) })])).length
  const records = Math.min(most, Math.floor(payloadBytes / size))
  const all = Array.from({ length: records }, (_, number) => record(number, { value: one(number, padding) }))
  return { json: JSON.stringify(toLambdaEvent(all)), records }
}
