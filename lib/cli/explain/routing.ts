import { type Candidate, type Router, type Routing, unmetOf } from '../../core/routing/router.ts'
import type { Ruleset } from '../../core/routing/ruleset.ts'
import { type Subject, subjectOf, type TextName, withTexts } from '../../core/routing/subject.ts'
import { actionText, ageText, localMoment, oneLine, plainLine } from '../inspect/words.ts'

/** A mute or rule that was tried, and why it did not match. */
export interface Trial {
  kind: Candidate['kind']
  name: string
  /** The condition that failed; null: it matched. */
  unmet: string | null
  /** What the event has instead: `cause is "crash-loop"`. */
  why: string | null
}

/** The rule or mute that decided. */
export interface RuleVerdict {
  kind: 'mute' | 'rule' | 'no rule'
  name: string | null
  isDefault: boolean
  says: string
}

export interface ExplainedRouting {
  routing: Routing
  tried: Trial[]
  verdict: RuleVerdict
  /** For each target's name, the routes that lead to it; none: it is the default. */
  leads: Map<string, string[]>
}

interface Context {
  ruleset: Ruleset
  route: Router
  timeZone: string
  now: number
}

/** Routes an event and explains why. */
export function routeAloud(event: Parameters<Router>[0], cluster: string, context: Context): ExplainedRouting {
  const { ruleset, route, now } = context
  const looked: Candidate[] = []
  const routing = route(event, cluster, now, (one) => looked.push(one))
  const subject = subjectOf(routing.facts)
  const tried = looked.map(({ kind, name, unmet }): Trial => {
    const why = unmet === undefined ? null : whyUnmet(unmet, name, subject, context)
    return { kind, name: plainLine(name), unmet: unmet ?? null, why }
  })
  return { routing, tried, verdict: verdictOf(routing, context), leads: leadsOf(ruleset, routing, subject, now) }
}

function whyUnmet(unmet: string, name: string, { text, at }: Subject, { ruleset, timeZone, now }: Context): string {
  switch (unmet) {
    case 'until': {
      const { until = 0 } = ruleset.mutes.find((mute) => mute.name === name) ?? {}
      return `expired at ${localMoment(until, timeZone)}`
    }
    case 'except':
      return 'except matches'
    case 'olderThan':
      return at === undefined ? 'without a time' : `${ageText(now - at)} old`
    case 'message':
      return 'message does not match'
    default: {
      const has = oneLine(text[unmet as TextName] ?? '')
      return has === '' ? `no ${unmet}` : `${unmet} is "${has}"`
    }
  }
}

function verdictOf({ ruling }: Routing, { ruleset, timeZone }: Context): RuleVerdict {
  if (ruling.action === 'mute') {
    const says = `mute until ${localMoment(ruling.until, timeZone)} (${plainLine(ruling.reason)})`
    return { kind: 'mute', name: plainLine(ruling.rule), isDefault: false, says }
  }
  const rule = ruleset.rules.find(({ name }) => name === ruling.rule)
  const name = ruling.rule === undefined ? null : plainLine(ruling.rule)
  const common = {
    kind: name === null ? ('no rule' as const) : ('rule' as const),
    name,
    isDefault: rule?.isDefault ?? false,
  }
  return { ...common, says: rule ? actionText(rule) : 'show' }
}

/** As the router does: the first route that matches, and with `continue` those after it. */
function leadsOf(
  { routes }: Ruleset,
  { ruling, targets }: Routing,
  subject: Subject,
  now: number,
): Map<string, string[]> {
  const asShown = ruling.action === 'show' ? withTexts(subject, { severity: ruling.severity }) : subject
  const leads = new Map<string, string[]>(targets.map(({ name }) => [name, []]))
  for (const [index, route] of routes.entries()) {
    if (unmetOf(route, asShown, now) !== undefined) continue
    for (const { name } of route.targets) leads.get(name)?.push(`routes[${index}]`)
    if (!route.continues) break
  }
  return leads
}
