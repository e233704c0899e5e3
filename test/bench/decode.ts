import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { decode } from '../../lib/event/decode.ts'
import { card } from '../../lib/format/card.ts'
import { readRecording } from '../support/recordings.ts'
import { envelope } from '../support/records.ts'
import { inTurn, median } from './processes.ts'

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

/** Speed of decode + format as a share of bare base64 and two JSON.parse, over the same values in the same run. */
export async function measureDecode() {
  const { name, values } = await readValues()
  const time = (work: (value: string) => unknown) => () => {
    const startedAt = performance.now()
    for (const value of values) work(value)
    return ((performance.now() - startedAt) / values.length) * 1_000
  }
  const bare = time((value) => JSON.parse(JSON.parse(Buffer.from(value, 'base64').toString('utf8')).EventValue))
  const ours = time((value) => {
    const decoded = decode(value)
    if ('problem' in decoded) throw new Error(decoded.problem)
    return card(decoded.event, { cluster: 'prod', timeZone: 'Asia/Shanghai' })
  })
  await inTurn(5, { bare, ours })
  const taken = await inTurn(25, { bare, ours })
  const ratios = taken.bare.map((microseconds, round) => microseconds / (taken.ours[round] ?? Number.NaN))
  return { name, bareMicroseconds: median(taken.bare), microseconds: median(taken.ours), ratio: median(ratios) }
}
