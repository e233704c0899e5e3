export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Compares integers of any size, given as decimal digits without leading zeros; an empty text counts as 0. */
export function compareVersions(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}
