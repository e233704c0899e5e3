import { isCombined, type KubeEvent } from './event.ts'

/** An event that says that a problem of its object is over. */
interface RecoveryRow {
  reasons: string[]
  /** The causes that it resolves for this object. */
  causes: string[]
  message?: RegExp
}

// Once a container has started, nothing keeps its pod from starting any more. A crash loop is over only if nothing follows for a while.
const beforeStart = 'image-pull image-pull-secret container-config container-start sandbox network-not-ready'
const beforeContainers = 'volume-mount volume-attach device scheduling'

/** Grouped by the component that reports it, like lib/core/event/cause-table.ts. An event may resolve several causes. */
const recoveries: RecoveryRow[] = [
  // kubelet, pkg/kubelet/events/event.go
  row('Pulled', 'image-pull image-pull-secret'),
  row(
    'Created',
    `image-pull image-pull-secret container-config ${beforeContainers}`,
    /^Created container|^Container created/,
  ),
  row('Started', `${beforeStart} ${beforeContainers} crash-loop`, /^Started container|^Container started/),
  row('SuccessfulMountVolume', 'volume-mount'),
  row('NodeReady', 'node-not-ready node-network node-runtime'),
  row('NodeHasSufficientMemory', 'node-memory'),
  row('NodeHasNoDiskPressure NodeHasSufficientDisk', 'node-disk'),
  row('NodeHasSufficientPID', 'node-pid'),
  row('NodeSchedulable', 'node-cordoned'),
  row('VolumeResizeSuccessful FileSystemResizeSuccessful', 'volume-resize'),
  // kube-scheduler
  row('Scheduled', 'scheduling'),
  // kube-controller-manager
  row('SuccessfulAttachVolume', 'volume-attach'),
  row('ProvisioningSucceeded', 'volume-provision pvc-pending'),
  row('SuccessfulCreate', 'pod-create quota'),
  row('SuccessfulDelete', 'pod-delete'),
  row('SuccessfulRescale', 'autoscaler-scale autoscaler-metrics'),
  row('SawCompletedJob', 'job-failed', /(?:condition|status): Complete$/),
  row('Completed', 'job-failed', /^Job completed/),
  row('TaintManagerEviction', 'eviction pod-node-not-ready', /^Cancelling deletion/),
  // cloud-provider service controllers
  row('EnsuredLoadBalancer UpdatedLoadBalancer', 'load-balancer'),
  // cert-manager
  row('Issuing', 'certificate', /successfully issued/),
  // OpenShift operators, library-go
  row('OperatorStatusChanged', 'operator-degraded', /Degraded changed from True to False|Available changed from False/),
]

function row(reasons: string, causes: string, message?: RegExp): RecoveryRow {
  return { reasons: reasons.split(' '), causes: causes.split(' '), ...(message && { message }) }
}

const byReason = new Map<string, RecoveryRow[]>()
for (const one of recoveries)
  for (const reason of one.reasons) byReason.set(reason, [...(byReason.get(reason) ?? []), one])

/** The reasons of events that can end an incident. */
export const recoveryReasons: readonly string[] = [...byReason.keys()]

/** The causes whose incidents this event ends for its object; none if it ends nothing. */
export function causesResolvedBy({
  reason,
  message,
  involvedObject,
}: Pick<KubeEvent, 'reason' | 'message' | 'involvedObject'>): string[] {
  const rows = byReason.get(reason)
  // A combined event may be about another container, and an event that names no object resolves nothing.
  if (!rows || isCombined(message) || involvedObject.name === '') return []
  return rows.find((one) => one.message?.test(message.slice(0, maxMatched)) ?? true)?.causes ?? []
}

const maxMatched = 2_000
