import type { Severity } from './severity.ts'

/** A row applies to these reasons, and only to messages that match `message`. Without `name` the reason itself is the cause. */
export interface CauseRow {
  reasons: string[]
  severity: Severity
  name?: string
  message?: RegExp
  /** Where the reason and its text come from. */
  source: string
}

const imageError =
  /^Error: (?:ErrImage|Image|InvalidImageName|RegistryUnavailable|SignatureValidationFailed)|^Failed to pull/
const configError =
  /^Error: (?:configmap |secret |couldn't find key|container has runAsNonRoot|cannot find volume|CreateContainerConfigError)/
const startError = /^Error: |^[Ff]ailed to (?:create|start) (?:docker )?container|^error making pod data/
const operatorFailure = /Degraded changed from \w{1,9} to True|Available changed from True/

/** Every known cause, grouped by the component that reports it. The first row that fits wins; order matters only among rows of one reason. */
export const causes: CauseRow[] = [
  ...from('kubelet, pkg/kubelet/events/event.go', [
    ['warning', 'image-pull', 'Failed', imageError],
    ['warning', 'container-config', 'Failed', configError],
    ['warning', 'container-start', 'Failed', startError],
    ['warning', 'image-pull', 'BackOff', /^Back-off pulling image/],
    ['warning', 'crash-loop', 'BackOff', /^Back-off restarting failed/],
    ['warning', 'image-pull', 'ErrImageNeverPull InspectFailed'],
    ['info', 'image-pull-secret', 'FailedToRetrieveImagePullSecret'],
    ['warning', 'probe-readiness', 'Unhealthy ProbeError', /^Readiness probe/],
    ['warning', 'probe-liveness', 'Unhealthy ProbeError', /^Liveness probe/],
    ['warning', 'probe-startup', 'Unhealthy ProbeError', /^Startup probe/],
    ['warning', 'unhealthy', 'Unhealthy ProbeError'],
    ['info', 'probe-warning', 'ProbeWarning'],
    ['warning', 'probe-liveness', 'Killing', /failed liveness probe/],
    ['warning', 'probe-startup', 'Killing', /failed startup probe/],
    ['warning', 'lifecycle-hook', 'FailedPostStartHook FailedPreStopHook UnfinishedPreStopHook'],
    // The container that should stop has already stopped.
    ['info', 'container-gone', 'FailedKillPod', /not find container|No such container|ContainerIDs? not found/],
    ['warning', 'container-kill', 'FailedKillPod ExceededGracePeriod'],
    ['warning', 'sandbox', 'FailedCreatePodSandBox FailedPodSandBoxStatus'],
    ['info', 'sandbox', 'SandboxChanged'],
    ['warning', 'network-not-ready', 'NetworkNotReady'],
    ['warning', 'container-start', 'FailedCreatePodContainer'],
    ['warning', 'container-config', 'FailedValidation'],
    ['warning', 'pod-sync', 'FailedSync'],
    ['warning', 'device', 'FailedPrepareDynamicResources'],
    ['warning', 'pod-admission', 'HostPortConflict NodeSelectorMismatching InsufficientFreeCPU InsufficientFreeMemory'],
    ['warning', 'pod-admission', 'OutOfcpu OutOfmemory OutOfpods NodeAffinity NodePorts UnexpectedAdmissionError'],
    ['warning', 'volume-mount', 'FailedMount FailedUnMount FailedMapVolume FailedMountOnFilesystemMismatch'],
    ['warning', 'volume-resize', 'VolumeResizeFailed FileSystemResizeFailed'],
    ['warning', 'preemption', 'Preempting'],
    ['warning', 'eviction', 'Evicted EvictionThresholdMet'],
    ['warning', 'node-memory', 'NodeHasInsufficientMemory'],
    ['critical', 'node-memory', 'SystemOOM'],
    // A kubelet that has just started does not know its images yet.
    ['warning', 'image-cleanup', 'ImageGCFailed', /imageFs|image (?:stats|filesystem)|memory cache/],
    ['warning', 'node-disk', 'NodeHasDiskPressure ImageGCFailed'],
    ['critical', 'node-disk', 'FreeDiskSpaceFailed OutOfDisk NodeOutOfDisk'],
    ['warning', 'node-runtime', 'ContainerGCFailed'],
    ['info', 'disk-capacity', 'InvalidDiskCapacity'],
    ['warning', 'node-pid', 'NodeHasInsufficientPID'],
    ['warning', 'node-reboot', 'Rebooted'],
    ['info', 'node-shutdown', 'Shutdown'],
    ['info', 'node-cordoned', 'NodeNotSchedulable'],
    ['warning', 'node-resources', 'FailedNodeAllocatableEnforcement'],
    ['info', 'kubelet-restart', 'Starting', /^Starting kubelet/],
    ['warning', 'kubelet-restart', 'KubeletSetupFailed'],
    ['info', 'dns', 'DNSConfigForming CheckLimitsForResolvConf'],
    ['warning', 'dns', 'MissingClusterDNS'],
    ['info', 'cgroup-v1', 'CgroupV1'],
    ['good', undefined, 'NodeReady NodeSchedulable NodeHasSufficientMemory NodeHasNoDiskPressure NodeHasSufficientPID'],
    ['good', undefined, 'NodeHasSufficientDisk'],
  ]),
  ...from('kube-scheduler', [
    ['info', 'scheduling', 'FailedScheduling', /^skip schedule deleting pod|already assigned to node/],
    ['warning', 'scheduling', 'FailedScheduling'],
    ['warning', 'preemption', 'Preempted'],
  ]),
  ...from('node-controller and taint-eviction-controller, recorded', [
    // This text is on the pods of the node.
    ['warning', 'pod-node-not-ready', 'NodeNotReady', /^Node is not ready/],
    ['critical', 'node-not-ready', 'NodeNotReady'],
    ['good', undefined, 'TaintManagerEviction', /^Cancelling deletion/],
    ['warning', 'eviction', 'TaintManagerEviction NodeControllerEviction'],
    ['warning', 'node-network', 'CIDRNotAvailable CIDRAssignmentFailed FailedToCreateRoute CreateRouteFailed'],
    ['info', 'node-removed', 'RemovingNode DeletingNode'],
  ]),
  ...from('kube-controller-manager, pkg/controller', [
    ['warning', 'quota', 'FailedCreate', /exceeded quota/],
    ['warning', 'machine', 'FailedCreate', /^CreateError: |failed to reconcile machine/],
    ['warning', 'pod-create', 'FailedCreate ReplicaSetCreateError'],
    ['warning', 'pod-delete', 'FailedDelete'],
    ['warning', 'pod-failed', 'FailedDaemonPod FailedPlacement RecreatingFailedPod'],
    ['warning', 'job-failed', 'BackoffLimitExceeded DeadlineExceeded PodFailurePolicy FailedIndexes'],
    ['warning', 'job-failed', 'SawCompletedJob', /(?:condition|status): Failed$/],
    ['warning', 'cron-schedule', 'MissSchedule TooManyMissedTimes FailedNeedsStart UnknownTimeZone InvalidSchedule'],
    ['warning', 'cron-schedule', 'UnparseableSchedule UnParseableCronJobSchedule'],
    ['info', 'cron-schedule', 'JobAlreadyActive'],
    ['warning', 'autoscaler-metrics', 'FailedGetResourceMetric FailedGetContainerResourceMetric FailedGetPodsMetric'],
    ['warning', 'autoscaler-metrics', 'FailedGetObjectMetric FailedGetExternalMetric FailedComputeMetricsReplicas'],
    ['warning', 'autoscaler-scale', 'FailedGetScale FailedRescale AmbiguousSelector InvalidSelector'],
    // Conflicting updates; the retry normally succeeds.
    ['info', 'endpoints', 'FailedToUpdateEndpoint FailedToUpdateEndpointSlices', /object has been modified/],
    ['warning', 'endpoints', 'FailedToUpdateEndpoint FailedToUpdateEndpointSlices FailedToCreateEndpoint'],
    ['warning', 'volume-attach', 'FailedAttachVolume FailedDetachVolume'],
    ['warning', 'volume-provision', 'ProvisioningFailed ProvisioningCleanupFailed'],
    ['warning', 'volume-delete', 'VolumeFailedDelete VolumeFailedRecycle'],
    ['warning', 'pvc-pending', 'VolumeMismatch'],
    ['info', 'pvc-pending', 'FailedBinding ExternalProvisioning WaitForFirstConsumer WaitForPodScheduled'],
    ['warning', 'disruption-budget', 'CalculateExpectedPodCountFailed'],
    ['info', 'owner-reference', 'OwnerRefInvalidNamespace'],
  ]),
  ...from('cloud-provider service controllers', [
    ['warning', 'load-balancer', 'SyncLoadBalancerFailed UpdateLoadBalancerFailed CreatingLoadBalancerFailed'],
    ['warning', 'load-balancer', 'LoadBalancerUpdateFailed DeleteLoadBalancerFailed UnAvailableLoadBalancer'],
  ]),
  ...from('cluster-autoscaler', [
    ['info', 'scheduling', 'NotTriggerScaleUp'],
    ['warning', 'node-autoscaler', 'FailedToScaleUpGroup ScaleUpTimedOut ScaleDownFailed'],
  ]),
  ...from('node-problem-detector, config/*.json and its builds at Alibaba Cloud', [
    // A container reached its own limit; the node has enough memory.
    ['warning', 'node-memory', 'OOMKilling', /^Memory cgroup out of memory/],
    ['critical', 'node-memory', 'OOMKilling'],
    ['warning', 'container-oom', 'PodOOMKilling OOMKilled'],
    ['critical', 'node-disk', 'FilesystemIsReadOnly'],
    ['warning', 'node-kernel', 'TaskHung KernelOops UnregisterNetDevice Ext4Error IOError PSProcessIsHung'],
    ['warning', 'node-runtime', 'DockerHung FrequentDockerRestart FrequentContainerdRestart'],
    ['warning', 'node-hardware', 'NodeHasNvidiaXidError MemoryReadError'],
    ['warning', 'node-limits', 'NodeHasFDPressure ConntrackFull NTPIsDown'],
    ['warning', 'kubelet-restart', 'FrequentKubeletRestart'],
    ['warning', 'node-pid', 'NodeHasPIDPressure PIDPressure'],
  ]),
  ...from('cert-manager and k3s', [
    ['warning', 'certificate', 'Failed', /^The certificate request has failed/],
    ['warning', 'certificate', 'PresentError ErrInitIssuer ErrRegisterACMEAccount ErrVerifyACMEAccount'],
    ['warning', 'certificate', 'CertificateExpirationWarning'],
  ]),
  ...from('OpenShift operators, library-go', [
    ['critical', 'etcd', 'UnhealthyEtcdMember'],
    // A new member has not started yet: the default rules show it if it lasts.
    ['warning', 'etcd', 'UnstartedEtcdMember'],
    ['warning', 'etcd', 'EtcdLeaderChangeMetrics'],
    ['warning', 'operator-degraded', 'OperatorStatusChanged', operatorFailure],
    ['warning', 'operator-installer', 'RequiredInstallerResourcesMissing InstallerPodFailed InstallerPodDisappeared'],
    ['warning', 'operator-installer', 'RevisionCreateFailed'],
    ['info', 'operator-apply', 'ConfigMapUpdateFailed DeploymentUpdateFailed', /object has been modified/],
    ['warning', 'operator-apply', 'ConfigMapCreateFailed ConfigMapUpdateFailed SecretCreateFailed'],
    ['warning', 'operator-apply', 'DeploymentUpdateFailed CustomResourceDefinitionCreateFailed'],
    ['info', 'operator-resync', 'FastControllerResync'],
    ['warning', 'pod-network', 'ErrorAddingLogicalPort'],
    ['good', undefined, 'KubeAPIReadyz', /^readyz=true/],
  ]),
  ...from('this program, through lib/pipeline/own-events.ts', [
    ['warning', 'target-refused', 'TargetRefused'],
    ['warning', 'not-delivered', 'NotDelivered'],
    ['info', 'suppressed', 'SuppressedSummary'],
    ['warning', 'no-events', 'NoEventsReceived'],
    ['info', 'no-events', 'EventsReceivedAgain'],
    ['warning', 'rules-refused', 'RulesRefused'],
    ['info', 'rules-refused', 'RulesInUse'],
  ]),
]

function from(
  source: string,
  rows: [severity: Severity, name: string | undefined, reasons: string, message?: RegExp][],
): CauseRow[] {
  return rows.map(([severity, name, reasons, message]) => ({
    reasons: reasons.split(' '),
    severity,
    ...(name !== undefined && { name }),
    ...(message && { message }),
    source,
  }))
}
