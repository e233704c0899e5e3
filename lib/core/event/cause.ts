import { atMost } from '../message/text/tidy.ts'
import { type CauseRow, causes } from './causes.ts'
import type { KubeEvent } from './event.ts'
import { withoutCombinedPrefix } from './event.ts'
import type { Severity } from './severity.ts'

export interface Cause {
  name: string
  severity: Severity
  /** How long after its last trouble an incident of this cause counts as ended if nothing says so. */
  quietMinutes: number
}

/** What is wrong, by reason and event message; unknown ones: the reason itself, with a severity by `type`. */
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

/** The row of the table that an event of this reason and message hits. */
export function rowOf(reason: string, message: string): CauseRow | undefined {
  const rows = rowsByReason.get(reason)
  if (!rows) return undefined
  const text = withoutCombinedPrefix(message).slice(0, maxMatched)
  return rows.find((row) => row.message?.test(text) ?? true)
}

/** The rows of the table of this cause; none for a cause that is a reason. */
export function rowsOfCause(name: string): CauseRow[] {
  return causes.filter((row) => row.name === name)
}

// Where it is the last thing said: what stands before an error is what failed by it.
const conflict =
  /Operation cannot be fulfilled on [^:]{1,300}: the object has been modified(?:; please apply your changes to the latest version and try again)?\W{0,9}$/
const maxMatched = 2_000
const maxName = 100

const rowsByReason = new Map<string, CauseRow[]>()
for (const row of causes) {
  for (const reason of row.reasons) rowsByReason.set(reason, [...(rowsByReason.get(reason) ?? []), row])
}

const defaultQuietMinutes = 60
// More than the longest pause between two repeats.
const quietMinutes = new Map([
  // A FailedScheduling series is written out every 30 to 36 minutes (client-go, tools/events).
  ['scheduling', 90],
  ['probe-readiness', 30],
  ['probe-liveness', 30],
  ['probe-startup', 30],
  // The kubelet's back-offs end at five minutes.
  ['image-pull', 30],
  ['crash-loop', 30],
  ['container-config', 30],
  ['container-start', 30],
  ['volume-mount', 30],
  ['sandbox', 30],
  // Said once, though the state lasts.
  ['node-not-ready', 720],
  ['pod-node-not-ready', 720],
  ['node-memory', 240],
  ['node-disk', 240],
  ['node-pid', 240],
  // As long as its cluster is remembered (lib/core/incident/watchdog.ts): its end belongs to it.
  ['no-events', 10_080],
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
