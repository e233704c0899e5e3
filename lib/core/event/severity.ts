/** `critical`: act on it even at night. `good`: a problem is over. */
export type Severity = 'critical' | 'warning' | 'info' | 'good'

const order: Record<Severity, number> = { good: 0, info: 1, warning: 2, critical: 3 }

/** Above 0 if `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return order[a] - order[b]
}

/** True if a message of this severity arrives with a sound. */
export function isLoud(severity: Severity): boolean {
  return compareSeverity(severity, 'warning') >= 0
}

export function worse(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) >= 0 ? a : b
}
