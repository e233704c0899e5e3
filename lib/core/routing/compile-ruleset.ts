import { isoTime, isTimeZone, parseTime } from '../event/time.ts'
import { defaultRules } from './defaults.ts'
import { millisecondsOf } from './duration.ts'
import { type PatternProblem, parseMatch } from './match.ts'
import type { Compile } from './pattern.ts'
import { type Path, type PathProblem, quoted } from './problem.ts'
import { type QuietHours, quietHoursOf } from './quiet.ts'
import type { CompiledMute, CompiledRoute, CompiledRule, Conditions, Ruleset, Threshold } from './ruleset.ts'
import type { Match, Mute, Quiet, Route, RoutingFile, Rule } from './schema.ts'
import { parseTarget, type Target } from './target.ts'

/** Every target of the configuration, by its stable name. */
export function knownTargets({
  target,
  targets,
  routes,
  fallback,
  suppressed,
  watchdog,
}: Ruleset): Map<string, Target> {
  const all = [target, ...targets.values(), ...routes.flatMap((route) => route.targets)]
  const own = [fallback, suppressed?.target, watchdog?.target].flatMap((one) => one ?? [])
  return new Map([...all, ...own].map((one) => [one.name, one]))
}

export interface RulesetContext {
  /** The target of events that no route matches. */
  target: Target
  /** Used where quiet hours or the daily summary name no zone. */
  timeZone: string
  compile: Compile
}

/** The ruleset of a program without a configuration file. */
export function defaultRuleset(context: RulesetContext): Ruleset {
  return compileRuleset({ defaults: true }, context).ruleset
}

/** Compiles a file of the right shape. Parts that are wrong are left out and reported as problems. */
export function compileRuleset(
  file: RoutingFile,
  { target, timeZone, compile }: RulesetContext,
): { ruleset: Ruleset; problems: PathProblem[] } {
  const problems: PathProblem[] = []
  const targets = new Map<string, Target>()
  for (const [name, text] of Object.entries(file.targets ?? {})) {
    const parsed = parseTarget(String(text))
    const twin = parsed && [...targets.values()].find((one) => isSame(one, parsed))
    const path = ['targets', name]
    if (!parsed) problems.push({ path, message: `must be ${chatForm}, not ${quoted(text)}` })
    else if (twin)
      problems.push({ path, message: `targets "${twin.name}" and "${name}" are the same chat; use one name for it` })
    else targets.set(name, isSame(parsed, target) ? target : { ...parsed, name })
  }
  // One chat gets one message of an incident, so a chat ID stands for the target that has a name for it.
  const parseKnown = (name: string) => {
    const parsed = parseTarget(name)
    return parsed && ([target, ...targets.values()].find((one) => isSame(one, parsed)) ?? parsed)
  }

  const isNamed = (name: string) => Object.hasOwn(file.targets ?? {}, name)

  function find(given: string | number, path: Path): Target[] {
    const name = String(given)
    const found = targets.get(name) ?? (isNamed(name) ? undefined : parseKnown(name))
    if (found) return [found]
    if (!isNamed(name))
      problems.push({
        path,
        message: `${quoted(name)} is neither a name in targets nor a chat ID`,
        unknown: { word: name, allowed: Object.keys(file.targets ?? {}) },
      })
    return []
  }

  function findAll(names: string | number | (string | number)[], path: Path): Target[] {
    return !Array.isArray(names) ? find(names, path) : names.flatMap((name, index) => find(name, [...path, index]))
  }

  function conditions(
    { match, except }: { match?: Match | undefined; except?: Match | undefined },
    path: Path,
  ): Conditions {
    const compiled = (given: Match | undefined, name: string) => {
      if (!given) return undefined
      const { matcher, problems: found } = parseMatch(given, compile)
      problems.push(...found.map((problem) => placed(problem, [...path, name])))
      return matcher
    }
    return { match: compiled(match, 'match'), except: compiled(except, 'except') }
  }

  function zoneOf(zone: string | undefined, path: Path): string {
    if (zone === undefined) return timeZone
    if (isTimeZone(zone)) return zone
    problems.push({
      path: [...path, 'zone'],
      message: `must be an IANA time zone, for example Europe/Berlin, not ${quoted(zone)}`,
    })
    return timeZone
  }

  const ruleOf = (rule: Rule, path: Path, isDefault: boolean): CompiledRule => ({
    name: rule.name,
    isDefault,
    ...conditions(rule, path),
    action: rule.action,
    threshold: thresholdOf(rule),
    severity: rule.severity,
    isSilent: rule.silent === true,
    hint: rule.hint,
    link: rule.link,
  })
  const muteOf = (mute: Mute, index: number): CompiledMute => {
    const until = timeOf(mute.until)
    if (until === undefined)
      problems.push({
        path: ['mutes', index, 'until'],
        message: `must be a valid date and time, for example 2026-12-01T08:00:00+01:00, not ${quoted(mute.until)}`,
      })
    return { name: mute.name, reason: mute.reason, until: until ?? 0, ...conditions(mute, ['mutes', index]) }
  }
  const routeOf = (route: Route, index: number): CompiledRoute => ({
    ...conditions(route, ['routes', index]),
    targets: findAll(route.to, ['routes', index, 'to']),
    continues: route.continue === true,
  })
  const quietOf = (quiet: Quiet, index: number): QuietHours =>
    quietHoursOf(quiet, {
      zone: zoneOf(quiet.zone, ['quiet', index]),
      targets: quiet.targets === undefined ? undefined : findAll(quiet.targets, ['quiet', index, 'targets']),
    })

  const own = (file.rules ?? []).map((rule, index) => ruleOf(rule, ['rules', index], false))
  const project = file.defaults ? defaultRules.map((rule, index) => ruleOf(rule, ['defaults', index], true)) : []
  const { suppressed, watchdog } = file
  const orDefault = (name: string | number | undefined, path: Path) =>
    name === undefined ? target : (find(name, path)[0] ?? target)
  const ruleset: Ruleset = {
    target,
    targets,
    mutes: (file.mutes ?? []).map(muteOf),
    rules: [...own, ...project],
    routes: (file.routes ?? []).map(routeOf),
    quiet: (file.quiet ?? []).map(quietOf),
    fallback: file.fallback === undefined ? undefined : find(file.fallback, ['fallback'])[0],
    suppressed:
      suppressed === 'off'
        ? undefined
        : {
            at: suppressed?.at ?? '09:00',
            zone: zoneOf(suppressed?.zone, ['suppressed']),
            target: orDefault(suppressed?.target, ['suppressed', 'target']),
          },
    watchdog: watchdog && { after: watchdog.after, target: orDefault(watchdog.target, ['watchdog', 'target']) },
    clusters: file.clusters ?? {},
  }
  return { ruleset, problems }
}

const chatForm = 'a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or "@channel"'

/** Undefined for a day or time that does not exist. JavaScript alone would read 30 February as 2 March. */
function timeOf(text: string): number | undefined {
  const date = text.slice(0, 10)
  const day = parseTime(`${date}T00:00:00Z`)
  return day !== undefined && isoTime(day).startsWith(date) ? parseTime(text) : undefined
}

function isSame(one: Target, other: Target): boolean {
  return one.chat === other.chat && one.threadId === other.threadId
}

function thresholdOf({ atLeast, within, per }: Rule): Threshold | undefined {
  if (atLeast === undefined) return undefined
  const withinMilliseconds = within === undefined ? undefined : millisecondsOf(within)
  return { atLeast, withinMilliseconds, isPerEvent: per === 'event' }
}

function placed({ field, index, message }: PatternProblem, path: Path): PathProblem {
  return { path: [...path, field, ...(index === undefined ? [] : [index])], message }
}
