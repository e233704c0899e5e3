/** `critical`: what one must act on at night. `good`: what was wrong is over. */
export type Severity = 'critical' | 'warning' | 'info' | 'good'

const order: Record<Severity, number> = { good: 0, info: 1, warning: 2, critical: 3 }

/** Above 0 if `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return order[a] - order[b]
}

/** True of what people are to hear: their phones are silent for the rest. */
export function isLoud(severity: Severity): boolean {
  return compareSeverity(severity, 'warning') >= 0
}

export function worse(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) >= 0 ? a : b
}
