import type { Total } from '../incident/suppressed.ts'
import type { Words } from './words/en.ts'

const mostRules = 12

/** `432 in 24 h: probes 312 (mostly shop/web), rollouts 120`, greatest first. */
export function suppressedText(totals: readonly Total[], { card: words }: Words): string {
  const sum = totals.reduce((all, { count }) => all + count, 0)
  const rules = totals
    .slice(0, mostRules)
    .map(
      ({ rule, count, top }) => `${rule} ${words.number(count)}${top === undefined ? '' : ` (${words.mostly} ${top})`}`,
    )
  const rest = totals.length > mostRules ? [`… (+${totals.length - mostRules})`] : []
  return `${words.inADay(words.number(sum))}: ${[...rules, ...rest].join(', ')}`
}
