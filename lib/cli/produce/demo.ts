import { isoTime } from '../../core/event/time.ts'
import type { JsonObject } from '../../core/json.ts'
import { envelope } from './envelope.ts'

interface Sample {
  kind: string
  name: string
  namespace?: string
  container?: string
  reason: string
  message: string
  type?: 'Normal'
  /** The node whose kubelet reports the event. Otherwise `component` reports it. */
  node?: string
  component?: string
  count: number
  /** Seconds since the first and the last occurrence. */
  ago: readonly [number, number]
}

const image = 'registry.example.com/shop/search:2.14.0'

// The messages are those of a real cluster; names and hosts are invented.
const samples: readonly Sample[] = [
  {
    kind: 'Pod',
    name: 'checkout-7c9d5b6f8-x2lqv',
    container: 'checkout',
    node: 'worker-2',
    count: 6,
    ago: [310, 20],
    reason: 'BackOff',
    message:
      'Back-off restarting failed container checkout in pod checkout-7c9d5b6f8-x2lqv_shop(948fa8de-1f33-4f06-a01a-ecb1973e1c20)',
  },
  {
    kind: 'Pod',
    name: 'search-5d8f6c7b9-tq4wz',
    container: 'search',
    node: 'worker-1',
    count: 4,
    ago: [95, 12],
    reason: 'Failed',
    message: `Failed to pull image "${image}": rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
  },
  {
    kind: 'Pod',
    name: 'search-5d8f6c7b9-tq4wz',
    container: 'search',
    node: 'worker-1',
    count: 5,
    ago: [94, 11],
    reason: 'BackOff',
    type: 'Normal',
    message: `Back-off pulling image "${image}"`,
  },
  {
    kind: 'Pod',
    name: 'api-6f7b9d5c48-9hvkm',
    container: 'api',
    node: 'worker-3',
    count: 3,
    ago: [40, 10],
    reason: 'Unhealthy',
    message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
  },
  {
    kind: 'Pod',
    name: 'trainer-0',
    namespace: 'batch',
    component: 'default-scheduler',
    count: 1,
    ago: [8, 8],
    reason: 'FailedScheduling',
    message:
      '0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient nvidia.com/gpu. no new leases to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  },
  {
    kind: 'Pod',
    name: 'proxy-0',
    node: 'worker-3',
    count: 2,
    ago: [7, 6],
    reason: 'FailedMount',
    message: 'MountVolume.SetUp failed for volume "tls" : secret "proxy-tls" not found',
  },
  {
    kind: 'Node',
    name: 'worker-2',
    component: 'node-controller',
    count: 1,
    ago: [4, 4],
    reason: 'NodeNotReady',
    type: 'Normal',
    message: 'Node worker-2 status is now: NodeNotReady',
  },
  {
    kind: 'Job',
    name: 'report-29401140',
    namespace: 'batch',
    component: 'job-controller',
    count: 1,
    ago: [2, 2],
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
  },
]

/** The records that kube-eventer would send for a cluster in trouble. Each call makes new events of the same workloads. */
export function demoRecords(now: number): string[] {
  return samples.map((sample, index) => envelope(eventOf(sample, index, now), now))
}

function eventOf(sample: Sample, index: number, now: number): JsonObject {
  const { kind, name, namespace = 'shop', container, reason, message, type = 'Warning', node, component } = sample
  const [first, last] = sample.ago.map((seconds) => `${isoTime(now - seconds * 1_000).slice(0, 19)}Z`)
  const isNode = kind === 'Node'
  const reporter = component ?? 'kubelet'
  // The scheduler uses the newer events API: no count, and eventTime instead of timestamps.
  const isNew = component === 'default-scheduler'
  return {
    metadata: {
      name: `${name}.${(now * 1_000 + index).toString(16)}`,
      namespace: isNode ? 'default' : namespace,
      uid: uuidOf(now, index),
      resourceVersion: String(now + index),
      creationTimestamp: first,
    },
    involvedObject: {
      kind,
      ...(isNode ? {} : { namespace }),
      name,
      ...(container ? { fieldPath: `spec.containers{${container}}` } : {}),
    },
    reason,
    message,
    type,
    source: isNew ? {} : { component: reporter, ...(node ? { host: node } : {}) },
    ...(isNew
      ? { eventTime: `${first?.slice(0, 19)}.000000Z`, action: 'Scheduling' }
      : { firstTimestamp: first, lastTimestamp: last, count: sample.count }),
    reportingComponent: reporter,
    reportingInstance: node ?? '',
  }
}

function uuidOf(now: number, index: number): string {
  return `00000000-0000-4000-8000-${(now * 100 + index).toString(16).padStart(12, '0').slice(-12)}`
}
