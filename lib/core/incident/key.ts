import type { KubeEvent } from '../event/event.ts'
import type { Workload } from '../event/workload.ts'
import { sha256 } from '../hash.ts'
import { cutTo } from './latest.ts'

/** What an incident is: events of one cause, cluster, namespace and workload, for one target. */
export interface Identity {
  cluster: string
  /** The target's stable name. */
  target: string
  namespace: string
  /** Of kind `workload` for all that run pods. */
  workload: Workload
  cause: string
  /** With INCIDENTS=off: the record that is an incident of its own. */
  record?: string
}

// Raised when what is stored changes its meaning, or a key is made of something else: then older items are no longer found, and expire.
// A test pins the key.
const stateVersion = 1

/** The key of an incident's state: 64 hexadecimal digits. */
export function incidentKey({ cluster, target, namespace, workload, cause, record }: Identity): string {
  const parts = record === undefined ? [namespace, workload.kind, workload.name, cause] : ['record', record]
  return sha256(JSON.stringify([stateVersion, cluster, target, ...parts]))
}

/** How people and callbacks name an incident. */
export function shortId(key: string): string {
  return key.slice(0, 16)
}

/** Pods, their ReplicaSets and Jobs, and what owns those are one workload, whichever of them an event is about. */
export function workloadGroup({ kind, name }: Workload): Workload {
  return { kind: workloadKinds.has(kind) ? 'workload' : cutTo(kind, maxKindBytes), name: cutTo(name, maxNameBytes) }
}

// In bytes of JSON: what state has room for (latest.ts).
const maxKindBytes = 120
const maxNameBytes = 260

const workloadKinds = new Set(['Pod', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'])

/**
 * What names a record's content: cluster, uid and resourceVersion; without these cluster and value. Never the offset: topics are re-created,
 * and two kube-eventers write the same record twice.
 */
export function contentOf(cluster: string, { uid, resourceVersion }: KubeEvent, value: unknown): string {
  return `${cluster} ${uid !== '' && resourceVersion !== '' ? `${uid} ${resourceVersion}` : String(value)}`
}
