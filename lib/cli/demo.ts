// npm start: sends a recording through the whole program to a Telegram emulator, and shows the chat. Needs no network.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { renderPage } from '../emulator/view/page.ts'
import { renderTerminal } from '../emulator/view/terminal.ts'
import { explanation } from './command.ts'
import { readBatches } from './recording.ts'
import { rehearse } from './replay/rehearsal.ts'
import { renderReplaySummary } from './replay/summary.ts'

const [file = 'test/batches/eight-minutes.ndjson.gz'] = process.argv.slice(2)
const page = '.demo/chat.html'

try {
  const batches = await readBatches(file, 100)
  const environment = { ...process.env, CLUSTER_NAME: process.env.CLUSTER_NAME || 'demo' }
  const { chats, summary, warnings } = await rehearse(batches, { environment, mostMinutes: 60 })
  const shown = [...chats.values()]
  for (const warning of warnings) console.error(`note: ${warning}`)
  console.log(renderTerminal(shown, { hasColor: process.stdout.hasColors?.() ?? false }))
  console.log(`${file}, in virtual time:\n${renderReplaySummary(summary)}`)
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, renderPage({ title: 'kube-eventer in Telegram', chats: shown }))
  console.log(nextSteps())
} catch (error) {
  console.error(explanation(error))
  process.exitCode = 1
}

function nextSteps(): string {
  return `
The chat, step by step:  ${join(process.cwd(), page)}

Next:
  npx node dist/kube-eventer-telegram.mjs replay test/recordings/cluster-mixed.ndjson.gz --page chat.html   # a larger recording
  export TELEGRAM_BOT_TOKEN=123456789:AAE… TELEGRAM_CHAT_ID=-1001234567890                                  # README.md, "With a real bot"
  npx node dist/kube-eventer-telegram.mjs replay ${file} --to telegram --state sqlite:state.db`
}
