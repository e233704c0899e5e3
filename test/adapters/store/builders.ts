import { createHash } from 'node:crypto'
import type { Severity } from '../../../lib/core/event/severity.ts'
import type { Body, Lease, Shown } from '../../../lib/core/incident/incident.ts'
import type { Suppressed } from '../../../lib/core/incident/suppressed-counts.ts'
import type { Clock, DeadLetter, DueIncident, Store } from '../../../lib/pipeline/ports.ts'

export interface TestClock extends Clock {
  pass(milliseconds: number): void
  /** The milliseconds of all sleeps so far. */
  slept: number[]
}

/** A clock that moves only by `pass` and `sleep`. */
export function testClock(start = Date.parse('2026-11-24T00:00:00Z')): TestClock {
  let now = start
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    pass(milliseconds) {
      now += milliseconds
    },
    async sleep(milliseconds) {
      slept.push(milliseconds)
      now += milliseconds
    },
    // No request in these tests runs into its time-out.
    after: () => () => {},
  }
}

export function keyOf(name: string | number): string {
  return createHash('sha256').update(String(name)).digest('hex')
}

export function bodyOf({
  count = 1,
  target = '-1001234567890',
  severity = 'warning' as Severity,
  message = 'Back-off restarting failed container',
  record = undefined as string | undefined,
  name = 'checkout-7d9c5b6f4-x2x7k',
} = {}): Body {
  const at = 1_763_942_400_000 + count
  return {
    identity: {
      cluster: 'prod',
      target,
      namespace: 'payments',
      workload: { kind: 'Deployment', name: 'checkout' },
      cause: 'crash-loop',
      ...(record === undefined ? {} : { record }),
    },
    generation: 1,
    after: 0,
    merged: {
      events: [['0123456789ab', count, at, '4711']],
      hasMoreEvents: false,
      recent: [[at, '0123456789ab', count]],
      undated: [],
      objects: [['ba9876543210', at, 0, `Pod ${name}`]],
      hasMoreObjects: false,
      nodes: [['aaaaaaaaaaaa', 'node-1']],
      firstAt: 1_763_942_400_000,
      lastAt: at,
      severity,
      needs: [[1, 0, 0]],
      isSilent: false,
      latest: {
        at,
        resourceVersion: '4711',
        name: `${name}.1867f1b2c3d4e5f6`,
        namespace: 'payments',
        type: 'Warning',
        reason: 'BackOff',
        message,
        missing: 0,
        tail: '',
        action: '',
        kind: 'Pod',
        ownerKind: 'Deployment',
        objectNamespace: 'payments',
        objectName: name,
        container: 'app',
        related: { kind: 'Node', namespace: '', name: 'node-1' },
        component: 'kubelet',
        instance: '',
        host: 'node-1',
        eventTime: at - 1,
        rule: 'trouble',
      },
    },
  }
}

export function shownAs(messageId: number, more: Partial<Shown> = {}): Shown {
  return {
    generation: 1,
    chat: '-1001',
    messageId,
    hash: keyOf(messageId).slice(0, 16),
    at: 1_763_942_400_000,
    severity: 'warning',
    objects: 1,
    edits: 0,
    isRepeat: false,
    ...more,
  }
}

export function leaseOf(token: string, more: Partial<Lease> = {}): Lease {
  return { token, until: 1_763_942_415_000, kind: 'send', unknowns: 0, ...more }
}

export function deadLetter(id: string, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    topic: 'kube-events',
    partition: 3,
    offset: 4_711,
    target: null,
    why: 'not json',
    detail: 'Unexpected end of JSON input',
    at: 0,
    expiresAt: 0,
    sha256: keyOf(id),
    bytes: 12,
    gzip: 'H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==',
    ...more,
  }
}

export function suppressed(offset: number, count = 1, who = 'payments/checkout'): Suppressed {
  return { offset, period: '2026-11-24', rules: { 'single probe failures': { count, top: { [who]: count } } } }
}

/** What all targets have due until then, in the order of the times. */
export async function readAllDue(store: Store, until: number, most: number): Promise<DueIncident[]> {
  const found = await Promise.all(
    (await store.listDueTargets()).map((name) => store.readDue(name, { from: 0, until }, most)),
  )
  return found
    .flat()
    .sort((a, b) => a.due - b.due)
    .slice(0, most)
}
