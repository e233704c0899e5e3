import { atMost } from '../message/text/tidy.ts'
import { type CauseRow, causes } from './cause-table.ts'
import type { KubeEvent } from './event.ts'
import { withoutCombinedPrefix } from './event.ts'
import type { Severity } from './severity.ts'

export interface Cause {
  name: string
  severity: Severity
  /** Without a recovery, an incident of this cause ends this long after its last event. */
  quietMinutes: number
}

/** The cause of an event, by its reason and message. A reason that the table lacks is its own cause, with a severity by `type`. */
export function causeOf({ type, reason, message }: Pick<KubeEvent, 'type' | 'reason' | 'message'>): Cause {
  const row = rowOf(reason, message)
  const name = row?.name ?? clipped(reason)
  return {
    name,
    severity: row?.severity ?? (isConflict(message) ? 'info' : severityOf(type)),
    quietMinutes: quietMinutes.get(name) ?? defaultQuietMinutes,
  }
}

/** True if two updates conflicted; the retry normally succeeds (apiserver, registry/generic/registry, OptimisticLockErrorMsg). */
export function isConflict(message: string): boolean {
  return conflict.test(message.slice(-maxMatched))
}

/** The row of the table for an event of this reason and message. */
export function rowOf(reason: string, message: string): CauseRow | undefined {
  const rows = rowsByReason.get(reason)
  if (!rows) return undefined
  const text = withoutCombinedPrefix(message).slice(0, maxMatched)
  return rows.find((row) => row.message?.test(text) ?? true)
}

/** The table's rows for a cause; none if the cause is a reason that the table lacks. */
export function rowsOfCause(name: string): CauseRow[] {
  return causes.filter((row) => row.name === name)
}

// Only at the end of a message: the text before an error names what failed because of it.
const conflict =
  /Operation cannot be fulfilled on [^:]{1,300}: the object has been modified(?:; please apply your changes to the latest version and try again)?\W{0,9}$/
const maxMatched = 2_000
const maxName = 100

const rowsByReason = new Map<string, CauseRow[]>()
for (const row of causes) {
  for (const reason of row.reasons) rowsByReason.set(reason, [...(rowsByReason.get(reason) ?? []), row])
}

const defaultQuietMinutes = 60
// Longer than the longest pause between two repeats.
const quietMinutes = new Map([
  // A FailedScheduling series is written every 30 to 36 minutes (client-go, tools/events).
  ['scheduling', 90],
  ['probe-readiness', 30],
  ['probe-liveness', 30],
  ['probe-startup', 30],
  // The kubelet's back-off is at most five minutes.
  ['image-pull', 30],
  ['crash-loop', 30],
  ['container-config', 30],
  ['container-start', 30],
  ['volume-mount', 30],
  ['sandbox', 30],
  // Reported once, although the state lasts.
  ['node-not-ready', 720],
  ['pod-node-not-ready', 720],
  ['node-memory', 240],
  ['node-disk', 240],
  ['node-pid', 240],
  // As long as the watchdog remembers a cluster (lib/core/incident/watchdog.ts), so that the incident is still open when events arrive again.
  ['no-events', 10_080],
  // As long as the program remembers a mistake (lib/app/config/live-rules.ts).
  ['rules-refused', 1_440],
  // cert-manager tries again after 1, 2, 4 … 32 hours.
  ['certificate', 1_980],
])

function severityOf(type: string): Severity {
  switch (type.toLowerCase()) {
    case 'error':
      return 'critical'
    case 'warning':
      return 'warning'
    default:
      return 'info'
  }
}

function clipped(reason: string): string {
  return atMost(reason, maxName) || 'event'
}
