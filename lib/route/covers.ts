import { causes } from '../event/causes.ts'
import { clusterWide } from '../event/kinds.ts'
import type { Condition, Field, Matcher } from './match.ts'
import type { Pattern } from './pattern.ts'
import type { Conditions } from './ruleset.ts'

/** True if every event that matches `b` certainly matches `a`, as far as literals and equal patterns tell. */
export function covers(a: Conditions, b: Conditions): boolean {
  return isWider(a.match, b.match) && (!a.except || (b.except !== undefined && isWider(b.except, a.except)))
}

/** Why no event can match, as far as literals and lists tell; undefined if one may. */
export function contradictionIn({ match, except }: Conditions): string | undefined {
  if (except && isWider(except, match)) return 'something that `except` does not take away again'
  const kinds = literalsOf(match, 'kind')
  const namespaces = match?.conditions.find(({ field }) => field === 'namespace')
  const isElsewhere = namespaces?.patterns.every(({ test }) => !test('')) ?? false
  if (isElsewhere && kinds?.every((kind) => clusterWide.has(kind)))
    return 'no namespace: objects of this kind are in none (Kubernetes keeps their events in "default")'
  return causesIn(match)
}

/** Reason, cause and severity exclude each other in the table of causes. */
function causesIn(match: Matcher | undefined): string | undefined {
  const [reasons, named, severities] = (['reason', 'cause', 'severity'] as const).map((field) =>
    literalsOf(match, field),
  )
  if (!named || (!reasons && !severities)) return undefined
  // What is not in the table is its own cause, of a severity by its type.
  const isOwn = (name: string) => !causes.some((row) => row.name?.toLowerCase() === name)
  if (named.some((name) => isOwn(name) && (reasons?.includes(name) ?? true))) return undefined
  const rows = causes.filter((row) => row.name !== undefined && named.includes(row.name.toLowerCase()))
  const withReason = rows.filter(
    (row) => reasons?.some((reason) => row.reasons.some((one) => one.toLowerCase() === reason)) ?? true,
  )
  if (withReason.length === 0) return 'a reason that this cause has'
  const isPossible = withReason.some(({ severity }) => severities?.includes(severity) ?? true)
  return isPossible
    ? undefined
    : `severity ${[...new Set(withReason.map(({ severity }) => severity))].join(' or ')}, which this cause has`
}

/** In lower case; undefined if the field is not asked for, or for other than literals. */
function literalsOf(match: Matcher | undefined, field: Field): string[] | undefined {
  const patterns = match?.conditions.find((condition) => condition.field === field)?.patterns
  return patterns?.every(({ kind }) => kind === 'literal')
    ? patterns.map(({ source }) => source.toLowerCase())
    : undefined
}

function isWider(a: Matcher | undefined, b: Matcher | undefined): boolean {
  if (!a) return true
  if (a.olderThan !== undefined && (b?.olderThan === undefined || b.olderThan < a.olderThan)) return false
  return a.conditions.every((condition) => {
    const narrower = b?.conditions.find(({ field }) => field === condition.field)
    return narrower?.patterns.every((pattern) => isCovered(pattern, condition)) ?? false
  })
}

function isCovered({ kind, source }: Pattern, { field, patterns }: Condition): boolean {
  return patterns.some((wider) => {
    if (wider.source === source || (wider.kind === 'glob' && wider.source === '*')) return true
    // Part of a workload's text is asked for in two ways.
    return (
      kind === 'literal' && field !== 'workload' && wider.test(wider.kind === 'regex' ? source : source.toLowerCase())
    )
  })
}
