import type { Clock } from '../clock.ts'

/** Heartbeats while a batch is worked on, so that the broker does not take its partitions away. */
export interface Pulse {
  /** Ends them. Resolves with what the group said if it will not have this member as it is any more. */
  stop(): Promise<Error | undefined>
}

const everyMilliseconds = 2_000
// A batch that takes this long never ends: others shall have its partition.
const mostMilliseconds = 120_000

export function startPulse(heartbeat: () => Promise<void>, clock: Clock): Pulse {
  const stopped = new AbortController()
  const until = clock.now() + mostMilliseconds
  let said: Error | undefined

  async function beat() {
    while (clock.now() < until) {
      await clock.sleep(everyMilliseconds, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        await heartbeat()
      } catch (error) {
        // A connection that broke is made anew; whether it matters, the commit will tell.
        if (isOfGroup(error)) said = error
      }
    }
  }

  const beating = beat()
  return {
    async stop() {
      stopped.abort()
      await beating
      return said
    },
  }
}

// While it rebalances, commits of this generation are still taken; a member that is not known any more can't commit.
const groupTypes = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'NOT_COORDINATOR_FOR_GROUP', 'UNKNOWN_MEMBER_ID']

function isOfGroup(error: unknown): error is Error {
  return error instanceof Error && 'type' in error && groupTypes.includes(String(error.type))
}
