import { causes } from '../event/cause-table.ts'
import { clusterWide } from '../event/kinds.ts'
import type { Severity } from '../event/severity.ts'
import { type Condition, type Field, type Matcher, textAskedBy } from './match.ts'
import type { Pattern } from './pattern.ts'
import type { Conditions } from './ruleset.ts'

/** True if every event that matches `b` certainly matches `a`, as far as literals and equal patterns tell. */
export function covers(a: Conditions, b: Conditions): boolean {
  return isWider(a.match, b.match) && (!a.except || (b.except !== undefined && isWider(b.except, a.except)))
}

/**
 * Why no event can match, as far as literals and lists show; undefined if one may match. `given`: severities that rules may give to any event.
 */
export function contradictionIn({ match, except }: Conditions, given: readonly Severity[] = []): string | undefined {
  if (except && isWider(except, match)) return '`except` excludes everything that `match` selects'
  const kinds = literalsOf(match, 'kind')
  const namespaces = match?.conditions.find(({ field }) => field === 'namespace')
  const isElsewhere = namespaces?.patterns.every(({ test }) => !test('')) ?? false
  if (isElsewhere && kinds?.every((kind) => clusterWide.has(kind)))
    return 'objects of this kind have no namespace; write namespace: "", although their events are in "default"'
  return causesIn(match, given)
}

/** Reason, cause and severity exclude each other in the table of causes. */
function causesIn(match: Matcher | undefined, given: readonly Severity[]): string | undefined {
  const [reasons, named, severities] = (['reason', 'cause', 'severity'] as const).map((field) =>
    literalsOf(match, field),
  )
  if (!named || (!reasons && !severities)) return undefined
  // A reason that is not in the table is its own cause, with a severity from the event's type.
  const isOwn = (name: string) => !causes.some((row) => row.name?.toLowerCase() === name)
  if (named.some((name) => isOwn(name) && (reasons?.includes(name) ?? true))) return undefined
  const rows = causes.filter((row) => row.name !== undefined && named.includes(row.name.toLowerCase()))
  const withReason = rows.filter(
    (row) => reasons?.some((reason) => row.reasons.some((one) => one.toLowerCase() === reason)) ?? true,
  )
  const theCause = named.length === 1 ? 'this cause' : 'these causes'
  if (withReason.length === 0)
    return `events with ${reasons?.length === 1 ? 'this reason' : 'these reasons'} never have ${theCause}`
  const possible = new Set<string>([...withReason.map(({ severity }) => severity), ...given])
  if (severities?.some((severity) => possible.has(severity)) ?? true) return undefined
  const always = [...new Set(withReason.map(({ severity }) => severity))].join(' or ')
  return `${theCause} always ${named.length === 1 ? 'has' : 'have'} severity ${always}`
}

/** The field's literals in lower case; undefined if it has no condition or other patterns as well. */
function literalsOf(match: Matcher | undefined, field: Field): string[] | undefined {
  const patterns = match?.conditions.find((condition) => condition.field === field)?.patterns
  return patterns?.every(({ kind }) => kind === 'literal')
    ? patterns.map(({ source }) => source.toLowerCase())
    : undefined
}

function isWider(a: Matcher | undefined, b: Matcher | undefined): boolean {
  if (!a) return true
  if (a.olderThan !== undefined && (b?.olderThan === undefined || b.olderThan < a.olderThan)) return false
  return a.conditions.every(
    (condition) =>
      isForAll(condition) ||
      (b?.conditions
        .find(({ field }) => field === condition.field)
        ?.patterns.every((pattern) => isCovered(pattern, condition)) ??
        false),
  )
}

function isForAll({ patterns }: Condition): boolean {
  return patterns.some(({ kind, source }) => kind === 'glob' && source === '*')
}

function isCovered(pattern: Pattern, { field, patterns }: Condition): boolean {
  const { kind, source } = pattern
  const lower = source.toLowerCase()
  return patterns.some((wider) => {
    if (wider.kind === kind && wider.source === source) return true
    // `web` and `Deployment/web` are compared with different texts.
    if (kind !== 'literal' || textAskedBy(field, wider) !== textAskedBy(field, pattern)) return false
    // A literal matches in any case, but a regular expression may match in one case only.
    return wider.kind === 'regex' ? lower === source.toUpperCase() && wider.test(source) : wider.test(lower)
  })
}
