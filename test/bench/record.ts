import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { decode } from '../../lib/core/event/decode.ts'
import { fold, toTargetedEvent } from '../../lib/core/incident/fold.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import type { Router } from '../../lib/core/routing/router.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import { readRecording } from '../support/recordings.ts'
import { envelope } from '../support/records.ts'
import { chat, cpuMilliseconds, inTurn, median } from './processes.ts'
import { manyRules, routerOf } from './rules.ts'

/** Values as kube-eventer writes them: the corpus's events if CORPUS names its folder, else a recording. */
export async function readValues(): Promise<{ name: string; values: string[] }> {
  const folder = process.env.CORPUS
  const file = `${folder}/real-events.jsonl`
  if (!folder || !existsSync(file))
    return { name: 'recording cluster-mixed', values: readRecording('cluster-mixed').map(({ value }) => value ?? '') }
  const values: string[] = []
  for await (const line of createInterface({ input: createReadStream(file) }))
    values.push(envelope(JSON.parse(line).event))
  return { name: 'corpus', values }
}

/**
 * Microseconds of CPU for a record, from its bytes in Lambda's event to the text of a message: of the program with 200 custom rules, of a handler
 * that only parses and fills in a text, and of a Python script that does the same. They run in turn, so that the ratios are comparable.
 */
export async function measureRecord() {
  const { name, values } = await readValues()
  const encoded = values.map((value) => Buffer.from(value).toString('base64'))
  const router = routerOf(manyRules(200))
  const time = (work: (value: string) => unknown) => () => {
    const before = cpuMilliseconds()
    for (const value of encoded) work(value)
    return ((cpuMilliseconds() - before) / encoded.length) * 1_000
  }
  const works = {
    naive: time(textOf),
    ours: time((value) => cardsOf(value, router)),
    python: () => timePython(encoded),
  }
  await inTurn(2, works)
  const taken = await inTurn(9, works)
  const beside = (peer: number[]) => ({
    microseconds: median(peer),
    ratio: median(taken.ours.map((microseconds, round) => microseconds / (peer[round] ?? Number.NaN))),
  })
  return {
    name,
    microseconds: median(taken.ours),
    naive: beside(taken.naive),
    /** NaN without Python. */
    python: beside(taken.python),
  }
}

/** A handler without incidents. */
function textOf(value: string): string {
  const { EventValue } = JSON.parse(Buffer.from(value, 'base64').toString('utf8')) as { EventValue: string }
  const { type, reason, message, involvedObject = {}, lastTimestamp } = JSON.parse(EventValue)
  return `${type} ${reason}\n${involvedObject.kind} ${involvedObject.namespace}/${involvedObject.name}\n${message}\n${lastTimestamp}`
}

const python = `
import base64, json, sys, time
values = sys.stdin.read().split()
def text(value):
    event = json.loads(json.loads(base64.b64decode(value))["EventValue"])
    about = event.get("involvedObject", {})
    where = f'{about.get("kind")} {about.get("namespace")}/{about.get("name")}'
    return f'{event.get("type")} {event.get("reason")}\\n{where}\\n{event.get("message")}\\n{event.get("lastTimestamp")}'
started = time.process_time()
for value in values:
    text(value)
print((time.process_time() - started) / len(values) * 1e6)
`

/** NaN without Python. */
function timePython(encoded: string[]): number {
  const { stdout } = spawnSync('python3', ['-c', python], { input: encoded.join('\n'), encoding: 'utf8' })
  return Number.parseFloat(stdout ?? '')
}

const target = parseTarget(chat) ?? { name: chat, chat, threadId: undefined }
const renderer = createRenderer({ timeZone: 'UTC', words: en })
const now = Date.parse('2026-11-24T12:00:00Z')

/** From a record to the text of its message, if the rules show it. */
function cardsOf(value: string, router: Router): unknown {
  const decoded = decode(value)
  if ('problem' in decoded) throw new Error(decoded.problem)
  const { facts, ruling } = router(decoded.event, 'prod', now)
  if (ruling.action !== 'show') return undefined
  const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value }
  return fold([toTargetedEvent({ record, target, facts, ruling }, true)]).map(({ identity, entries }) =>
    entries.map(({ merged }) => renderer.text({ identity, merged })),
  )
}
