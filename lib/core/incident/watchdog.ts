/** When a cluster's records last came. Times are the program's own: those of events may be old, and kube-eventer gives records none. */
export interface Seen {
  cluster: string
  /** Milliseconds since the epoch, as all times here. */
  at: number
  /** When it became news that nothing has come since `at`. */
  silentAt?: number
  /** The last silence that was news, once it is over. */
  over?: Silence
}

export interface Silence {
  since: number
  until: number
}

/** How exactly it is known; a write for each cluster and minute. */
export const exactMilliseconds = 60_000

const dayMilliseconds = 24 * 3_600_000
/** A cluster that has not been heard of for so long was removed. */
export const rememberedMilliseconds = 7 * dayMilliseconds
// State keeps an incident for two days: what is told anew after that would be sent anew.
const newsMilliseconds = dayMilliseconds

/** With records of a cluster that came at `at`; undefined where that is nothing new. */
export function heard(known: Seen | undefined, cluster: string, at: number): Seen | undefined {
  if (!known || at - known.at >= rememberedMilliseconds) return { cluster, at }
  if (at - known.at < exactMilliseconds) return undefined
  const over = known.silentAt === undefined ? known.over : { since: known.at, until: at }
  return { cluster, at, ...(over ? { over } : {}) }
}

/** As a cluster that is silent from now on; undefined where it is not, or was already. */
export function silent(seen: Seen, now: number, afterMilliseconds: number): Seen | undefined {
  const milliseconds = now - seen.at
  const isNews = milliseconds >= afterMilliseconds && milliseconds < rememberedMilliseconds
  return isNews && seen.silentAt === undefined ? { ...seen, silentAt: now } : undefined
}

/** What is to be told of a cluster: that it is silent since, that a silence is over. */
export function newsOf({ at, silentAt, over }: Seen, now: number): { since?: number; over?: Silence } {
  return {
    ...(silentAt !== undefined && now - silentAt < newsMilliseconds ? { since: at } : {}),
    ...(over && now - over.until < newsMilliseconds ? { over } : {}),
  }
}

/** Until when it is kept: whole days, so that a store that sorts by it has little to do. */
export function expiryOf({ at }: Seen): number {
  return Math.ceil((at + rememberedMilliseconds) / dayMilliseconds) * dayMilliseconds
}
