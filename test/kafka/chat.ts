import { expect } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { parseConfig } from '../../lib/config/schema.ts'
import { toLambdaEvent } from '../../lib/kafka/event.ts'
import { type Standin, startStandin } from '../../lib/standin/server.ts'
import { wire } from '../../lib/wire.ts'
import { temporaryFolder } from '../cli/spawn.ts'
import { committed, endsOf, eventually, readTopic } from './topic.ts'
import type { RunningWorker } from './worker.ts'

/** What readers see, without what depends on when it was delivered. */
export function textsOf(standin: Pick<Standin, 'messages'>): string[] {
  return standin
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

/** What one undisturbed run of Lambda's functions makes of all that is in a topic. */
export async function cleanRun(topic: string, environment: Record<string, string> = {}): Promise<Clean> {
  const standin = await startStandin({ isPaced: false })
  const parsed = parseConfig({
    TELEGRAM_BOT_TOKEN: standin.token,
    TELEGRAM_CHAT_ID: '-1001234567890',
    TELEGRAM_API_ROOT: standin.apiRoot,
    CLUSTER_NAME: 'test',
    STATE: `sqlite:${temporaryFolder()}/clean.db`,
    ...environment,
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const lines: string[] = []
  const app = wire(parsed.config, { write: (line) => void lines.push(line) })
  const records = await readTopic(topic)
  const { batchItemFailures } = await app.notify(toLambdaEvent(records), 300_000)
  expect(batchItemFailures).toEqual([])
  for (;;) {
    const startedAt = systemClock.now()
    const { owed, retryAt } = await app.sweep(60_000)
    if (owed === 0) break
    const nextAt = Math.min(
      retryAt ?? Number.POSITIVE_INFINITY,
      (await app.nextDue(startedAt)) ?? Number.POSITIVE_INFINITY,
    )
    await systemClock.sleep(Math.max(100, Math.min(nextAt - systemClock.now(), 60_000)))
  }
  await app.close()
  await standin.close()
  const outcomes = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === 'record')
    .map(({ partition, offset, outcome, why }) => `${partition}/${offset} ${outcome}: ${why}`)
  return { texts: textsOf(standin), outcomes }
}

/** Resolves once all is committed and nothing is owed. */
export async function paid(worker: RunningWorker, topic: string, seconds = 90): Promise<void> {
  const ends = String(await endsOf(topic))
  await eventually('all is committed', async () => String(await committed(topic, topic)) === ends, { seconds })
  await eventually(
    'nothing is owed',
    async () => (await worker.get('/metrics')).text.includes('\nkube_eventer_telegram_owed_incidents 0\n'),
    { seconds },
  )
}
