import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { cli, temporaryFolder } from './spawn.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The command as a child process, once it has printed its introduction. */
async function startCommand(env: Record<string, string> = {}) {
  const port = await freePort()
  const child = spawn(process.execPath, ['lib/cli/main.ts', 'emulator', '--port', port], {
    cwd: root,
    env: childEnvironment({ TZ: 'UTC', ...env }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line.includes('Ctrl-C')) break
  }
  const variables = lines.flatMap((line) => {
    const [, name, value] = /^ {2}export (\w+)=(\S+)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  return { child, text: lines.join('\n'), port, variables: Object.fromEntries(variables) }
}

async function freePort(): Promise<string> {
  const emulator = await startEmulator()
  await emulator.close()
  return new URL(emulator.apiRoot).port
}

test('prints the variables to set and the address of its page, which shows what replay sends', async () => {
  const { child, text, port, variables } = await startCommand()
  expect(Object.keys(variables)).toEqual(['TELEGRAM_API_ROOT', 'TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID'])
  const page = `http://127.0.0.1:${port}/`
  expect(text).toContain(page)

  const empty = await fetch(page)
  expect(await empty.text()).toContain('No messages yet')
  const unchanged = { headers: { 'if-none-match': empty.headers.get('etag') ?? '' } }
  expect((await fetch(page, unchanged)).status).toBe(304)

  const args = ['replay', 'test/batches/poison.json', '--to', 'telegram', '--yes', '--state', 'memory']
  expect(await cli(args, variables)).toMatchObject({ code: 0 })
  const changed = await fetch(page, unchanged)
  expect(changed.status).toBe(200)
  const html = await changed.text()
  expect(html).toContain('9 messages')
  expect(html).toContain("connect-src 'self'")
  expect(html).not.toContain('<nav id="stepper"')

  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('has a chat for each target of the rules', async () => {
  const rules = join(temporaryFolder(), 'rules.yml')
  writeFileSync(rules, 'targets: { on call: "@oncall" }\nroutes: [{ match: { kind: Node }, to: on call }]\n')
  const { port } = await startCommand({ CONFIG_FILE: rules })
  const html = await (await fetch(`http://127.0.0.1:${port}/`)).text()
  expect([...html.matchAll(/<h1>(.*?)<\/h1>/g)].map(([, title]) => title)).toEqual(['Cluster alerts', 'on call'])
})

test('says that its port is in use', async () => {
  const { port } = await startCommand()
  expect(await cli(['emulator', '--port', port])).toEqual({
    code: 1,
    stdout: '',
    stderr: `port ${port} is already in use: choose another one with --port\n`,
  })
})
