import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { bundleLibraries, bundleNotify } from './bundle.ts'
import { environment, inTurn, median, run } from './processes.ts'
import { manyRules } from './rules.ts'

/** How long it takes until the function's bundle is loaded and configured, against its libraries alone in one file. */
export async function measureLoad() {
  const { path, bytes } = await bundleNotify()
  const libraries = await bundleLibraries()
  const env = environment('http://127.0.0.1:9')
  const load = async (file: string) => {
    const script = `const at = performance.now(); require(${JSON.stringify(file)}); setImmediate(() => console.log('\\n' + (performance.now() - at)))`
    return Number((await run(script, env)).trim().split('\n').at(-1))
  }
  const taken = await inTurn(15, { notify: () => load(path), libraries: () => load(libraries.path) })
  const ratio = median(taken.notify.map((time, round) => time / (taken.libraries[round] ?? Number.NaN)))
  return { bytes, milliseconds: median(taken.notify), librariesAlone: median(taken.libraries), ratio }
}

/** From the start of a process to its first byte at Telegram: the function's bundle against a script of node:https alone. */
export async function measureFirstByte() {
  const { path } = await bundleNotify()
  let arrived = 0
  const server = createServer((request, response) => {
    arrived = performance.now()
    request.resume()
    response.end('{"ok":true,"result":{"message_id":1}}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const value = Buffer.from(JSON.stringify({ EventValue: '{"involvedObject":{"kind":"Pod"}}' })).toString('base64')
  const event = JSON.stringify({ records: { 'a-0': [{ topic: 'a', partition: 0, offset: 0, value }] } })
  const time =
    (script: string, more: Record<string, string> = {}) =>
    async () => {
      const startedAt = performance.now()
      await run(script, { ...environment(apiRoot), ...more })
      return arrived - startedAt
    }
  const notify = `require(${JSON.stringify(path)}).handler(${event}, {})`
  const taken = await inTurn(15, {
    notify: time(notify),
    withFile: time(notify, { CONFIG_FILE: writeRules() }),
    parsedBefore: time(`JSON.parse(${JSON.stringify(JSON.stringify(parse(manyRules(40))))}); ${notify}`),
    bare: time(
      `require('node:https'); const { request } = require('node:http'); request('${apiRoot}/', { method: 'POST' }, (answer) => answer.resume()).end('{}')`,
    ),
  })
  server.close()
  const ratios = taken.notify.map((milliseconds, round) => milliseconds / (taken.bare[round] ?? Number.NaN))
  return {
    milliseconds: median(taken.notify),
    bareMilliseconds: median(taken.bare),
    ratio: median(ratios),
    withFile: median(taken.withFile),
    parsedBefore: median(taken.parsedBefore),
  }
}

/** Forty rules, without a time zone: the first use of one takes as long as all of them. */
function writeRules(): string {
  const file = fileURLToPath(new URL('../../.bench/rules.yml', import.meta.url))
  writeFileSync(file, manyRules(40))
  return file
}
