import * as v from 'valibot'
import { type Path, type PathProblem, quoted } from '../route/problem.ts'
import { RoutingFile } from '../route/schema.ts'

/** What has not the shape of a routing file; the rest of it, with what is wrong made harmless, so that this can be looked at, too. */
export function readShape(value: unknown): { file: RoutingFile; problems: PathProblem[] } {
  const parsed = v.safeParse(RoutingFile, value ?? {})
  if (parsed.success) return { file: parsed.output, problems: [] }
  const problems = parsed.issues.map((issue) => toProblem(issue, value))
  const healed = v.safeParse(
    RoutingFile,
    heal(
      value,
      problems.map(({ path }) => path),
    ),
  )
  return { file: healed.success ? healed.output : v.parse(RoutingFile, {}), problems }
}

type Issue = v.InferIssue<typeof RoutingFile>

function toProblem(issue: Issue, value: unknown): PathProblem {
  const path = (issue.path ?? []).map(({ key }) => key as string | number)
  const parent = path.slice(0, -1)
  const key = String(path.at(-1))
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const words = Object.keys(entriesAt(parent))
    return { path: parent, key, given: quoted(key), expected: `one of ${words.join(', ')}`, meant: key, words }
  }
  const isMissing = issue.type === 'strict_object' && path.length > 0 && !isIn(value, path)
  if (isMissing) return { path: parent, given: `no ${key}`, expected: messageOf(schemaAt(path)) ?? 'one' }
  const given = shown(valueAt(value, path))
  if (issue.type === 'strict_object')
    return { path, given, expected: `a map of ${Object.keys(entriesAt(path)).join(', ')}` }
  if (issue.type === 'picklist' || issue.type === 'union') {
    const words = wordsOf(schemaAt(path))
    return { path, given, expected: issue.message, meant: String(valueAt(value, path)), words }
  }
  return { path, given, expected: issue.message }
}

/** Elements of lists are replaced, so that the places of the others stay right; all else is taken out. */
function heal(value: unknown, paths: Path[]): unknown {
  if (typeof value !== 'object' || value === null || paths.some((path) => path.length === 0 && !isMap(value))) return {}
  const healed: Record<string, unknown> = { ...value }
  for (const key of Object.keys(healed)) if (!(key in RoutingFile.entries)) delete healed[key]
  for (const [section = '', index] of paths) {
    const list = healed[section]
    const harmless = harmlessIn[section]
    if (Array.isArray(list) && typeof index === 'number' && harmless)
      healed[section] = list.map((item, at) => (at === index ? harmless(index) : item))
    else if (isMap(list) && section in maps && index !== undefined)
      healed[section] = Object.fromEntries(Object.entries(list).filter(([key]) => key !== index))
    else delete healed[section]
  }
  return healed
}

const maps = { targets: true, clusters: true }

// Each stands for itself alone, and is never used: the file is refused.
const nobody = (index: number) => ({ match: { name: `(${index})` } })
const harmlessIn: Record<string, (index: number) => unknown> = {
  rules: (index) => ({ ...nobody(index), name: `(rule ${index})` }),
  routes: (index) => ({ ...nobody(index), to: '-1' }),
  mutes: (index) => ({ ...nobody(index), name: `(mute ${index})`, until: '2999-01-01T00:00:00Z', reason: '-' }),
  quiet: () => ({ from: '00:00', to: '00:01' }),
}

/** What the parts of a valibot schema have in common, as far as they lead to other parts. */
interface Part {
  type?: string
  wrapped?: Part
  item?: Part
  value?: Part
  entries?: Record<string, Part>
  options?: readonly (Part | string)[]
  message?: unknown
}

function schemaAt(path: Path): Part | undefined {
  let part: Part | undefined = RoutingFile as Part
  for (const key of path)
    part = unwrapped(typeof key === 'number' ? unwrapped(part)?.item : childOf(unwrapped(part), key))
  return part
}

function unwrapped(part: Part | undefined): Part | undefined {
  if (part?.wrapped) return unwrapped(part.wrapped)
  const options = part?.type === 'union' ? (part.options as readonly Part[]) : undefined
  return options?.find(({ entries }) => entries) ?? part
}

function childOf(part: Part | undefined, key: string): Part | undefined {
  return part?.entries?.[key] ?? part?.value
}

function entriesAt(path: Path): Record<string, Part> {
  return unwrapped(schemaAt(path))?.entries ?? {}
}

function messageOf(part: Part | undefined): string | undefined {
  return typeof part?.message === 'string' ? part.message : undefined
}

function wordsOf(part: Part | undefined): string[] {
  const options = part?.options ?? []
  return options.flatMap((option) => (typeof option === 'string' ? option : wordsOf(option)))
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value)
}

function isIn(value: unknown, path: Path): boolean {
  const parent = valueAt(value, path.slice(0, -1))
  return typeof parent === 'object' && parent !== null && String(path.at(-1)) in parent
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' ? 'a map' : quoted(value)
}
