import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { startEmulator } from '../../lib/emulator/server.ts'
import { run } from '../cli/spawn.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { records } from '../support/records.ts'
import { startRemoteRules } from '../support/remote-rules.ts'

/** A sandbox of Lambda with the bundled function (test/support/build.ts), which waits for each event. Answers with a result or an error's message. */
function startSandbox(name: 'notify' | 'sweep', environment: Record<string, string>) {
  const bundle = fileURLToPath(new URL(`../../.bench/${name}.cjs`, import.meta.url))
  const script = `
    const { handler } = require(${JSON.stringify(bundle)})
    const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => 60_000 }
    require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
      const answer = await handler(JSON.parse(line), context).catch((error) => ({ error: error.message }))
      process.stdout.write('ANSWER ' + JSON.stringify(answer) + '\\n')
    })`
  const child = spawn(process.execPath, ['-e', script], { env: childEnvironment(environment) })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stderr.pipe(process.stderr)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const logged: Record<string, unknown>[] = []
  const invoke = async (event: unknown) => {
    child.stdin.write(`${JSON.stringify(event)}\n`)
    for (;;) {
      const { value: line = '', done } = await lines.next()
      if (done) throw new Error('the sandbox has ended')
      if (line.startsWith('ANSWER ')) return JSON.parse(line.slice('ANSWER '.length))
      logged.push(JSON.parse(line))
    }
  }
  return { invoke, logged }
}

it('the worker ends in words if its rules are wrong at its start', async () => {
  const rules = await startRemoteRules('SSM', 'rulez: []')
  onTestFinished(() => rules.close())
  const { code, stderr } = await run('functions/worker.ts', [], {
    ...{ TELEGRAM_BOT_TOKEN: '123456789:token', TELEGRAM_CHAT_ID: '-1', KAFKA_TOPICS: 'a', ...rules.environment },
  })
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `Error: 2 problems in the configuration:
- ssm:/team/rules, line 1, rulez: unknown key; did you mean "rules"?
- KAFKA_BROKERS is not set; it must be a comma-separated list of host:port\n`,
  })
})

describe.each(['SSM', 'S3'] as const)('the functions with rules in %s', (kind) => {
  it.each([
    ['notify', { batchItemFailures: [] }, toLambdaEvent(records(1))],
    ['sweep', { pending: 0 }, {}],
  ] as const)(
    '%s fails in words while they are wrong, and works in the same sandbox once they are right',
    async (name, answer, event) => {
      const emulator = await startEmulator({ isPaced: false })
      const rules = await startRemoteRules(kind, 'rulez: []')
      onTestFinished(async () => {
        await emulator.close()
        await rules.close()
      })
      const { invoke, logged } = startSandbox(name, {
        TELEGRAM_BOT_TOKEN: emulator.token,
        TELEGRAM_CHAT_ID: '-1001234567890',
        TELEGRAM_API_ROOT: emulator.apiRoot,
        AWS_LAMBDA_FUNCTION_NAME: name,
        FAILURE_MODE: 'partial',
        STATE: 'memory',
        ...rules.environment,
      })
      const problem = `1 problem in the configuration:\n- ${rules.environment.CONFIG_FILE}, line 1, rulez: unknown key; did you mean "rules"?`
      expect(await invoke(event)).toEqual({ error: problem })
      expect(await invoke(event)).toEqual({ error: problem })
      rules.put('defaults: false')
      expect(await invoke(event)).toMatchObject(answer)
      expect(emulator.messages()).toHaveLength(name === 'notify' ? 1 : 0)
      // The app was started in an invocation.
      expect(logged.filter(({ requestId }) => requestId !== 'request')).toEqual([])
      expect(logged.map(({ message }) => message)).toContain('start')
    },
  )
})
