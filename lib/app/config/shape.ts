import * as v from 'valibot'
import { type Path, type PathProblem, placeOf, quoted } from '../../core/routing/problem.ts'
import { RoutingFile } from '../../core/routing/schema.ts'
import { suggest } from './suggest.ts'

/** What has not the shape of a routing file; the rest of it, with what is wrong made harmless, so that this can be looked at, too. */
export interface Shape {
  file: RoutingFile
  problems: PathProblem[]
  /** Where something was taken out or filled in. */
  mended: Path[]
  /** What a key that was taken out was probably meant to be. */
  doubtful: Path[]
}

export function readShape(given: unknown): Shape {
  const mistakes = new Map<string, Mistake>()
  let value = withoutLists(given ?? {}, RoutingFile)
  for (;;) {
    const parsed = v.safeParse(RoutingFile, value, { abortPipeEarly: true })
    if (parsed.success) return shapeOf(parsed.output, [...mistakes.values()])
    // valibot tells of one unknown key in a map, so what is mended is looked at again.
    const found = parsed.issues
      .flatMap((issue) => mistakesOf(issue, given))
      .filter(({ at }) => !mistakes.has(JSON.stringify(at)))
    for (const mistake of found) mistakes.set(JSON.stringify(mistake.at), mistake)
    value = found.length === 0 ? {} : found.reduce((rest, mistake) => mended(rest, mistake.at, mistake), value)
  }
}

function shapeOf(file: RoutingFile, mistakes: Mistake[]): Shape {
  const doubtful = mistakes.flatMap(({ meant }) => (meant ? [meant] : []))
  const known = new Set(doubtful.map(placeOf))
  return {
    file,
    // What is missing stands there under the wrong name.
    problems: mistakes.flatMap(({ kind, at, problem }) =>
      kind === 'missing' && known.has(placeOf(at)) ? [] : [problem],
    ),
    mended: mistakes.map(({ at }) => at),
    doubtful,
  }
}

interface Mistake {
  kind: 'unknown' | 'missing' | 'wrong'
  at: Path
  problem: PathProblem
  meant?: Path
}

function mistakesOf(issue: v.BaseIssue<unknown>, given: unknown, above: Path = []): Mistake[] {
  const at = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)]
  // What is wrong in the form that was chosen is more than that none of the forms fits.
  const inside = (issue.issues ?? []).filter(({ path }) => path !== undefined)
  if (inside.length > 0) return inside.flatMap((one) => mistakesOf(one, given, at))
  const parent = at.slice(0, -1)
  const key = String(at.at(-1))
  const isOfKey = issue.path?.at(-1)?.origin === 'key'
  if (isOfKey && issue.expected === 'never') {
    const words = keysAt(parent)
    const problem = { path: parent, key, given: quoted(key), expected: `one of ${words.join(', ')}`, meant: key, words }
    // What nobody knows in a rule may be a condition.
    return [{ kind: 'unknown', at, problem, meant: [...parent, suggest(key, words) ?? 'match'] }]
  }
  if (isOfKey && issue.type === 'strict_object')
    return [
      { kind: 'missing', at, problem: { path: parent, given: `no ${key}`, expected: messageOf(partAt(at)) ?? 'one' } },
    ]
  if (isOfKey)
    return [{ kind: 'unknown', at, problem: { path: parent, key, given: quoted(key), expected: issue.message } }]
  return [{ kind: 'wrong', at, problem: wrongValue(at, valueAt(given, at), issue) }]
}

function wrongValue(path: Path, value: unknown, issue: v.BaseIssue<unknown>): PathProblem {
  const part = partAt(path)
  const words = wordsOf(part)
  // YAML reads `404` and `true` as something else.
  const needsQuotes =
    /^a (?:text|name)/.test(issue.message) && (typeof value === 'number' || typeof value === 'boolean')
  const form = issue.type === 'strict_object' ? `a map of ${keysAt(path).join(', ')}` : issue.message
  return {
    path,
    given: shown(value),
    expected: needsQuotes ? `${form}, in quotes` : form,
    ...(typeof value === 'string' && words.length > 0 ? { meant: value, words } : {}),
  }
}

/** Elements of lists are replaced, so that the places of the others stay right. None of it is ever used: the file is refused. */
function mended(value: unknown, [key, ...rest]: Path, mistake: Mistake): unknown {
  if (key === undefined) return {}
  if (Array.isArray(value))
    return value.map((item, index) => {
      if (index !== key) return item
      return rest.length > 0 ? mended(item, rest, mistake) : (fillerAt(mistake.at) ?? '-1')
    })
  const map: Record<string, unknown> = isMap(value) ? value : {}
  const { [key]: child, ...others } = map
  if (rest.length > 0) return { ...map, [key]: mended(child, rest, mistake) }
  const filler = mistake.kind === 'unknown' ? undefined : fillerAt(mistake.at)
  return filler === undefined ? others : { ...map, [key]: filler }
}

const fillers: Record<string, Record<string, string>> = {
  rules: { name: '-' },
  routes: { to: '-1' },
  mutes: { name: '-', until: '2999-01-01T00:00:00Z', reason: '-' },
  quiet: { from: '00:00', to: '00:01' },
  suppressed: { at: '09:00' },
  watchdog: { after: '30m' },
}

/** Undefined where nothing has to be. */
function fillerAt(path: Path): unknown {
  const [section = '', key, ...deeper] = path.filter((one) => typeof one === 'string')
  if (section === 'targets') return key === undefined ? undefined : '-1'
  if (key === undefined) return path.length === 2 ? fillers[section] : undefined
  if (typeof path.at(-1) === 'number') return wordsOf(partAt(path))[0]
  return deeper.length === 0 ? fillers[section]?.[key] : undefined
}

/** valibot takes a list for a map with numbers as its keys. */
function withoutLists(value: unknown, part: Part | undefined): unknown {
  if (Array.isArray(value))
    return isMapPart(part) ? null : value.map((item, index) => withoutLists(item, childOf(part, index)))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutLists(item, childOf(part, key))]))
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

function partAt(path: Path): Part | undefined {
  return path.reduce<Part | undefined>(childOf, RoutingFile)
}

function formsOf(part: Part | undefined): Part[] {
  if (part?.wrapped) return formsOf(part.wrapped)
  const options = part?.type === 'union' ? (part.options ?? []) : []
  return part ? [part, ...options.flatMap((option) => (typeof option === 'string' ? [] : formsOf(option)))] : []
}

function childOf(part: Part | undefined, key: string | number): Part | undefined {
  const forms = formsOf(part)
  if (typeof key === 'number') return forms.find(({ item }) => item)?.item
  const entries = forms.find((form) => form.entries)?.entries
  return entries && Object.hasOwn(entries, key) ? entries[key] : forms.find(({ value }) => value)?.value
}

function keysAt(path: Path): string[] {
  return Object.keys(formsOf(partAt(path)).find(({ entries }) => entries)?.entries ?? {})
}

function isMapPart(part: Part | undefined): boolean {
  return formsOf(part).some(({ type }) => type === 'strict_object' || type === 'record')
}

function messageOf(part: Part | undefined): string | undefined {
  return typeof part?.message === 'string' ? part.message : undefined
}

function wordsOf(part: Part | undefined): string[] {
  return formsOf(part).flatMap(({ type, options = [] }) =>
    type === 'picklist' ? options.filter((option) => typeof option === 'string') : [],
  )
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value)
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  return typeof value === 'object' ? 'a map' : quoted(value)
}
