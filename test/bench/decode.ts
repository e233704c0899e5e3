import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { decode } from '../../lib/event/decode.ts'
import { createRenderer } from '../../lib/format/render.ts'
import { en } from '../../lib/format/words/en.ts'
import { sha256 } from '../../lib/hash.ts'
import { fold, toDelivery } from '../../lib/incident/fold.ts'
import { parseTarget } from '../../lib/route/target.ts'
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

/** Speed of decode + fold + format as a share of bare base64 and two JSON.parse, over the same values in the same run. */
export async function measureDecode() {
  const { name, values } = await readValues()
  const time = (work: (value: string) => unknown) => () => {
    const startedAt = performance.now()
    for (const value of values) work(value)
    return ((performance.now() - startedAt) / values.length) * 1_000
  }
  const target = parseTarget('-1001234567890')
  if (!target) throw new Error('no target')
  const renderer = createRenderer({ timeZone: 'Asia/Shanghai', words: en }, sha256)
  const bare = time((value) => JSON.parse(JSON.parse(Buffer.from(value, 'base64').toString('utf8')).EventValue))
  const ours = time((value) => {
    const decoded = decode(value)
    if ('problem' in decoded) throw new Error(decoded.problem)
    const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value }
    const delivery = toDelivery({ record, event: decoded.event, target, cluster: 'prod' }, true, sha256)
    return fold([delivery], sha256).map(
      ({ identity, entries: [entry] }) => entry && renderer.text({ identity, merged: entry.merged }),
    )
  })
  await inTurn(5, { bare, ours })
  const taken = await inTurn(25, { bare, ours })
  const ratios = taken.bare.map((microseconds, round) => microseconds / (taken.ours[round] ?? Number.NaN))
  return { name, bareMicroseconds: median(taken.bare), microseconds: median(taken.ours), ratio: median(ratios) }
}
