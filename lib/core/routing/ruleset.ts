import type { Severity } from '../event/severity.ts'
import type { Matcher } from './match.ts'
import type { QuietHours } from './quiet.ts'
import type { Target } from './target.ts'

/** A configuration file, compiled once. */
export interface Ruleset {
  mutes: CompiledMute[]
  /** The rules of the file, then the built-in rules. */
  rules: CompiledRule[]
  routes: CompiledRoute[]
  /** The target of events that no route matches. */
  target: Target
  targets: Map<string, Target>
  quiet: QuietHours[]
  fallback: Target | undefined
  suppressed: { at: string; zone: string; target: Target } | undefined
  /** After how long to report that a cluster sends no records. */
  watchdog: { after: string; target: Target } | undefined
  /** Cluster names by Kafka topic. */
  clusters: Record<string, string>
}

/** An event matches if it meets `match` and does not meet `except`. */
export interface Conditions {
  match: Matcher | undefined
  except: Matcher | undefined
}

/** How often something must happen before its incident is shown. */
export interface Threshold {
  atLeast: number
  /** Undefined: without a time limit. */
  withinMilliseconds: number | undefined
  /** Each event is counted alone, instead of all events of the incident together. */
  isPerEvent: boolean
}

export interface CompiledRule extends Conditions {
  name: string
  /** True for a built-in rule. */
  isDefault: boolean
  action: 'show' | 'drop'
  threshold: Threshold | undefined
  severity: Severity | undefined
  isSilent: boolean
  hint: string | undefined
  link: string | undefined
}

export interface CompiledMute extends Conditions {
  name: string
  /** Milliseconds since the epoch. */
  until: number
  reason: string
}

export interface CompiledRoute extends Conditions {
  targets: Target[]
  continues: boolean
}
