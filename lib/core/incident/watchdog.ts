/** When a cluster's records last came. Times are the program's own: those of events may be old, and kube-eventer gives records none. */
export interface LastSeen {
  cluster: string
  /** Milliseconds since the epoch, as all times here. */
  at: number
  /** When it was reported that nothing has come since `at`. */
  gapReportedAt?: number
  /** The last reported gap that is over. */
  lastGap?: Gap
}

/** A time without records. */
export interface Gap {
  since: number
  until: number
}

/** How exactly `at` is known; it costs a write for each cluster and minute. */
export const exactMilliseconds = 60_000

const dayMilliseconds = 24 * 3_600_000
/** A cluster without records for so long was removed. */
export const rememberedMilliseconds = 7 * dayMilliseconds
// The store keeps an incident for two days. A report that is raised again later would be sent again.
const reportedMilliseconds = dayMilliseconds

/** After a record of the cluster at `at`; undefined if that changes nothing. */
export function afterRecord(known: LastSeen | undefined, cluster: string, at: number): LastSeen | undefined {
  if (!known || at - known.at >= rememberedMilliseconds) return { cluster, at }
  if (at - known.at < exactMilliseconds) return undefined
  const lastGap = known.gapReportedAt === undefined ? known.lastGap : { since: known.at, until: at }
  return { cluster, at, ...(lastGap ? { lastGap } : {}) }
}

/** With its gap as reported at `now`; undefined if there is no gap, or it was reported before. */
export function reportGap(lastSeen: LastSeen, now: number, afterMilliseconds: number): LastSeen | undefined {
  const milliseconds = now - lastSeen.at
  const isGap = milliseconds >= afterMilliseconds && milliseconds < rememberedMilliseconds
  return isGap && lastSeen.gapReportedAt === undefined ? { ...lastSeen, gapReportedAt: now } : undefined
}

/** What has to be told of a cluster: that it has sent nothing since a time, that a gap is over. */
export function gapsToTell({ at, gapReportedAt, lastGap }: LastSeen, now: number): { since?: number; over?: Gap } {
  return {
    ...(gapReportedAt !== undefined && now - gapReportedAt < reportedMilliseconds ? { since: at } : {}),
    ...(lastGap && now - lastGap.until < reportedMilliseconds ? { over: lastGap } : {}),
  }
}

/** Until when it is stored: whole days, so that a store that sorts by it has little to do. */
export function expiryOf({ at }: LastSeen): number {
  return Math.ceil((at + rememberedMilliseconds) / dayMilliseconds) * dayMilliseconds
}
