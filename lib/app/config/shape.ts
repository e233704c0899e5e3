import * as v from 'valibot'
import { isoTime } from '../../core/event/time.ts'
import { millisecondsOf } from '../../core/routing/duration.ts'
import { type Path, type PathProblem, pathText, quoted } from '../../core/routing/problem.ts'
import { RoutingFile } from '../../core/routing/schema.ts'
import { didYouMean, suggest } from './suggest.ts'

/** Where a value differs from the schema, and the file with harmless values in these places, so that the rest can be checked as well. */
export interface Shape {
  file: RoutingFile
  problems: PathProblem[]
  /** Where a value was removed or replaced. */
  mended: Path[]
  /** What the removed keys were probably meant to be. */
  doubtful: Path[]
}

// Each round parses the whole file, and nobody reads more.
const mostMistakes = 100

export function readShape(given: unknown, now: number): Shape {
  const mistakes = new Map<string, Mistake>()
  let value = withoutLists(given ?? {}, RoutingFile)
  for (;;) {
    const parsed = v.safeParse(RoutingFile, value, { abortPipeEarly: true })
    if (parsed.success) return shapeOf(parsed.output, [...mistakes.values()])
    // valibot reports one unknown key of a map at a time, so parse again until none is left.
    const found = parsed.issues
      .flatMap((issue) => mistakesOf(issue, given, now))
      .filter(({ at }) => !mistakes.has(JSON.stringify(at)))
    for (const mistake of found) mistakes.set(JSON.stringify(mistake.at), mistake)
    const isEnough = found.length === 0 || mistakes.size > mostMistakes
    value = isEnough ? {} : found.reduce((rest, mistake) => mended(rest, mistake.at, mistake), value)
  }
}

function shapeOf(file: RoutingFile, mistakes: Mistake[]): Shape {
  const doubtful = mistakes.flatMap(({ meant }) => (meant ? [meant] : []))
  const known = new Set(doubtful.map(pathText))
  return {
    file,
    // A key that seems to be missing may only be misspelt.
    problems: mistakes.flatMap(({ kind, at, problem }) =>
      kind === 'missing' && known.has(pathText(at)) ? [] : [problem],
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

function mistakesOf(issue: v.BaseIssue<unknown>, given: unknown, now: number, above: Path = []): Mistake[] {
  const at = [...above, ...(issue.path ?? []).map(({ key }) => key as string | number)]
  // A mistake inside one of several forms says more than that none of the forms fits.
  const inside = (issue.issues ?? []).filter(({ path }) => path !== undefined)
  if (inside.length > 0) return inside.flatMap((one) => mistakesOf(one, given, now, at))
  const parent = at.slice(0, -1)
  const key = String(at.at(-1))
  const isOfKey = issue.path?.at(-1)?.origin === 'key'
  if (isOfKey && issue.expected === 'never') {
    const keys = keysAt(parent)
    const meant = suggest(key, keys)
    const message = `unknown key${didYouMean(key, keys) || `; the known keys are ${keys.join(', ')}`}`
    // An unknown key of a rule may be meant as a condition.
    return [{ kind: 'unknown', at, problem: { path: parent, key, message }, meant: [...parent, meant ?? 'match'] }]
  }
  if (isOfKey && issue.type === 'strict_object')
    return [{ kind: 'missing', at, problem: { path: parent, message: `${key} is missing` } }]
  if (isOfKey) return [{ kind: 'unknown', at, problem: { path: parent, key, message: butIs(issue.message, key) } }]
  return [{ kind: 'wrong', at, problem: { path: at, message: wrongValue(at, valueAt(given, at), issue, now) } }]
}

function wrongValue(path: Path, value: unknown, issue: v.BaseIssue<unknown>, now: number): string {
  if (path[0] === 'mutes' && path.at(-1) === 'until' && isDuration(value)) return noStart(value, now)
  if (issue.type === 'strict_object') {
    return `${butIs('must be a map', value)}; the known keys are ${keysAt(path).join(', ')}`
  }
  const message = butIs(issue.message, value)
  // YAML reads `404` and `true` as other types than strings.
  if (/^must be a (?:string|name)/.test(issue.message) && (typeof value === 'number' || typeof value === 'boolean'))
    return `${message}; put it in quotes`
  return typeof value === 'string' ? `${message}${didYouMean(value, wordsOf(partAt(path)))}` : message
}

/** Adds the value to a message that begins with "must be". */
function butIs(message: string, value: unknown): string {
  if (!message.startsWith('must be ')) return message
  if (value === null || value === undefined) return `${message}, but it is empty`
  return `${message}, not ${shown(value)}`
}

function isDuration(value: unknown): value is string {
  return typeof value === 'string' && /^[1-9]\d{0,5}[smhd]$/.test(value)
}

/** A duration in a file would start again at each start of the program, so a mute needs a date. `now` may be infinite. */
function noStart(duration: string, now: number): string {
  const message = `must be a date and time, not ${quoted(duration)}, which has no fixed start`
  if (!Number.isFinite(now)) return message
  const minute = 60_000
  const end = isoTime(Math.ceil((now + millisecondsOf(duration)) / minute) * minute)
  return `${message}; ${duration} from now is ${end.replace(':00.000Z', 'Z')}`
}

/** Replaces elements of lists, so that the others keep their places. The result is only checked, never used. */
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

/** Undefined where the value can be left out. */
function fillerAt(path: Path): unknown {
  const [section = '', key, ...deeper] = path.filter((one) => typeof one === 'string')
  if (section === 'targets') return key === undefined ? undefined : '-1'
  if (key === undefined) return path.length === 2 ? fillers[section] : undefined
  if (typeof path.at(-1) === 'number') return wordsOf(partAt(path))[0]
  return deeper.length === 0 ? fillers[section]?.[key] : undefined
}

/** valibot accepts a list as a map whose keys are numbers, so replace lists where a map is wanted. */
function withoutLists(value: unknown, part: Part | undefined): unknown {
  if (Array.isArray(value))
    return isMapPart(part) ? null : value.map((item, index) => withoutLists(item, childOf(part, index)))
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutLists(item, childOf(part, key))]))
}

/** The fields of valibot's schemas that lead to their parts. */
interface Part {
  type?: string
  wrapped?: Part
  item?: Part
  value?: Part
  entries?: Record<string, Part>
  options?: readonly (Part | string)[]
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
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'a map' : quoted(value)
}
