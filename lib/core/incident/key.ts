import type { KubeEvent } from '../event/event.ts'
import type { Workload } from '../event/workload.ts'
import { sha256 } from '../hash.ts'
import { cutTo } from './latest.ts'

/** What identifies an incident: events of one cause, cluster, namespace and workload, for one target. */
export interface Identity {
  cluster: string
  /** The target's stable name. */
  target: string
  namespace: string
  /** Its kind is `workload` for everything that runs pods. */
  workload: Workload
  cause: string
  /** With INCIDENTS=off: the hash of the record, which is an incident of its own. */
  record?: string
}

// Raise this if the meaning of stored incidents or the parts of a key change: older incidents are then no longer found, and expire. A test pins
// the key.
const storeVersion = 2

/** The key of a stored incident: 64 hexadecimal digits. */
export function incidentKey({ cluster, target, namespace, workload, cause, record }: Identity): string {
  const parts = record === undefined ? [namespace, workload.kind, workload.name, cause] : ['record', record]
  return sha256(JSON.stringify([storeVersion, cluster, target, ...parts]))
}

/** The short form of a key, for logs and people. */
export function shortId(key: string): string {
  return key.slice(0, 16)
}

/** Pods, their ReplicaSets and Jobs, and the owners of these count as one workload. */
export function workloadGroup({ kind, name }: Workload): Workload {
  return { kind: workloadKinds.has(kind) ? 'workload' : cutTo(kind, maxKindBytes), name: cutTo(name, maxNameBytes) }
}

// In bytes of JSON, as in latest.ts.
const maxKindBytes = 120
const maxNameBytes = 260

const workloadKinds = new Set(['Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'])

/**
 * Identifies a record's content: cluster, uid and resourceVersion; without these, cluster and value. The offset does not identify it, since
 * topics are recreated, and two kube-eventers write the same record twice.
 */
export function contentOf(cluster: string, { uid, resourceVersion }: KubeEvent, value: unknown): string {
  return `${cluster} ${uid !== '' && resourceVersion !== '' ? `${uid} ${resourceVersion}` : String(value)}`
}
