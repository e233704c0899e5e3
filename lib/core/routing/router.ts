import { rowsOfCause } from '../event/cause-of.ts'
import type { KubeEvent } from '../event/event.ts'
import { causesResolvedBy } from '../event/recoveries.ts'
import type { Severity } from '../event/severity.ts'
import type { CompiledMute, CompiledRule, Conditions, Ruleset, Threshold } from './ruleset.ts'
import { type Shortlist, shortlistOf } from './shortlist.ts'
import { type Facts, factsOf, type Subject, subjectOf, withTexts } from './subject.ts'
import type { Target } from './target.ts'

/** The decision of rules and routes about an event. */
export interface Routing {
  facts: Facts
  ruling: Ruling
  /** Where the event goes, or would go if it is not shown. */
  targets: Target[]
  resolves: Resolution[]
}

export type Ruling =
  | {
      action: 'show'
      /** The rule's name; undefined where none matched. */
      rule: string | undefined
      severity: Severity
      threshold: Threshold | undefined
      isSilent: boolean
    }
  | { action: 'drop'; rule: string }
  | { action: 'mute'; rule: string; until: number; reason: string }

/** A cause that the event resolves for its object, and the targets of its incidents. */
export interface Resolution {
  cause: string
  targets: Target[]
}

/** A rule or mute that was tried on an event, and the condition that failed; `except` if an exception applied. */
export interface Candidate {
  kind: 'mute' | 'rule'
  name: string
  unmet: string | undefined
}

/** The first rule that matches decides; without one the event is shown. `now`, in milliseconds since the epoch, is for mutes and ages. */
export type Router = (
  event: KubeEvent,
  cluster: string,
  now: number,
  report?: (candidate: Candidate) => void,
) => Routing

export function createRouter(ruleset: Ruleset): Router {
  const { routes, mutes, rules } = ruleset
  const shortlists = { mutes: shortlistOf(mutes), rules: shortlistOf(rules) }
  return (event, cluster, now, report) => {
    const facts = factsOf(event, cluster)
    const subject = subjectOf(facts)
    const decide = <Item extends Named>(items: readonly Item[], kind: Candidate['kind'], shortlist: Shortlist) =>
      report ? firstReported(items, kind, subject, now, report) : firstOf(items, shortlist(subject), subject, now)
    const mute = mutes.length > 0 ? decide<CompiledMute>(mutes, 'mute', shortlists.mutes) : undefined
    const ruling = mute ? muted(mute) : ruled(decide<CompiledRule>(rules, 'rule', shortlists.rules), facts)
    const severity = ruling.action === 'show' ? ruling.severity : facts.cause.severity
    const isAsItWas = severity === facts.cause.severity || routes.length === 0
    return {
      facts,
      ruling,
      targets: targetsOf(ruleset, isAsItWas ? subject : withTexts(subject, { severity }), now),
      resolves: causesResolvedBy(event).map((cause) => ({
        cause,
        targets: targetsOf(ruleset, routes.length === 0 ? subject : asProblemOf(cause, subject), now),
      })),
    }
  }
}

function muted({ name, until, reason }: CompiledMute): Ruling {
  return { action: 'mute', rule: name, until, reason }
}

function ruled(rule: CompiledRule | undefined, { cause }: Facts): Ruling {
  if (rule?.action === 'drop') return { action: 'drop', rule: rule.name }
  return {
    action: 'show',
    rule: rule?.name,
    severity: rule?.severity ?? cause.severity,
    threshold: rule?.threshold,
    isSilent: rule?.isSilent ?? false,
  }
}

type Named = Conditions & { name: string; until?: number }

function firstOf<Item extends Named>(items: readonly Item[], places: number[], subject: Subject, now: number) {
  for (const place of places) {
    const item = items[place]
    if (item && unmetBy(item, subject, now) === undefined) return item
  }
  return undefined
}

/** The same as `firstOf`, but tries each item and reports it. */
function firstReported<Item extends Named>(
  items: readonly Item[],
  kind: Candidate['kind'],
  subject: Subject,
  now: number,
  report: (candidate: Candidate) => void,
): Item | undefined {
  return items.find((item) => {
    const unmet = unmetBy(item, subject, now)
    report({ kind, name: item.name, unmet })
    return unmet === undefined
  })
}

function unmetBy(item: Named, subject: Subject, now: number): string | undefined {
  return item.until !== undefined && item.until <= now ? 'until' : unmetOf(item, subject, now)
}

/** The condition that is not met, or `except`; undefined if the subject matches. */
export function unmetOf({ match, except }: Conditions, subject: Subject, now: number): string | undefined {
  const unmet = match?.unmet(subject, now)
  if (unmet !== undefined) return unmet
  return except && except.unmet(subject, now) === undefined ? 'except' : undefined
}

function targetsOf({ routes, target }: Ruleset, subject: Subject, now: number): Target[] {
  if (routes.length === 0) return [target]
  const found = new Map<string, Target>()
  for (const route of routes) {
    if (unmetOf(route, subject, now) !== undefined) continue
    for (const one of route.targets) found.set(one.name, one)
    if (!route.continues) return [...found.values()]
  }
  return found.size > 0 ? [...found.values()] : [target]
}

/** The number of targets that one event may go to. */
export function mostTargets({ routes }: Pick<Ruleset, 'routes'>): number {
  const passed = new Set<string>()
  let most = 1
  for (const { targets, continues } of routes) {
    const names = targets.map(({ name }) => name)
    most = Math.max(most, new Set([...passed, ...names]).size)
    if (continues) for (const name of names) passed.add(name)
  }
  return most
}

/** A recovery goes where the routes sent the problem, as far as the cause tells what that event looked like. */
function asProblemOf(cause: string, subject: Subject): Subject {
  const [row] = rowsOfCause(cause)
  const { severity = 'warning', reasons: [reason = ''] = [] } = row ?? {}
  return withTexts(subject, { cause, severity, reason, type: 'Warning', message: '' })
}
