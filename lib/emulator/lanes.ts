import type { Clock } from '../adapters/clock.ts'
import { type Pace, paceOf } from './pacing.ts'
import type { Wait } from './waiting.ts'

/** What the server keeps for one chat, apart from what a reader sees. */
export interface Lane {
  pace: Pace
  inFlight: number
  mostInFlight: number
  /** Runs jobs one after another, in the order they came: TDLib chains the requests to a chat (SequenceDispatcher.cpp). */
  run<Result>(job: () => Promise<Result>, wait: Wait): Promise<Result>
}

export type Lanes = (chatId: number) => Lane

export function openLanes(isPrivate: (chatId: number) => boolean, clock: Clock): Lanes {
  const lanes = new Map<number, Lane>()
  return (chatId) => {
    const lane = lanes.get(chatId) ?? newLane(paceOf(isPrivate(chatId), clock))
    lanes.set(chatId, lane)
    return lane
  }
}

function newLane(pace: Pace): Lane {
  let last: Promise<unknown> = Promise.resolve()
  return {
    pace,
    inFlight: 0,
    mostInFlight: 0,
    run(job, wait) {
      const done = wait(last).then(job, job)
      last = done
      return done
    },
  }
}
