import { expect } from 'vitest'
import { systemClock } from '../../lib/adapters/clock.ts'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { createApp } from '../../lib/app/app.ts'
import { parseConfig } from '../../lib/app/config/config.ts'
import { type Emulator, startEmulator } from '../../lib/emulator/server.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { committed, endsOf, eventually, readTopic } from './topic.ts'
import type { RunningWorker } from './worker.ts'

/** The texts in the chat, without lines that depend on the time of delivery. */
export function textsOf(emulator: Pick<Emulator, 'messages'>): string[] {
  return emulator
    .messages()
    .map(({ text }) =>
      text
        .split('\n')
        .filter((line) => !/^(⏱|↻)/.test(line))
        .join('\n'),
    )
    .sort()
}

export interface Clean {
  texts: string[]
  outcomes: string[]
}

/** Runs Lambda's functions once, without faults, on all records of a topic. */
export async function cleanRun(topic: string, environment: Record<string, string> = {}): Promise<Clean> {
  const emulator = await startEmulator({ isPaced: false })
  const parsed = parseConfig({
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_CHAT_ID: '-1001234567890',
    TELEGRAM_API_ROOT: emulator.apiRoot,
    CLUSTER_NAME: 'test',
    STATE: `sqlite:${temporaryFolder()}/clean.db`,
    ...environment,
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const lines: string[] = []
  const app = createApp(parsed.config, { write: (line) => void lines.push(line) })
  const records = await readTopic(topic)
  const { batchItemFailures } = await app.notify(toLambdaEvent(records), 300_000)
  expect(batchItemFailures).toEqual([])
  for (;;) {
    const startedAt = systemClock.now()
    const { pending, retryAt } = await app.sweep(60_000)
    if (pending === 0) break
    const nextAt = Math.min(
      retryAt ?? Number.POSITIVE_INFINITY,
      (await app.nextDue(startedAt)) ?? Number.POSITIVE_INFINITY,
    )
    await systemClock.sleep(Math.max(100, Math.min(nextAt - systemClock.now(), 60_000)))
  }
  await app.close()
  await emulator.close()
  const outcomes = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === 'record')
    .map(({ partition, offset, outcome, why }) => `${partition}/${offset} ${outcome}: ${why}`)
  return { texts: textsOf(emulator), outcomes }
}

/** Resolves when all records are committed and nothing is pending. */
export async function untilDelivered(worker: RunningWorker, topic: string, seconds = 90): Promise<void> {
  const ends = String(await endsOf(topic))
  await eventually('all records are committed', async () => String(await committed(topic, topic)) === ends, { seconds })
  await eventually(
    'nothing is pending',
    async () => (await worker.get('/metrics')).text.includes('\nkube_eventer_telegram_pending_incidents 0\n'),
    { seconds },
  )
}
