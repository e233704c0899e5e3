import type { KubeEvent } from './event.ts'

/** The clocks of nodes may be ahead of ours by this much. */
export const mostAheadMilliseconds = 5 * 60_000

/**
 * The event without its times in the future, which come from a wrong clock or a forged record. If its latest time is one of them, `at` is
 * unknown: the start time only says that it happened later.
 */
export function withoutFutureTimes(event: KubeEvent, now: number): KubeEvent {
  const latest = now + mostAheadMilliseconds
  const { at, firstAt, lastAt, eventTime } = event
  // `at` is the latest of them all.
  if (at === undefined || at <= latest) return event
  const believed = (time: number | undefined) => (time === undefined || time > latest ? undefined : time)
  return {
    ...event,
    firstAt: believed(firstAt),
    lastAt: believed(lastAt),
    eventTime: believed(eventTime),
    at: undefined,
    claimedAt: at,
  }
}

/** Tells an operator how many events have a time in the future; empty if there are none. */
export function futureTimesNotice(events: readonly Pick<KubeEvent, 'claimedAt'>[]): string[] {
  const count = events.filter(({ claimedAt }) => claimedAt !== undefined).length
  if (count === 0) return []
  const are = count === 1 ? '1 record is' : `${count} records are`
  return [`${are} dated more than 5 minutes in the future: check the clocks of the nodes and of this machine`]
}
