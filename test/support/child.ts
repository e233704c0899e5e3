import { readFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { systemClock } from '../../lib/adapters/clock.ts'
import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import { createApp } from '../../lib/app/app.ts'
import { loadConfig } from '../../lib/app/config/load.ts'
import { openStore } from '../../lib/app/open-store.ts'
import type { Clock, Store } from '../../lib/pipeline/ports.ts'
import type { Command, Fate, Reply } from './children.ts'

/*
 * The program in a process of its own: a command a line on stdin, an answer a line on stdout (test/support/children.ts). FATE says at
 * which step it kills or freezes itself, and CLOCK_FILE by how many milliseconds its clock is ahead.
 */

const { CLOCK_FILE: clockFile = '', FATE: fateText = '' } = process.env

const clock: Clock = { ...systemClock, now: () => systemClock.now() + Number(readFileSync(clockFile, 'utf8')) }

function say(line: object) {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

function withFate(store: Store): Store {
  if (fateText === '') return store
  const { method, when, call, signal }: Fate = JSON.parse(fateText)
  let calls = 0
  return interceptStore(store, async (called, carryOut) => {
    if (called !== method) return carryOut()
    calls += 1
    const isMet = calls === call
    if (isMet && when === 'before') meet(signal)
    const answer = await carryOut()
    if (isMet && when === 'after') meet(signal)
    return answer
  })
}

function meet(signal: Fate['signal']) {
  say({ met: true })
  process.kill(process.pid, signal)
}

const lines: string[] = []
const app = createApp(await loadConfig(), {
  clock,
  write: (line) => void lines.push(line),
  openState: async (...words) => withFate(await openStore(...words)),
})

function run({ command, event, milliseconds }: Command): Promise<unknown> {
  return command === 'notify' ? app.notify(event, milliseconds) : app.sweep(milliseconds)
}

for await (const line of createInterface({ input: process.stdin })) {
  const answered = await run(JSON.parse(line)).then(
    (answer) => ({ answer }),
    (error: Error) => ({ error: String(error.stack) }),
  )
  const log = lines.splice(0).map((text) => JSON.parse(text))
  say({ ...answered, log } satisfies Reply)
}
await app.close()
