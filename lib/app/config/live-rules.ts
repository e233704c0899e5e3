import type { RemoteText } from '../../adapters/aws/remote-file.ts'
import { sha256 } from '../../core/hash.ts'
import { firstProblems, mostLogged } from '../../core/routing/problem.ts'
import type { Ruleset } from '../../core/routing/ruleset.ts'
import type { Clock, Log, LogFields, RulesText } from '../../pipeline/ports.ts'
import type { RulesMistake } from '../../pipeline/rules-mistakes.ts'
import type { Remote } from './remote.ts'

/** The rules of a file outside of the package, which may change while the program runs. */
export interface LiveRules {
  /** As in CONFIG_FILE. */
  name: string
  /** The ruleset to use now. Reads the file again if a minute has passed, and logs what has changed. Never rejects. */
  current(log: Log): Promise<Ruleset>
  /** The last good version. */
  inUse(): GoodRules
  /** Versions with mistakes. Those that were fixed are forgotten after a day. */
  mistakes(): readonly RulesMistake[]
}

/** What the file says now. */
export type RulesReading = GoodRules | WrongRules | { kind: 'unreadable'; reason: string }

export interface GoodRules extends RulesText {
  kind: 'good'
  ruleset: Ruleset
  warnings: string[]
}

interface WrongRules extends RulesText {
  kind: 'wrong'
  /** Each with its line. */
  problems: string[]
}

export interface RulesState {
  inUse: GoodRules
  /** Why a newer version is not in use. */
  problem: { reading: Exclude<RulesReading, GoodRules>; since: number } | undefined
  mistakes: RulesMistake[]
}

interface LogEntry {
  level: 'info' | 'warn' | 'error'
  message: string
  fields?: LogFields
}

const rereadMilliseconds = 60_000
const rememberedMilliseconds = 24 * 3_600_000
const recentMilliseconds = 15 * 60_000

/** What a reading changes, and what to log about it: each change once. `now` in milliseconds since the epoch. */
export function afterReading(
  state: RulesState,
  reading: RulesReading,
  now: number,
): { state: RulesState; entries: LogEntry[] } {
  const { inUse, problem } = state
  if (reading.kind !== 'good') {
    if (problem && isSame(problem.reading, reading)) return { state, entries: [] }
    const entry: LogEntry =
      reading.kind === 'wrong'
        ? { level: 'error', message: 'new rules have mistakes', fields: mistakeFields(reading, inUse) }
        : { level: 'error', message: 'rules cannot be read', fields: { error: reading.reason, inUse: inUse.version } }
    const mistakes = reading.kind === 'wrong' ? withMistake(state.mistakes, reading, now) : state.mistakes
    return { state: { inUse, mistakes, problem: { reading, since: problem?.since ?? now } }, entries: [entry] }
  }
  if (reading === inUse && !problem) return { state, entries: [] }
  const after = problem && { afterSeconds: Math.round((now - problem.since) / 1_000) }
  const { version, warnings } = reading
  const entry: LogEntry =
    reading === inUse
      ? { level: 'info', message: 'rules can be read again', fields: { version, ...after } }
      : { level: 'info', message: 'new rules in use', fields: { version, before: inUse.version, ...after } }
  const mistakes = state.mistakes
    .filter(({ fixed }) => !fixed || now - fixed.at < rememberedMilliseconds)
    .map((mistake) => (mistake.fixed ? mistake : { ...mistake, fixed: { version, at: now } }))
  const newWarnings = warnings.filter((warning) => !inUse.warnings.includes(warning))
  return {
    state: { inUse: reading, mistakes, problem: undefined },
    entries: [entry, ...newWarnings.map((message) => ({ level: 'warn' as const, message }))],
  }
}

function isSame(one: RulesReading, other: RulesReading): boolean {
  if (one.kind !== 'unreadable' || other.kind !== 'unreadable') return one === other
  return withoutAddresses(one.reason) === withoutAddresses(other.reason)
}

/** AWS has many addresses, and an outage is one problem. */
function withoutAddresses(reason: string): string {
  return reason.replace(/\b\d+(?:\.\d+){3}(?::\d+)?\b|\[?(?:[\da-f]*:){2,}[\da-f]*\]?(?::\d+)?/gi, '')
}

function mistakeFields({ version, problems }: WrongRules, inUse: GoodRules): LogFields {
  return { version, inUse: inUse.version, problems: firstProblems(problems, mostLogged) }
}

function withMistake(
  known: RulesMistake[],
  { version, text, modifiedAt, problems }: WrongRules,
  now: number,
): RulesMistake[] {
  // A parameter that was deleted begins again with version 1, and an object may have no versions.
  const id = `${version} ${sha256(text).slice(0, 8)}`
  // After an outage of AWS, the same version is found once more.
  if (known.some((one) => one.id === id && !one.fixed)) return known
  // A mistake begins when it is found, if the version was written long ago.
  const isRecent = modifiedAt !== undefined && now - modifiedAt < recentMilliseconds
  return [...known, { id, version, at: isRecent ? modifiedAt : now, problems, fixed: undefined }]
}

export interface Followed {
  remote: Remote
  /** As read at the start, or the last good version, and its rules. */
  file: RemoteText
  /** Why the newest version is not in use; it is told at once. `file` is then the last good version. */
  newest?: { file: RemoteText; problems: string[] } | 'unreadable' | undefined
  ruleset: Ruleset
  warnings: string[]
  parse: (text: string) => Promise<{ ruleset: Ruleset; warnings: string[] } | { problems: string[] }>
  clock: Clock
}

/** Reads rules again while the program runs. New rules replace the last good ones only if they have no mistake. */
export function followRules({ remote, file, newest, ruleset, warnings, parse, clock }: Followed): LiveRules {
  const first: GoodRules = { kind: 'good', ...rulesText(file), ruleset, warnings }
  let latest: { file: RemoteText; reading: RulesReading } =
    typeof newest === 'object'
      ? { file: newest.file, reading: { kind: 'wrong', ...rulesText(newest.file), problems: newest.problems } }
      : { file, reading: first }
  let state: RulesState = { inUse: first, problem: undefined, mistakes: [] }
  let startedAt = newest ? Number.NEGATIVE_INFINITY : clock.now()
  let underWay: Promise<void> | undefined

  async function readAgain(): Promise<RulesReading> {
    try {
      const found = await remote.read(latest.file)
      if (found.text !== latest.file.text || found.version !== latest.file.version)
        latest = { file: found, reading: await readingOf(found) }
      return latest.reading
    } catch (error) {
      return { kind: 'unreadable', reason: (error as Error).message }
    }
  }

  async function readingOf(found: RemoteText): Promise<RulesReading> {
    const about = rulesText(found)
    // The same text, written again, does not change the ruleset.
    if (found.text === latest.file.text) return { ...latest.reading, ...about }
    const parsed = await parse(found.text)
    return 'problems' in parsed
      ? { kind: 'wrong', ...about, problems: parsed.problems }
      : { kind: 'good', ...about, ruleset: parsed.ruleset, warnings: parsed.warnings }
  }

  async function update(log: Log): Promise<void> {
    const { state: next, entries } = afterReading(state, await readAgain(), clock.now())
    state = next
    for (const { level, message, fields } of entries) log[level](message, { file: remote.name, ...fields })
  }

  return {
    name: remote.name,
    async current(log) {
      const now = clock.now()
      // A clock that was put back must not stop it.
      if (!underWay && Math.abs(now - startedAt) >= rereadMilliseconds) {
        startedAt = now
        underWay = update(log).finally(() => {
          underWay = undefined
        })
      }
      await underWay
      return state.inUse.ruleset
    },
    inUse: () => state.inUse,
    mistakes: () => state.mistakes,
  }
}

function rulesText({ text, version, modifiedAt }: RemoteText): RulesText {
  return { text, version, modifiedAt }
}
