import { rowsOfCause } from '../event/cause.ts'
import type { KubeEvent } from '../event/event.ts'
import type { Severity } from '../event/severity.ts'
import { closedBy } from './closes.ts'
import type { CompiledMute, CompiledRule, Conditions, Ruleset, Threshold } from './ruleset.ts'
import { type Facts, factsOf, type Subject, subjectFrom, subjectOf } from './subject.ts'
import type { Target } from './target.ts'

/** What rules and routes make of an event. */
export interface Routing {
  facts: Facts
  ruling: Ruling
  /** Where it goes; of what is not shown: where it would go. */
  targets: Target[]
  closes: Closing[]
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

/** A cause that is over for the event's object, and where its incidents are. */
export interface Closing {
  cause: string
  targets: Target[]
}

/** A rule or mute that was looked at, and the condition that it failed on; `except`: what it makes an exception of. */
export interface Tried {
  kind: 'mute' | 'rule'
  name: string
  unmet: string | undefined
}

/** `now` in milliseconds since the epoch: for mutes and ages. Total: every event is decided by the first rule that it matches, or shown. */
export type Router = (event: KubeEvent, cluster: string, now: number, tell?: (tried: Tried) => void) => Routing

export function createRouter(ruleset: Ruleset): Router {
  return (event, cluster, now, tell) => {
    const facts = factsOf(event, cluster)
    const subject = subjectOf(facts)
    const ruling = rule(ruleset, facts, subject, now, tell)
    const severity = ruling.action === 'show' ? ruling.severity : facts.cause.severity
    const targets = targetsOf(
      ruleset,
      severity === facts.cause.severity ? subject : withSeverity(subject, severity),
      now,
    )
    const closes = closedBy(event).map((cause) => ({
      cause,
      targets: targetsOf(ruleset, asTroubleOf(cause, subject), now),
    }))
    return { facts, ruling, targets, closes }
  }
}

function rule(
  { mutes, rules }: Ruleset,
  { cause }: Facts,
  subject: Subject,
  now: number,
  tell?: (tried: Tried) => void,
): Ruling {
  const mute = firstMatch<CompiledMute>(mutes, 'mute', subject, now, tell)
  if (mute) return { action: 'mute', rule: mute.name, until: mute.until, reason: mute.reason }
  const found = firstMatch<CompiledRule>(rules, 'rule', subject, now, tell)
  if (found?.action === 'drop') return { action: 'drop', rule: found.name }
  return {
    action: 'show',
    rule: found?.name,
    severity: found?.severity ?? cause.severity,
    threshold: found?.threshold,
    isSilent: found?.isSilent ?? false,
  }
}

function firstMatch<Item extends Conditions & { name: string; until?: number }>(
  items: readonly Item[],
  kind: Tried['kind'],
  subject: Subject,
  now: number,
  tell: ((tried: Tried) => void) | undefined,
): Item | undefined {
  for (const item of items) {
    const unmet = item.until !== undefined && item.until <= now ? 'until' : unmetOf(item, subject, now)
    tell?.({ kind, name: item.name, unmet })
    if (unmet === undefined) return item
  }
  return undefined
}

/** The condition that is not met, or `except`; undefined if the subject matches. */
export function unmetOf({ match, except }: Conditions, subject: Subject, now: number): string | undefined {
  const unmet = match?.unmet(subject, now)
  if (unmet !== undefined) return unmet
  return except && except.unmet(subject, now) === undefined ? 'except' : undefined
}

function targetsOf({ routes, target }: Ruleset, subject: Subject, now: number): Target[] {
  const found = new Map<string, Target>()
  for (const route of routes) {
    if (unmetOf(route, subject, now) !== undefined) continue
    for (const one of route.targets) found.set(one.name, one)
    if (!route.goesOn) return [...found.values()]
  }
  return found.size > 0 ? [...found.values()] : [target]
}

function withSeverity({ text, at }: Subject, severity: Severity): Subject {
  return subjectFrom({ ...text, severity }, at)
}

/** Routes send what ends a trouble where they sent the trouble, as far as its cause tells what that was. */
function asTroubleOf(cause: string, { text, at }: Subject): Subject {
  const [row] = rowsOfCause(cause)
  const { severity = 'warning', reasons: [reason = ''] = [] } = row ?? {}
  return subjectFrom({ ...text, cause, severity, reason, type: 'Warning', message: '' }, at)
}
