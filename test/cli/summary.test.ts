import { describe, expect, test } from 'vitest'
import { howToGoOn } from '../../lib/cli/replay/live.ts'
import { type ReplaySummary, renderReplaySummary } from '../../lib/cli/replay/summary.ts'
import { startTally } from '../../lib/cli/replay/tally.ts'

const summary: ReplaySummary = {
  records: 1_097,
  batches: 15,
  recordedMinutes: 5,
  minutes: 18,
  outcomes: {},
  incidents: 62,
  messages: 64,
  requests: 210,
  edits: 140,
  invocations: 15,
  pending: 0,
  nextAt: undefined,
  undelivered: 0,
}

describe('renderReplaySummary', () => {
  test('lists the outcomes', () => {
    const outcomes = { 'sent: shown': 72, 'sent: updated': 1_001, 'pending: rate limit': 20, 'rejected: not JSON': 4 }
    expect(
      renderReplaySummary({ ...summary, outcomes, refused: { 'Too Many Requests: retry after …': 2 } }),
    ).toMatchInlineSnapshot(`
        "1,097 records in 15 batches; 5 minutes of recording, finished after 18 minutes
          sent      1,073  updated 1,001, shown 72
          pending      20  rate limit; delivered later
          rejected      4  not JSON
        62 incidents in 64 messages; 210 requests to Telegram, including 140 edits
        refused by Telegram: 2 × Too Many Requests: retry after …"
      `)
  })

  test('says what is left', () => {
    const { messages: _, ...uncounted } = summary
    const left = {
      ...uncounted,
      records: 1,
      batches: 1,
      pending: 1,
      nextAt: 0,
      undelivered: 3,
      outcomes: { 'pending: rate limit': 1 },
    }
    expect(renderReplaySummary(left)).toMatchInlineSnapshot(`
      "1 record in 1 batch; finished after 18 minutes
        pending       1  rate limit
      62 incidents; 210 requests to Telegram, including 140 edits
      still pending: 1 incident; the next is due at 00:00:00 UTC
      still in Kafka: 3 records, because Telegram did not accept them in time"
    `)
  })

  test.each([
    [119, '119 minutes'],
    [150, '3 hours'],
    [3_048_393, '2,117 days'],
  ])('%d minutes are %s', (recordedMinutes, said) => {
    expect(renderReplaySummary({ ...summary, recordedMinutes })).toContain(`; ${said} of recording`)
  })
})

test.each<[string, Partial<ReplaySummary>, string | undefined, RegExp]>([
  ['nothing left', {}, undefined, /^Nothing is left/],
  ['pending, durable', { pending: 1 }, 'sqlite:x.db', /stored in sqlite:x\.db/],
  ['returned, memory', { undelivered: 1 }, 'memory', /^STATE=memory stores nothing/],
  ['returned, no state', { undelivered: 1 }, undefined, /^STATE=memory stores nothing/],
])('says how to deliver what is left: %s', (_name, left, state, expected) => {
  expect(howToGoOn({ ...summary, ...left }, state)).toMatch(expected)
})

describe('startTally', () => {
  const line = (fields: object) => `${JSON.stringify({ level: 'info', ...fields })}\n`
  const record = (offset: number, outcome: string, why: string, chat: string | null = '-1') =>
    line({ message: 'record', topic: 't', partition: 0, offset, chat, outcome, why, incident: `i${offset % 2}` })

  test('counts each record once, by its last outcome', () => {
    const tally = startTally()
    for (const written of [
      record(1, 'returned', 'cool-down'),
      record(2, 'sent', 'shown'),
      record(1, 'pending', 'rate limit'),
      record(11, 'sent', 'shown'),
      record(1, 'sent', 'shown', '-2'),
      line({ message: 'batch', Requests: 3, Edits: 1 }),
      line({ message: 'sweep', Requests: 2, Edits: 2 }),
      line({ level: 'warn', message: 'TZ: given "x"' }),
      'no JSON\n',
    ])
      tally.write(written)
    expect(tally.counts()).toEqual({
      outcomes: { 'pending: rate limit': 1, 'sent: shown': 3 },
      incidents: 2,
      requests: 5,
      edits: 3,
      warnings: ['TZ: given "x"'],
    })
    expect(tally.outcomesOf('t', 0, 1)).toEqual(['pending: rate limit', 'sent: shown'])
  })
})
