import type { TestApp } from './app.ts'
import { envelope, event, record } from './records.ts'

export const minutes = (app: TestApp, count: number) => app.clock.sleep(count * 60_000)

/** Sweeps once a minute, as the schedule does. */
export async function pass(count: number, ...apps: TestApp[]) {
  for (let passed = 0; passed < count; passed += 1) {
    for (const app of apps) await app.sweep()
    const [app] = apps
    if (app) await minutes(app, 1)
  }
}

/** The rule that decided about each record, in their order. */
export const rulesOf = (app: TestApp) => app.log.filter(({ message }) => message === 'record').map(({ rule }) => rule)

/** A record of an event at this moment. */
export function at(app: TestApp, number: number, fields: Record<string, unknown> = {}, topic = 'kube-events') {
  const now = new Date(app.clock.now()).toISOString()
  const given = event(number, { firstTimestamp: now, lastTimestamp: now, count: 1, ...fields })
  return { ...record(number, { value: envelope(given) }), topic }
}

/** An event of a rollout. */
export const normal = {
  type: 'Normal',
  reason: 'ScalingReplicaSet',
  message: 'Scaled up replica set web-7d9f8c6b5 to 3',
}
export const node = { kind: 'Node', name: 'worker-1', namespace: '' }
export const probe = { reason: 'Unhealthy', message: 'Readiness probe failed: HTTP probe failed with statuscode: 503' }
