import { setFlagsFromString } from 'node:v8'
import { openCompiler } from '../../lib/app/config/regex.ts'
import { readRouting } from '../../lib/app/config/routing-file.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { createRouter, type Router } from '../../lib/core/routing/router.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import { cpuMilliseconds, median } from './processes.ts'
import { readValues } from './record.ts'

const target = parseTarget('-1001234567890') ?? { name: '', chat: '', threadId: undefined }
const now = Date.parse('2026-11-24T12:00:00Z')

/** Rules of every kind, which hardly ever match. */
export function manyRules(count: number): string {
  const matches = [
    (n: number) => `{ namespace: [team-${n}, team-${n}-test], severity: [warning, info] }`,
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

export function routerOf(file: string): Router {
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

/** Rules that match the message, which is the most expensive test. None of them matches. */
function messageRules(count: number): string {
  const rules = Array.from(
    { length: count },
    (_, n) => `  - { name: own ${n}, match: { message: 'connection to db-${n}\\.internal (?:refused|timed out)' } }`,
  )
  return `rules:\n${rules.join('\n')}\n`
}

const passes = 5

/** Microseconds of CPU for each rule with a message and each record of a recording. All rules are compiled once. */
export async function measureRouting(count: number): Promise<number> {
  const { values } = await readValues()
  const events = values.slice(0, 1_000).flatMap((value) => {
    const decoded = decode(Buffer.from(value).toString('base64'))
    return 'event' in decoded ? decoded.event : []
  })
  const router = routerOf(messageRules(count))
  const routeAll = () => {
    for (const event of events) router(event, 'prod', now)
  }
  for (let round = 0; round < 3; round += 1) routeAll()
  const times = Array.from({ length: 5 }, () => {
    const before = cpuMilliseconds()
    for (let pass = 0; pass < passes; pass += 1) routeAll()
    return cpuMilliseconds() - before
  })
  return ((median(times) / events.length / passes) * 1_000) / count
}
