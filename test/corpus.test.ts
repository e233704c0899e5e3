import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ConsumedRecord } from '../lib/adapters/kafka/lambda-event.ts'
import { plainText } from '../lib/core/message/html.ts'
import { startApp } from './support/app.ts'
import { readRecording, recordingNames } from './support/recordings.ts'
import { envelope } from './support/records.ts'
import { loadTdlib } from './support/tdlib.ts'

const tdlib = loadTdlib()
const corpus = process.env.CORPUS
const corpusFiles = ['real-events.jsonl', 'awkward-cases.jsonl'].map((name) => `${corpus}/${name}`)
const hasCorpus = corpus !== undefined && corpusFiles.every((file) => existsSync(file))

afterAll(() => {
  if (!tdlib) console.log('skipped: Telegram’s own parser (@prebuilt-tdlib is not installed)')
  if (!hasCorpus) console.log('skipped: the corpus of real events (CORPUS names no folder that has it)')
})

interface Identified {
  metadata?: { uid?: unknown; resourceVersion?: unknown }
}

/** Each event as a record; those that share an identity get a resourceVersion of their own. */
function toRecords(events: Identified[]): ConsumedRecord[] {
  const identities = new Set<string>()
  return events.map((event, offset) => {
    const identity = `${event.metadata?.uid} ${event.metadata?.resourceVersion}`
    const own = identities.has(identity) ? { metadata: { ...event.metadata, resourceVersion: `${offset} again` } } : {}
    identities.add(identity)
    const value = envelope({ ...event, ...own })
    return { topic: 'kube-events', partition: offset % 3, offset: String(offset), timestamp: '-1', value }
  })
}

function readRecorded(name: string): Identified[] {
  return readRecording(name).map(({ value }) => JSON.parse(JSON.parse(value ?? '').EventValue))
}

function readCorpus(file: string): Identified[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line).event)
}

/** The markup of each message. Fails if a record is not shown. */
async function show(records: ConsumedRecord[]): Promise<string[]> {
  const app = await startApp({ environment: { TZ: 'Asia/Shanghai' } })
  for (let first = 0; first < records.length; first += 500) {
    expect(await app.notify(records.slice(first, first + 500), 1e8)).toEqual({ batchItemFailures: [] })
  }
  expect(app.log.filter(({ message, why }) => message === 'record' && why !== 'shown')).toEqual([])
  expect(app.emulator.messages()).toHaveLength(records.length)
  await app.emulator.close()
  return app.emulator.journal.map(({ payload }) => String(payload.text))
}

/** The markup of each message and edit, with one message per incident. */
async function showIncidents(records: ConsumedRecord[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'))
  const app = await startApp({ environment: { STATE: `sqlite:${join(folder, 'state.db')}` }, isPaced: true })
  for (let first = 0; first < records.length; first += 500) {
    expect(await app.notify(records.slice(first, first + 500))).toEqual({ batchItemFailures: [] })
  }
  await app.sweepUntilDelivered(6_000)
  await app.close()
  rmSync(folder, { recursive: true })
  expect(app.emulator.journal.filter(({ status }) => status !== 200)).toEqual([])
  return app.emulator.journal.map(({ payload }) => String(payload.text))
}

function expectAccepted(markups: string[]) {
  for (const markup of markups) {
    const parsed = tdlib?.(markup) ?? { text: plainText({ markup }), entities: [] }
    if ('error' in parsed) throw new Error(`${parsed.error}: ${markup}`)
    expect(parsed.text).toBe(plainText({ markup }))
    expect([...parsed.text].length).toBeLessThanOrEqual(4096)
    expect(parsed.entities.length).toBeLessThanOrEqual(100)
    expect(Buffer.byteLength(markup)).toBeLessThanOrEqual(32_768)
  }
}

describe('every record is shown, and Telegram’s own parser accepts each message', () => {
  it.each(recordingNames())(
    'recording %s',
    async (name) => expectAccepted(await show(toRecords(readRecorded(name)))),
    60_000,
  )

  it.each(recordingNames())(
    'recording %s, as incidents',
    async (name) => expectAccepted(await showIncidents(toRecords(readRecorded(name)))),
    60_000,
  )

  it.runIf(hasCorpus).each(corpusFiles)(
    '%s, as incidents',
    async (file) => expectAccepted(await showIncidents(toRecords(readCorpus(file)))),
    240_000,
  )

  it.runIf(hasCorpus).each(corpusFiles)(
    '%s',
    async (file) => expectAccepted(await show(toRecords(readCorpus(file)))),
    120_000,
  )
})
