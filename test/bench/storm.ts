import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { bodyColumns } from '../../lib/adapters/store/stored-items.ts'
import { openCompiler } from '../../lib/app/config/regex.ts'
import { readRouting } from '../../lib/app/config/routing-file.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { withoutFutureTimes } from '../../lib/core/event/future.ts'
import { apply } from '../../lib/core/incident/apply.ts'
import { fold, type TargetedEvent, toTargetedEvent } from '../../lib/core/incident/fold.ts'
import { type Incident, newIncident } from '../../lib/core/incident/incident.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { createRouter } from '../../lib/core/routing/router.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import { crashLoop } from '../support/records.ts'
import { inTurn, median } from './processes.ts'

const target = parseTarget('-1001234567890') as Target
const startAt = Date.parse('2026-11-24T12:00:00Z')
const now = startAt + 3_600_000

interface Options {
  records?: number
  /** The pods, whose counts grow in turn. */
  pods?: number
  /** How many records are merged at once before the incident is serialised as a store does it. */
  batchSize?: number
  rounds?: number
}

/** A storm on one workload, from the record to the merged incident, as a multiple of decoding base64 and two JSON.parse in the same run. */
export async function measureStorm({ records = 2_000, pods = 30, batchSize = 100, rounds = 15 }: Options = {}) {
  const values = Array.from({ length: records }, (_, number) => {
    const count = 1 + Math.floor(number / pods)
    const pod = `web-7d9f8c6b5-${suffixOf(number % pods)}`
    const { value } = crash(number, {
      pod,
      count,
      at: number,
      fields: { source: { component: 'kubelet', host: `worker-${number % 7}` } },
    })
    return Buffer.from(value ?? '', 'utf8').toString('base64')
  })
  const works = {
    bare: () => values.map((value) => JSON.parse(JSON.parse(Buffer.from(value, 'base64').toString('utf8')).EventValue)),
    merged: () => mergeAll(values, batchSize),
  }
  const times = Object.fromEntries(
    Object.entries(works).map(([name, work]) => [
      name,
      () => {
        const began = performance.now()
        work()
        return ((performance.now() - began) / values.length) * 1_000
      },
    ]),
  ) as Record<keyof typeof works, () => number>
  await inTurn(5, times)
  const taken = await inTurn(rounds, times)
  return {
    microseconds: median(taken.merged),
    bareMicroseconds: median(taken.bare),
    ratio: median(taken.merged.map((microseconds, round) => microseconds / (taken.bare[round] ?? Number.NaN))),
  }
}

const crash = crashLoop(startAt)

/** The five random characters at the end of a pod's name. */
function suffixOf(pod: number): string {
  const letters = 'bcdfghjklm'
  return `x2k${letters[Math.floor(pod / 10)]}${letters[pod % 10]}`
}

const { ruleset } = readRouting('{}', 'rules.yml', {
  ...{ target, timeZone: 'UTC', environment: {}, now },
  compile: openCompiler(setFlagsFromString),
})

function mergeAll(values: string[], batchSize: number): Map<string, Incident> {
  const route = createRouter(ruleset)
  const renderer = createRenderer({ timeZone: 'UTC', words: en })
  const incidents = new Map<string, Incident>()
  for (let first = 0; first < values.length; first += batchSize) {
    const deliveries = values.slice(first, first + batchSize).flatMap((value, index): TargetedEvent[] => {
      const decoded = decode(value)
      if ('problem' in decoded) throw new Error(decoded.problem)
      const { facts, ruling, targets } = route(withoutFutureTimes(decoded.event, now), 'prod', now)
      if (ruling.action !== 'show') throw new Error(`${ruling.rule} does not show it`)
      const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: first + index, value }
      return targets.map((one) => toTargetedEvent({ record, target: one, facts, ruling }, true))
    })
    for (const change of fold(deliveries)) {
      const before = incidents.get(change.key)
      const { body } = apply(change, before, renderer, now)
      bodyColumns(body)
      incidents.set(change.key, before ? { ...before, body } : newIncident(change.key, body))
    }
  }
  if (incidents.size !== 1) throw new Error(`${incidents.size} incidents instead of one`)
  return incidents
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const batchSize of [100, 1]) {
    const { microseconds, bareMicroseconds, ratio } = await measureStorm({ batchSize })
    const figures = `${microseconds.toFixed(1)} µs per record, bare ${bareMicroseconds.toFixed(1)} µs, ratio ${ratio.toFixed(1)}`
    console.log(`storm on one workload, batches of ${batchSize}: ${figures}`)
  }
}
