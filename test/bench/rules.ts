import { setFlagsFromString } from 'node:v8'
import { openCompiler } from '../../lib/config/regex.ts'
import { readRouting } from '../../lib/config/routing.ts'
import { decode } from '../../lib/event/decode.ts'
import { createRenderer } from '../../lib/format/render.ts'
import { en } from '../../lib/format/words/en.ts'
import { fold, toDelivery } from '../../lib/incident/fold.ts'
import { createRouter, type Router } from '../../lib/route/router.ts'
import { parseTarget } from '../../lib/route/target.ts'
import { readValues } from './decode.ts'
import { inTurn, median } from './processes.ts'

const sameHash = '0'.repeat(64)
const target = parseTarget('-1001234567890') ?? { name: '', chat: '', threadId: undefined }
const now = Date.parse('2026-11-24T12:00:00Z')

/** Rules of each sort that occur, of which hardly one matches. */
export function manyRules(count: number): string {
  const matches = [
    (n: number) => `{ namespace: [team-${n}, team-${n}-test], severity: [warning, notice] }`,
    (n: number) => `{ workload: 'service-${n}-*', cause: [crash-loop, image-pull] }`,
    (n: number) => `{ message: 'connection to db-${n}\\.internal (?:refused|timed out)' }`,
    (n: number) => `{ kind: Pod, name: job-${n}-*, reason: [BackOff, Failed] }`,
    (n: number) => `{ node: worker-${n}, component: kubelet }`,
  ]
  const rules = Array.from(
    { length: count },
    (_, n) => `  - { name: own ${n}, match: ${matches[n % matches.length]?.(n)} }`,
  )
  return `rules:\n${rules.join('\n')}\n`
}

function routerOf(file: string): Router {
  const compile = openCompiler(setFlagsFromString)
  const { ruleset, problems } = readRouting(file, 'rules.yml', {
    target,
    timeZone: 'UTC',
    compile,
    environment: {},
    now,
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return createRouter(ruleset)
}

/** Speed as a share of bare base64 and two JSON.parse, over the same values in the same run, everything compiled once. */
export async function measureRules() {
  const { name, values } = await readValues()
  const time = (work: (value: string) => unknown) => () => {
    const startedAt = performance.now()
    for (const value of values) work(value)
    return ((performance.now() - startedAt) / values.length) * 1_000
  }
  const renderer = createRenderer({ timeZone: 'UTC', words: en }, () => sameHash)
  const routed = (value: string, router: Router) => {
    const decoded = decode(value)
    if ('problem' in decoded) throw new Error(decoded.problem)
    return router(decoded.event, 'prod', now)
  }
  const shown = (value: string, router: Router) => {
    const { facts, ruling } = routed(value, router)
    if (ruling.action !== 'show') return
    const record = { mapKey: 'a-0', topic: 'a', partition: 0, offset: 0, value }
    const deliveries = [toDelivery({ record, target, facts, ruling }, true, () => sameHash)]
    for (const { identity, entries } of fold(deliveries, () => sameHash))
      for (const { merged } of entries) renderer.text({ identity, merged })
  }
  const [few, many] = [routerOf('{}'), routerOf(manyRules(200))]
  const works = {
    bare: time((value) => JSON.parse(JSON.parse(Buffer.from(value, 'base64').toString('utf8')).EventValue)),
    decode: time((value) => decode(value)),
    few: time((value) => routed(value, few)),
    many: time((value) => routed(value, many)),
    shown: time((value) => shown(value, many)),
  }
  await inTurn(5, works)
  const taken = await inTurn(25, works)
  const figure = (times: number[]) => ({
    microseconds: median(times),
    ratio: median(taken.bare.map((microseconds, round) => microseconds / (times[round] ?? Number.NaN))),
  })
  return {
    name,
    bareMicroseconds: median(taken.bare),
    decode: figure(taken.decode),
    few: figure(taken.few),
    many: figure(taken.many),
    shown: figure(taken.shown),
  }
}
