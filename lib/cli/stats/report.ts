import { localTime } from '../../core/event/time.ts'
import type { Ruleset } from '../../core/routing/compiled.ts'
import { isoOf, plainLine, thresholdOf } from '../inspect/words.ts'
import { type Fates, type RecordCounts, suppressed } from './count.ts'

/** What the rules do to a recorded day. Of records unless another thing is named; of lists the greatest first. */
export interface StatsReport {
  records: number
  from: string | null
  to: string | null
  shown: number
  belowAtLeast: number
  /** Of those below: shown after all, as their incident went on. */
  shownLater: number
  dropped: number
  muted: number
  recoveries: number
  repeated: number
  rejected: number
  rejectedWhy: Record<string, number>
  incidents: number
  incidentsShown: number
  messages: number
  edits: number
  rules: RuleReport[]
  /** Rules and mutes that decided about nothing. */
  idle: string[]
  talkers: { name: string; shown: number; suppressed: number }[]
  reasons: { reason: string; rule: string; count: number }[]
  hours: { hour: string; records: number; shown: number; suppressed: number }[]
}

export interface RuleReport {
  kind: 'rule' | 'mute' | 'no rule'
  name: string
  isDefault: boolean
  says: string
  records: number
  /** Of all records that are events. */
  share: number
  shown: number
  suppressed: number
}

export function reportOf(
  counted: RecordCounts,
  ruleset: Ruleset,
  { top, timeZone }: { top: number; timeZone: string },
): StatsReport {
  const { records, fates, rejected, incidents, messages, edits, shownLater, from, to } = counted
  const events = records - (fates.rejected ?? 0)
  const own = [
    ...ruleset.mutes.map(({ name }) => `mute ${name}`),
    ...ruleset.rules.filter(({ isDefault }) => !isDefault).map(({ name }) => name),
  ]
  const used = new Set([...counted.rules].map(([name, { kind }]) => (kind === 'mute' ? `mute ${name}` : name)))
  return {
    records,
    from: isoOf(from) ?? null,
    to: isoOf(to) ?? null,
    shown: fates.shown ?? 0,
    belowAtLeast: fates['below atLeast'] ?? 0,
    shownLater,
    dropped: fates.dropped ?? 0,
    muted: fates.muted ?? 0,
    recoveries: fates.recovery ?? 0,
    repeated: fates.repeated ?? 0,
    rejected: fates.rejected ?? 0,
    rejectedWhy: rejected,
    incidents: incidents.all,
    incidentsShown: incidents.shown,
    messages,
    edits,
    rules: [...counted.rules]
      .map(([name, { kind, fates }]) => ruleReport(name, kind, fates, events, ruleset))
      .sort((a, b) => b.records - a.records),
    idle: own.filter((name) => !used.has(name)).map(plainLine),
    talkers: [...counted.talkers]
      .map(([name, fates]) => ({ name, ...sides(fates) }))
      .sort((a, b) => b.shown + b.suppressed - a.shown - a.suppressed)
      .slice(0, top),
    reasons: [...counted.reasons.values()]
      .map((reason) => ({ ...reason, rule: plainLine(reason.rule) }))
      .sort((a, b) => b.count - a.count)
      .slice(0, top),
    hours: [...counted.hours]
      .sort(([, a], [, b]) => sum(b) - sum(a))
      .slice(0, top)
      .map(([hour, fates]) => ({ hour: hourOf(hour, timeZone), records: sum(fates), ...sides(fates) })),
  }
}

function ruleReport(
  name: string,
  kind: 'rule' | 'mute',
  fates: Fates,
  events: number,
  { rules, mutes }: Ruleset,
): RuleReport {
  const rule = rules.find((one) => one.name === name)
  const mute = mutes.find((one) => one.name === name)
  const shows = `show${rule?.threshold ? ` after ${thresholdOf(rule.threshold)}` : ''}`
  const muted = `mute until ${isoOf(mute?.until)?.slice(0, 10) ?? ''}`
  return {
    kind: name === '' ? 'no rule' : kind,
    name: name === '' ? '(no rule)' : plainLine(name),
    isDefault: rule?.isDefault ?? false,
    says: kind === 'mute' ? muted : rule?.action === 'drop' ? 'drop' : shows,
    records: sum(fates),
    share: events === 0 ? 0 : Math.round((1_000 * sum(fates)) / events) / 1_000,
    ...sides(fates),
  }
}

function sides(fates: Fates): { shown: number; suppressed: number } {
  return { shown: fates.shown ?? 0, suppressed: suppressed.reduce((total, fate) => total + (fates[fate] ?? 0), 0) }
}

function sum(fates: Fates): number {
  return Object.values(fates).reduce((total, count) => total + count, 0)
}

function hourOf(hour: number, timeZone: string): string {
  const { date, time, offset } = localTime(hour * 3_600_000, timeZone)
  return `${date} ${time.slice(0, 5)} ${offset}`
}
