import { apply } from '../../lib/core/incident/apply.ts'
import { parseTarget, type Target } from '../../lib/core/routing/target.ts'
import type { Store } from '../../lib/pipeline/ports.ts'
import { changesOf, renderer } from './incidents.ts'

/** Incidents of one chat that are not shown yet. */
export interface Pending {
  chat: number
  severity: 'critical' | 'warning'
  count: number
  /** Milliseconds since the epoch at which the first became due. Each further one is due a millisecond later. */
  since: number
  /** Part of each incident's object name, which its message shows. */
  name: string
}

const writtenAtOnce = 32

/** Saves pending incidents as a batch does, one merge each. */
export async function savePending(store: Store, groups: Pending[]): Promise<void> {
  const single = groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, number) => ({ ...group, number, since: group.since + number })),
  )
  const queue = single.values()
  const writer = async () => {
    for (const { chat, severity, name, number, since } of queue) {
      const at = new Date(since).toISOString()
      const times = { firstTimestamp: at, lastTimestamp: at, count: 1 }
      const object = `${name}-${number}`
      const trouble =
        severity === 'critical'
          ? { involvedObject: { kind: 'Node', name: object }, reason: 'SystemOOM', message: 'System OOM encountered' }
          : {
              involvedObject: { kind: 'CronJob', namespace: 'shop', name: object },
              reason: 'MissSchedule',
              message: 'x',
            }
      const [change] = changesOf([{ ...trouble, ...times }], 'test', parseTarget(String(chat)) as Target)
      if (!change) throw new Error('no incident')
      const { body } = apply(change, undefined, renderer, since)
      const written = await store.saveBody(change.key, body, { pendingSince: since, due: since }, 0)
      if (!('saved' in written)) throw new Error('it is there already')
    }
  }
  await Promise.all(Array.from({ length: writtenAtOnce }, writer))
}
