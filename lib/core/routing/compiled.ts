import type { Severity } from '../event/severity.ts'
import type { Matcher } from './match.ts'
import type { QuietHours } from './quiet.ts'
import type { Target } from './target.ts'

/** A configuration file, compiled once. */
export interface Ruleset {
  mutes: CompiledMute[]
  /** The operator's own, then the project's. */
  rules: CompiledRule[]
  routes: CompiledRoute[]
  /** Where an event goes that no route names. */
  target: Target
  targets: Map<string, Target>
  quiet: QuietHours[]
  fallback: Target | undefined
  suppressed: { at: string; zone: string; target: Target } | undefined
  /** After how long it is told that no record comes from a cluster. */
  watchdog: { after: string; target: Target } | undefined
  /** Cluster names by Kafka topic. */
  clusters: Record<string, string>
}

/** Who: all that `match` asks for, and nothing that all of `except` fits. */
export interface Conditions {
  match: Matcher | undefined
  except: Matcher | undefined
}

/** So often before an incident is shown. */
export interface Threshold {
  atLeast: number
  /** Undefined: in all. */
  withinMilliseconds: number | undefined
  /** One event alone has to be so frequent, not all of the incident's together. */
  isPerEvent: boolean
}

export interface CompiledRule extends Conditions {
  name: string
  /** One of the project's. */
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
