import { atMost } from '../message/text/tidy.ts'
import type { KubeEvent } from './event.ts'

export interface Workload {
  kind: string
  name: string
}

/** The workload that owns the involved object, from names alone: of a Pod, ReplicaSet or Job. Any other object is its own workload. */
export function workloadOf(event: Pick<KubeEvent, 'involvedObject' | 'host' | 'namespace' | 'name'>): Workload {
  const { involvedObject } = event
  const kind = clipped(involvedObject.kind)
  const name = clipped(involvedObject.name)
  if (name === '') return { kind: kind || 'Event', name: clipped(event.name) }
  const owner = ownerOf(kind.toLowerCase(), name, event)
  return owner?.name ? owner : { kind, name }
}

/** The namespace of the involved object. Events about cluster-wide objects are in `default`, but their objects have none. */
export function namespaceOf({ involvedObject, namespace }: Pick<KubeEvent, 'involvedObject' | 'namespace'>): string {
  return involvedObject.namespace || (involvedObject.name === '' ? namespace : '')
}

function ownerOf(kind: string, name: string, { involvedObject, host }: Pick<KubeEvent, 'involvedObject' | 'host'>) {
  switch (kind) {
    case 'pod':
      return ownerOfPod(name, involvedObject.uid, host.toLowerCase())
    case 'replicaset':
      return ownerOfReplicaSet(name)
    case 'job':
      return ownerOfJob(name)
    default:
      return undefined
  }
}

function ownerOfPod(name: string, uid: string, host: string): Workload {
  const mirrored = staticPodOf(name, uid, host)
  if (mirrored !== undefined) return { kind: 'Pod', name: mirrored }
  const base = withoutRandomSuffix(name)
  if (base !== undefined) {
    const job = base.replace(jobIndex, '')
    const cut = name.length === maxPodName ? ownerOfCut(base) : undefined
    return ownerOfJob(job) ?? ownerOfReplicaSet(base) ?? cut ?? { kind: 'Pod', name: job }
  }
  const set = name.replace(ordinal, '')
  return set === name ? { kind: 'Pod', name } : { kind: 'StatefulSet', name: set }
}

/** The name in the manifest of a static pod, to which the kubelet adds the node's name (pkg/kubelet/config/common.go); undefined for other pods. */
function staticPodOf(name: string, uid: string, host: string): string | undefined {
  const suffix = `-${host}`
  const isOnHost = host !== '' && name.length > suffix.length && name.endsWith(suffix)
  if (isOnHost && (uid.length !== uuidLength || !ordinalHost.test(host))) return name.slice(0, -suffix.length)
  return staticUid.test(uid) ? name : undefined
}

function ownerOfReplicaSet(name: string): Workload | undefined {
  const deployment = name.replace(templateHash, '')
  return deployment === name ? undefined : { kind: 'Deployment', name: deployment }
}

function ownerOfJob(name: string): Workload | undefined {
  const cronJob = name.replace(scheduledTime, '')
  return cronJob === name ? undefined : { kind: 'CronJob', name: cronJob }
}

/** The owner if a generateName was cut within the hash or the time. */
function ownerOfCut(base: string): Workload | undefined {
  const cronJob = base.replace(cutTime, '')
  if (cronJob !== base) return { kind: 'CronJob', name: cronJob }
  const deployment = base.replace(cutHash, '')
  return deployment === base ? undefined : { kind: 'Deployment', name: deployment }
}

function withoutRandomSuffix(name: string): string | undefined {
  if (randomSuffix.test(name) || looseSuffix.test(name)) return name.slice(0, -6)
  // A generateName is cut at 58 characters, often together with its last dash.
  return name.length === maxPodName && cutRandomSuffix.test(name) ? name.slice(0, -5) : undefined
}

const maxName = 253
const maxPodName = 63
const uuidLength = 36

// apimachinery, util/rand: the alphabet of generateName and of hashes. A hash is a number's decimal digits in it, so only ten of its characters
// ever occur in one. Before Kubernetes 1.9 it was the plain number (not a date, which names of Jobs have). Nine or more characters of the
// whole alphabet with a digit among them also match.
const templateHash =
  /-(?:[4-9bcdf]{5,10}|(?!20\d{6}$|1[7-9]\d{8}$)\d{8,10}|(?=[a-z]{0,9}\d)[bcdfghjklmnpqrstvwxz24-9]{9,10})$/
const randomSuffix = /-[bcdfghjklmnpqrstvwxz24-9]{5}$/
const cutRandomSuffix = /[bcdfghjklmnpqrstvwxz24-9]{5}$/
// Until Kubernetes 1.9 random characters could be any; after a hash or time they still can.
const looseSuffix = /-(?:[4-9bcdf]{8,10}|\d{8,10})-[a-z0-9]{5}$/
const cutHash = /-[4-9bcdf]{1,10}$/

// A Job of a CronJob ends with its time in minutes (26000000 was in 2019, 39999999 will be in 2046), before Kubernetes 1.21 in seconds.
const scheduledTime = /-(?:(?:2[6-9]|3\d)\d{6}|1[4-6]\d{8})$/
const cutTime = /-(?:(?:2[6-9]|3\d)\d{2,5}|1[4-6]\d{3,7})$/
// The index of an Indexed Job in a CronJob. Other indexes stay, because any name may end with "-1". In Kubernetes 1.21 and 1.22 the pods of all
// Jobs had "--1".
const jobIndex = /(?<=-(?:[23]\d{7}|1\d{9}))-\d{1,6}$|--1$/

const ordinal = /-(?:0|[1-9]\d{0,3})$/
// A StatefulSet's pod may end like such a node by chance ("worker-1"); then the uid tells them apart.
const ordinalHost = /^[a-z]{1,30}-\d{1,4}$/
const staticUid = /^[0-9a-f]{32}$/

function clipped(text: string): string {
  return atMost(text, maxName)
}
