import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lib/adapters/clock.ts'
import { parseConfig } from '../../lib/app/config/config.ts'
import { openStore } from '../../lib/app/open-store.ts'
import type { Fault } from '../../lib/emulator/faults.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import type { Clock, Store } from '../../lib/pipeline/ports.ts'
import { chatId } from './app.ts'
import { type Child, type Fate, startChild, until } from './children.ts'
import { lastingText } from './records.ts'
import type { NewState } from './scenarios.ts'

/** A chat and a store, with processes of the program that share a clock, which tests can move forward. */
export interface Stage {
  emulator: Emulator
  /** The store, opened by one more process. */
  store: Store
  clock: Clock
  /** A new process. */
  start(fate?: Fate): Child
  pass(seconds: number): void
  /** The visible texts, in order. */
  texts(): string[]
  /** Runs `work` in a process that is killed after its request is written, or accepted, and before it is answered. */
  killed(isAccepted: boolean, work: (child: Child) => Promise<unknown>): Promise<unknown>
  /** Sweeps once a minute until nothing is pending. */
  sweepUntilDelivered(sweeper?: Child): Promise<void>
}

/** Runs `work` on a new stage. Ends every process and removes the store, even after an error. */
export async function onStage<Result>(newState: NewState, work: (stage: Stage) => Promise<Result>): Promise<Result> {
  const { environment: state, remove } = await newState()
  const folder = mkdtempSync(join(tmpdir(), 'stage-'))
  const clockFile = join(folder, 'ahead')
  const children: Child[] = []
  let ahead = 0
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead }
  // Unpaced, because delays between process and emulator are not the program's fault.
  const emulator = await startEmulator({ clock, isPaced: false })
  const environment = {
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_CHAT_ID: String(chatId),
    TELEGRAM_API_ROOT: emulator.apiRoot,
    CLUSTER_NAME: 'test',
    ...state,
  }
  const parsed = parseConfig(environment)
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const store = await openStore(parsed.config.state, { clock })

  const stage: Stage = {
    emulator,
    store,
    clock,
    start(fate) {
      const child = startChild(environment, clockFile, fate)
      children.push(child)
      return child
    },
    pass(seconds) {
      ahead += seconds * 1_000
      // Replaced atomically, so that no process reads half of it.
      writeFileSync(`${clockFile}.new`, String(ahead))
      renameSync(`${clockFile}.new`, clockFile)
    },
    texts: () => emulator.messages(chatId).map(({ text }) => lastingText(text)),
    async killed(isAccepted, work) {
      const fault: Fault = { kind: 'slow', milliseconds: Number.POSITIVE_INFINITY, isAccepted }
      emulator.inject(fault)
      const child = stage.start()
      const ended = work(child)
      await until(() =>
        emulator.journal.some(({ status, accepted }) => status === 'pending' && accepted === isAccepted),
      )
      child.kill()
      return ended
    },
    async sweepUntilDelivered(sweeper = stage.start()) {
      for (let minutes = 0; (await sweeper.sweep()).pending > 0; minutes += 1) {
        if (minutes > 60) throw new Error('still pending after an hour')
        stage.pass(60)
      }
    },
  }
  stage.pass(0)
  try {
    return await work(stage)
  } finally {
    for (const child of children) await child.end()
    store.close()
    await emulator.close()
    await remove()
    rmSync(folder, { recursive: true })
  }
}
