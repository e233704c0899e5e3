import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import { chatId, startApp } from '../support/app.ts'
import { envelope, event, record } from '../support/records.ts'

const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64')
const intact = envelope(event(1))

const mutated = fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 8 })).map(([at, length, text]) => {
  const from = at % intact.length
  return base64(intact.slice(0, from) + text + intact.slice(from + (length % 40)))
})
const field = fc.constantFrom(
  'metadata',
  'involvedObject',
  'related',
  'reason',
  'message',
  'source',
  'count',
  'series',
  'lastTimestamp',
  'eventTime',
  'type',
)
const retyped = fc.dictionary(field, fc.jsonValue()).map((fields) => base64(envelope({ ...event(1), ...fields })))
const nested = fc
  .integer({ min: 1, max: 5_000 })
  .map((depth) => base64(envelope(`{"involvedObject":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`)))
const long = fc
  .constantFrom('x', '🚀', '<', '&', '\u0000', '\ud83d', 'é ')
  .map((unit) =>
    base64(
      envelope(event(1, { message: unit.repeat(Math.ceil(1_000_000 / unit.length)), reason: unit.repeat(9_000) })),
    ),
  )

const flood = fc.constantFrom('1', '=', '12345:').map((unit) => unit.repeat(Math.ceil(1_000_000 / unit.length)))
const floods = fc.oneof(
  flood,
  flood.map((text) => base64(text)),
  flood.map((name) => base64(envelope(event(1, { metadata: { name }, reason: name })))),
)

const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4_000, arbitrary: mutated },
  { weight: 3_000, arbitrary: retyped },
  { weight: 1_500, arbitrary: fc.uint8Array({ maxLength: 400 }).map(base64) },
  { weight: 500, arbitrary: fc.json().map((text) => base64(text)) },
  { weight: 400, arbitrary: fc.string() },
  { weight: 300, arbitrary: nested },
  { weight: 290, arbitrary: fc.jsonValue() },
  { weight: 10, arbitrary: long },
  { weight: 10, arbitrary: floods },
)

it('10,000 random and mutated records each get an outcome, and Telegram accepts every message', async () => {
  const app = await startApp()
  const values = fc.sample(value, { numRuns: 10_000, seed: 20_261_124 })
  for (let first = 0; first < values.length; first += 500) {
    const batch = toLambdaEvent([record(0)])
    const [template] = Object.values(batch.records)[0] ?? []
    const list = values
      .slice(first, first + 500)
      .map((made, index) => ({ ...template, offset: first + index, value: made }))
    expect(await app.notify({ ...batch, records: { 'kube-events-0': list } }, 1e8)).toEqual({ batchItemFailures: [] })
  }
  const outcomes = app.log.filter(({ message }) => message === 'record')
  expect(outcomes.map(({ offset }) => offset)).toEqual(values.map((_, index) => index))
  expect(new Set(outcomes.map(({ outcome, why }) => `${outcome}: ${why}`))).toEqual(
    new Set([
      'sent: shown',
      'skipped: already shown',
      ...['empty', 'not base64', 'not UTF-8', 'not JSON', 'no EventValue', 'EventValue not JSON', 'not an Event'].map(
        (why) => `rejected: ${why}`,
      ),
    ]),
  )
  expect(app.emulator.chats.get(chatId)?.messages.length).toBe(
    outcomes.filter(({ outcome }) => outcome === 'sent').length,
  )
  await app.emulator.close()
}, 120_000)
