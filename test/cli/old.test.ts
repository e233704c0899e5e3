import { describe, expect, it, test } from 'vitest'
import { configure } from '../../lib/cli/configuration.ts'
import { readBatches } from '../../lib/cli/recording.ts'
import { countOld } from '../../lib/cli/replay/old.ts'
import { rehearse } from '../../lib/cli/replay/rehearsal.ts'
import { envelope, event, record } from '../support/records.ts'
import { batchesOf } from './batches.ts'

const environment = { TELEGRAM_BOT_TOKEN: '1:unused', TELEGRAM_CHAT_ID: '-1001234567890', CLUSTER_NAME: 'test' }

/** Of this time is the latest event in `records`. */
const happenedAt = Date.parse('2026-11-23T23:26:34Z')
const hour = 3_600_000

function recordOf(number: number, name: string, fields: Record<string, unknown> = {}) {
  return record(number, { value: envelope(event(number, { involvedObject: { kind: 'Pod', name }, ...fields })) })
}

describe('the records older than 48 hours', () => {
  const all = [
    recordOf(0, 'a'),
    recordOf(1, 'a'),
    recordOf(2, 'b', { type: 'Normal', reason: 'Started', message: 'Started container b' }),
    recordOf(3, 'c', { lastTimestamp: '2026-11-25T23:26:34Z' }),
    record(4, { value: 'no event' }),
  ]
  test.each([
    ['nothing yet', 48 * hour, { records: 0, messages: 0 }],
    ['all but the youngest and what is no event', 48 * hour + 1, { records: 3, messages: 1 }],
    ['all that are events', 96 * hour + 1, { records: 4, messages: 2 }],
  ])('%s', async (_, later, expected) => {
    const config = await configure({ ...environment, STATE: 'sqlite:unused' })
    expect(countOld(batchesOf(all, 100), config, happenedAt + later)).toEqual(expected)
  })
})

it.each(['memory', undefined])('is an upper limit for the messages in the chat, with STATE=%s', async (state) => {
  const batches = await readBatches('test/batches/eight-minutes.ndjson.gz', 100)
  const config = await configure({ ...environment, STATE: state ?? 'sqlite:unused' })
  const { messages } = countOld(batches, config, happenedAt + 30 * 24 * hour)
  const { summary } = await rehearse(batches, { state, environment, mostMinutes: 60 })
  expect(summary.messages).toBeGreaterThan(0)
  expect(messages).toBeGreaterThanOrEqual(summary.messages ?? 0)
})
