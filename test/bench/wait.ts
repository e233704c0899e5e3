import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lib/adapters/clock.ts'
import { type ConsumedRecord, toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { createApp } from '../../lib/app/app.ts'
import { parseConfig } from '../../lib/app/config/config.ts'
import { isoTime } from '../../lib/core/event/time.ts'
import { startEmulator } from '../../lib/emulator/server.ts'
import { envelope, event, record } from '../support/records.ts'

const incidents = 60
const critical = 'evicted'

/**
 * Seconds from the start of a batch of 60 new incidents until a critical event in the next batch of the same partition is shown; in real time, with
 * Telegram's rate limit. As with Lambda and the worker, the second batch starts when the first has ended.
 */
export async function measureWait(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-wait-'))
  const emulator = await startEmulator({ isPaced: true })
  const parsed = parseConfig({
    TELEGRAM_BOT_TOKEN: emulator.token,
    TELEGRAM_CHAT_ID: '-1001234567890',
    TELEGRAM_API_ROOT: emulator.apiRoot,
    STATE: `sqlite:${join(folder, 'state.db')}`,
  })
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'))
  const app = createApp(parsed.config, { write: () => {} })
  const startedAt = systemClock.now()
  const first = Array.from({ length: incidents }, (_, number) => troubleOf(number, `web${number}`))
  const last = troubleOf(incidents, critical, {
    reason: 'NodeNotReady',
    message: 'Node worker-1 status is now: NodeNotReady',
    involvedObject: { kind: 'Node', name: critical },
  })
  try {
    await app.notify(toLambdaEvent(first), 300_000)
    await app.notify(toLambdaEvent([last]), 300_000)
    for (;;) {
      const shown = emulator.messages().find(({ text }) => text.includes(critical))
      if (shown) return (shown.date - startedAt) / 1_000
      await app.sweep(60_000)
    }
  } finally {
    await app.close()
    await emulator.close()
    rmSync(folder, { recursive: true })
  }
}

function troubleOf(number: number, workload: string, fields: Record<string, unknown> = {}): ConsumedRecord {
  const at = isoTime(systemClock.now())
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: `${workload}-7d9f8c6b5-x2k4p` }
  return record(number, {
    value: envelope(event(number, { involvedObject, firstTimestamp: at, lastTimestamp: at, ...fields })),
  })
}
