// npm start: a recorded Kafka batch through `serverless invoke local` into the stand-in, and what a reader of the chat then sees.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseJson } from '../event/json.ts'
import { renderPage } from '../standin/page.ts'
import { type Standin, startStandin } from '../standin/server.ts'
import { renderTerminal } from '../standin/terminal.ts'

const [batch = 'test/batches/trouble.json'] = process.argv.slice(2)
const page = '.demo/chat.html'

const standin = await startStandin()
try {
  console.log(`npx serverless invoke local -f notify -p ${batch}\n`)
  const output = await invokeLocal(standin)
  console.log(renderTerminal([...standin.chats.values()], { hasColor: process.stdout.hasColors?.() ?? false }))
  console.log(outcomes(output))
  writePage(standin)
  console.log(nextStep())
} catch (error) {
  console.error(`The demo failed: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  await standin.close()
}

async function invokeLocal({ apiRoot, token, chats }: Standin): Promise<string> {
  const [chat] = chats.keys()
  // osls asks nobody and sends nothing; AWS is not needed.
  const environment = {
    ...process.env,
    TELEGRAM_API_ROOT: apiRoot,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_BOT_TOKEN_PARAMETER: '',
    TELEGRAM_BOT_TOKEN_SECRET: '',
    TELEGRAM_CHAT_ID: String(chat),
    CLUSTER_NAME: process.env.CLUSTER_NAME ?? 'demo',
  }
  const serverless = join(dirname(createRequire(import.meta.url).resolve('osls/package.json')), 'bin/serverless.js')
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [serverless, 'invoke', 'local', '-f', 'notify', '-p', batch],
    {
      env: environment,
      maxBuffer: 64 * 1024 * 1024,
    },
  ).catch((error: { stdout?: string; stderr?: string; message: string }) => {
    throw new Error([error.stdout, error.stderr].join('').trim() || error.message)
  })
  return stdout + stderr
}

interface Summary {
  message?: string
  Records?: number
  Sent?: number
  Skipped?: number
  Rejected?: number
  Deferred?: number
  ms?: number
}

function outcomes(output: string): string {
  const summary = output
    .split('\n')
    .map((line) => parseJson(line) as Summary | undefined)
    .find((line) => line?.message === 'batch')
  if (!summary) throw new Error(`no outcome in the output:\n${output}`)
  const { Records, Sent, Skipped, Rejected, Deferred, ms } = summary
  return `${Records} records: ${Sent} sent, ${Skipped} skipped, ${Rejected} rejected, ${Deferred} deferred, in ${((ms ?? 0) / 1_000).toFixed(1)} s`
}

function writePage({ chats }: Standin) {
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, renderPage({ title: 'kube-eventer in Telegram', chats: [...chats.values()] }))
  console.log(`\nThe same chat as a page:  ${join(process.cwd(), page)}`)
}

function nextStep() {
  return `
Next, with a bot of your own (README, "A real bot"):
  export TELEGRAM_BOT_TOKEN=123456789:AAE…   # from @BotFather
  export TELEGRAM_CHAT_ID=-1001234567890     # or -1001234567890:42 for a thread of it
  npx serverless invoke local -f notify -p ${batch}`
}
