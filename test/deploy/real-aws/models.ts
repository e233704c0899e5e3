import { fileURLToPath } from 'node:url'
import { prepareModels } from '../python.ts'
import { run } from '../run.ts'
import type { Template } from '../template.ts'
import { apiCallsOf } from './api-calls.ts'

const script = fileURLToPath(new URL('check-calls.py', import.meta.url))

/** What AWS's own models of its APIs say against each of some resolved templates. One process checks them all, since loading the models takes 1 s. */
export async function findModelProblems(templates: Template[], programs: string): Promise<string[][]> {
  const calls = templates.flatMap((template, at) => apiCallsOf(template).map(({ id, call }) => ({ at, id, call })))
  const input = JSON.stringify(calls.map(({ call }) => call))
  const env = { PYTHONPATH: await prepareModels(programs) }
  const answer: string[][] = JSON.parse(await run(`${programs}python`, [script], { input, env }))
  return templates.map((_, at) =>
    calls.flatMap(({ at: of, id, call }, index) =>
      of === at ? (answer[index] ?? []).map((problem) => `${id}: ${call.operation}: ${problem}`) : [],
    ),
  )
}
