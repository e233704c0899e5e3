import { localTime } from '../../core/event/time.ts'
import type { Ruleset } from '../../core/routing/ruleset.ts'
import { actionText, isoOf, plainLine } from '../inspect/words.ts'
import { type EffectCounts, type RecordCounts, suppressed } from './count.ts'

/** What the rules do with a recorded day. Numbers count records if not named otherwise; lists start with the largest. */
export interface StatsReport {
  records: number
  from: string | null
  to: string | null
  shown: number
  belowAtLeast: number
  /** Of those below atLeast: shown later with their incident. */
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
  /** Own rules and mutes that decided nothing. */
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
  /** Share of all records that are events. */
  share: number
  shown: number
  suppressed: number
}

export function reportOf(
  counted: RecordCounts,
  ruleset: Ruleset,
  { top, timeZone }: { top: number; timeZone: string },
): StatsReport {
  const { records, effects, rejected, incidents, messages, edits, shownLater, from, to } = counted
  const events = records - (effects.rejected ?? 0)
  const own = [
    ...ruleset.mutes.map(({ name }) => `mute ${name}`),
    ...ruleset.rules.filter(({ isDefault }) => !isDefault).map(({ name }) => name),
  ]
  const used = new Set([...counted.rules].map(([name, { kind }]) => (kind === 'mute' ? `mute ${name}` : name)))
  return {
    records,
    from: isoOf(from) ?? null,
    to: isoOf(to) ?? null,
    shown: effects.shown ?? 0,
    belowAtLeast: effects['below atLeast'] ?? 0,
    shownLater,
    dropped: effects.dropped ?? 0,
    muted: effects.muted ?? 0,
    recoveries: effects.recovery ?? 0,
    repeated: effects.repeated ?? 0,
    rejected: effects.rejected ?? 0,
    rejectedWhy: rejected,
    incidents: incidents.all,
    incidentsShown: incidents.shown,
    messages,
    edits,
    rules: [...counted.rules]
      .map(([name, { kind, effects }]) => ruleReport(name, kind, effects, events, ruleset))
      .sort((a, b) => b.records - a.records),
    idle: own.filter((name) => !used.has(name)).map(plainLine),
    talkers: [...counted.talkers]
      .map(([name, effects]) => ({ name, ...sides(effects) }))
      .sort((a, b) => b.shown + b.suppressed - a.shown - a.suppressed)
      .slice(0, top),
    reasons: [...counted.reasons.values()]
      .map((reason) => ({ ...reason, rule: plainLine(reason.rule) }))
      .sort((a, b) => b.count - a.count)
      .slice(0, top),
    hours: [...counted.hours]
      .sort(([, a], [, b]) => sum(b) - sum(a))
      .slice(0, top)
      .map(([hour, effects]) => ({ hour: hourOf(hour, timeZone), records: sum(effects), ...sides(effects) })),
  }
}

function ruleReport(
  name: string,
  kind: 'rule' | 'mute',
  effects: EffectCounts,
  events: number,
  { rules, mutes }: Ruleset,
): RuleReport {
  const rule = rules.find((one) => one.name === name)
  const mute = mutes.find((one) => one.name === name)
  const muted = `mute until ${isoOf(mute?.until)?.slice(0, 10) ?? ''}`
  return {
    kind: name === '' ? 'no rule' : kind,
    name: name === '' ? '(no rule)' : plainLine(name),
    isDefault: rule?.isDefault ?? false,
    says: kind === 'mute' ? muted : rule ? actionText(rule) : 'show',
    records: sum(effects),
    share: events === 0 ? 0 : Math.round((1_000 * sum(effects)) / events) / 1_000,
    ...sides(effects),
  }
}

function sides(effects: EffectCounts): { shown: number; suppressed: number } {
  return {
    shown: effects.shown ?? 0,
    suppressed: suppressed.reduce((total, effect) => total + (effects[effect] ?? 0), 0),
  }
}

function sum(effects: EffectCounts): number {
  return Object.values(effects).reduce((total, count) => total + count, 0)
}

function hourOf(hour: number, timeZone: string): string {
  const { date, time, offset } = localTime(hour * 3_600_000, timeZone)
  return `${date} ${time.slice(0, 5)} ${offset}`
}
