import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { decode } from '../../lib/event/decode.ts'
import { createRenderer } from '../../lib/format/render.ts'
import { en } from '../../lib/format/words/en.ts'
import { sha256 } from '../../lib/hash.ts'
import { fold, toDelivery, withoutRules } from '../../lib/incident/fold.ts'
import type { Renderer } from '../../lib/incident/incident.ts'
import type { Hash } from '../../lib/incident/key.ts'
import { factsOf } from '../../lib/route/subject.ts'
import { parseTarget } from '../../lib/route/target.ts'
import { readRecording } from '../support/recordings.ts'
import { envelope } from '../support/records.ts'
import { inTurn, median } from './processes.ts'

const sameHash = '0'.repeat(64)

/** Values as Lambda hands them over: the corpus's events if CORPUS names its folder, else a recording. */
export async function readValues(): Promise<{ name: string; values: string[] }> {
  const folder = process.env.CORPUS
  const file = `${folder}/real-events.jsonl`
  const name = folder && existsSync(file) ? 'corpus' : 'recording cluster-mixed'
  const texts: string[] = []
  if (name === 'corpus') {
    for await (const line of createInterface({ input: createReadStream(file) }))
      texts.push(envelope(JSON.parse(line).event))
  } else {
    texts.push(...readRecording('cluster-mixed').map(({ value }) => value ?? ''))
  }
  return { name, values: texts.map((text) => Buffer.from(text).toString('base64')) }
}

/**
 * Speed as a share of bare base64 and two JSON.parse, over the same values in the same run: of decoding and making the card, and of all that
 * is done for a record, SHA-256 of its content and its text included.
 */
export async function measureDecode() {
  const { name, values } = await readValues()
  const time = (work: (value: string) => unknown) => () => {
    const startedAt = performance.now()
    for (const value of values) work(value)
    return ((performance.now() - startedAt) / values.length) * 1_000
  }
  const target = parseTarget('-1001234567890')
  if (!target) throw new Error('no target')
  const bare = time((value) => JSON.parse(JSON.parse(Buffer.from(value, 'base64').toString('utf8')).EventValue))
  const withHash = (hash: Hash) => {
    const renderer = createRenderer({ timeZone: 'Asia/Shanghai', words: en }, hash)
    return time((value) => all(value, hash, renderer))
  }
  const all = (value: string, hash: Hash, renderer: Renderer) => {
    const decoded = decode(value)
    if ('problem' in decoded) throw new Error(decoded.problem)
    const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value }
    const delivery = toDelivery({ record, target, ...withoutRules(factsOf(decoded.event, 'prod')) }, true, hash)
    return fold([delivery], hash).map(
      ({ identity, entries: [entry] }) => entry && renderer.text({ identity, merged: entry.merged }),
    )
  }
  const works = { bare, card: withHash(() => sameHash), all: withHash(sha256) }
  await inTurn(5, works)
  const taken = await inTurn(25, works)
  const figure = (times: number[]) => ({
    microseconds: median(times),
    ratio: median(taken.bare.map((microseconds, round) => microseconds / (times[round] ?? Number.NaN))),
  })
  return { name, bareMicroseconds: median(taken.bare), card: figure(taken.card), all: figure(taken.all) }
}
