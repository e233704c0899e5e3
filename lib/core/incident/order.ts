export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Decimal digits without leading zeros as integers of any size; none count as 0. Above 0 if `a` is greater. */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}
