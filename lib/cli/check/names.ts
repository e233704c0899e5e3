import { editsBetween, suggest } from '../../app/config/suggest.ts'
import { causes } from '../../core/event/cause-table.ts'
import { recoveryReasons } from '../../core/event/recoveries.ts'
import type { Field } from '../../core/routing/match.ts'
import type { Path } from '../../core/routing/problem.ts'
import type { Conditions, Ruleset } from '../../core/routing/ruleset.ts'
import { plainLine } from '../inspect/words.ts'

/** A name in a rule, route or mute that no event is likely to have. */
export interface UnknownName {
  path: Path
  text: string
}

interface Surroundings {
  /** CLUSTER_NAME; undefined: a topic that is not in `clusters` gives its name to its cluster. */
  cluster: string | undefined
  /** KAFKA_TOPICS, as far as they are known. */
  topics: readonly string[]
}

/** The reasons, kinds, types and clusters that do not exist, in the order of the file. */
export function unknownNames(ruleset: Ruleset, surroundings: Surroundings): UnknownName[] {
  const { rules, routes, mutes } = ruleset
  const own = rules.filter(({ isDefault }) => !isDefault)
  const clusters = clustersOf(ruleset, surroundings)
  return [
    ...reversedClusters(ruleset, surroundings),
    ...Object.entries({ rules: own, routes, mutes }).flatMap(([section, items]) =>
      items.flatMap((item, index) => namesIn(item, [section, index], clusters)),
    ),
  ]
}

function namesIn({ match, except }: Conditions, path: Path, clusters: Clusters): UnknownName[] {
  return Object.entries({ match, except }).flatMap(([key, matcher]) =>
    (matcher?.conditions ?? []).flatMap(({ field, patterns }) =>
      patterns.flatMap(({ source, kind }, index) => {
        const text = kind === 'literal' ? doubt(field, source, clusters) : undefined
        const place = [...path, key, field]
        return text === undefined ? [] : [{ path: patterns.length === 1 ? place : [...place, index], text }]
      }),
    ),
  )
}

/** Why no event has this text in this field; undefined where one may. */
function doubt(field: Field, given: string, clusters: Clusters): string | undefined {
  switch (field) {
    case 'type':
      return isOneOf(given, types) ? undefined : `"${plainLine(given)}" is no event type; use Warning or Normal`
    case 'reason':
      return doubtReason(given)
    case 'cause':
      return isOneOf(given, causeNames) ? undefined : doubtReason(given)
    case 'kind':
      return doubtKind(given)
    case 'cluster':
      return doubtCluster(given, clusters)
    default:
      return undefined
  }
}

function doubtReason(given: string): string | undefined {
  const state = states.find(({ name }) => isOneOf(given, [name]))
  if (state) return `${state.name} is ${state.what}. ${state.instead}`
  if (isOneOf(given, reasons)) return undefined
  const meant = reasons.find((reason) => isTypo(given, reason))
  return meant && `no known reason is "${plainLine(given)}"; did you mean ${meant}?`
}

/** Other controllers have reasons and kinds of their own, so only an obvious slip counts. */
function isTypo(given: string, word: string): boolean {
  const [one, other] = [given.toLowerCase(), word.toLowerCase()]
  return one.length >= 6 && one[0] === other[0] && editsBetween(one, other) <= 2
}

/** Custom resources can have any kind, so a kind that resembles no other is fine. */
function doubtKind(given: string): string | undefined {
  if (isOneOf(given, kinds)) return undefined
  const wanted = given.toLowerCase()
  const meant = shortNames[wanted] ?? kinds.find((kind) => wanted === pluralOf(kind) || isTypo(given, kind))
  return meant && `no known kind is "${plainLine(given)}"; did you mean ${meant}?`
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase()
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}${word.endsWith('s') ? 'es' : 's'}`
}

interface Clusters {
  names: string[]
  topics: string[]
  /** No other cluster can occur. */
  isComplete: boolean
}

function clustersOf({ clusters }: Ruleset, { cluster, topics }: Surroundings): Clusters {
  const named = Object.keys(clusters)
  const others = topics.filter((topic) => !named.includes(topic))
  const names = new Set([...Object.values(clusters), ...(cluster === undefined ? others : [cluster])])
  return { names: [...names], topics: named, isComplete: cluster !== undefined || topics.length > 0 }
}

function doubtCluster(given: string, { names, topics, isComplete }: Clusters): string | undefined {
  if (isOneOf(given, names)) return undefined
  const listed = names.map(plainLine).join(', ')
  if (isOneOf(given, topics)) return `"${plainLine(given)}" is a topic in clusters; the cluster names are ${listed}`
  const meant = suggest(given, names)
  if (meant === undefined && !isComplete) return undefined
  const hint = meant === undefined ? '' : `; did you mean ${plainLine(meant)}?`
  return `no cluster is named "${plainLine(given)}"; the known clusters are ${listed}${hint}`
}

// kube-eventer's topic is called heapster-events by default.
const looksLikeTopic = (name: string) => /event|heapster/i.test(name)

function reversedClusters({ clusters }: Ruleset, { topics }: Surroundings): UnknownName[] {
  const isTopic = topics.length > 0 ? (name: string) => topics.includes(name) : looksLikeTopic
  return Object.entries(clusters)
    .filter(([topic, cluster]) => isTopic(cluster) && !isTopic(topic))
    .map(([topic, cluster]) => ({
      path: ['clusters', topic],
      text: `"${plainLine(cluster)}" looks like a topic. Write the topic first, then its cluster: ${plainLine(cluster)}: ${plainLine(topic)}`,
    }))
}

function isOneOf(given: string, names: readonly string[]): boolean {
  const wanted = given.toLowerCase()
  return wanted === '' || names.some((name) => name.toLowerCase() === wanted)
}

const types = ['Normal', 'Warning']

interface State {
  name: string
  what: string
  instead: string
}

/** What `kubectl get` and `describe` print as a status, and is often taken for the reason of an event. */
const states: State[] = [
  ...statesOf('a container state', [
    ['CrashLoopBackOff', 'BackOff', 'crash-loop'],
    ['ImagePullBackOff', 'BackOff', 'image-pull'],
    ['ErrImagePull', 'Failed', 'image-pull'],
    ['InvalidImageName', 'InspectFailed', 'image-pull'],
    ['RegistryUnavailable', 'Failed', 'image-pull'],
    ['ImageInspectError', 'InspectFailed', 'image-pull'],
    ['CreateContainerConfigError', 'Failed', 'container-config'],
    ['CreateContainerError', 'Failed', 'container-start'],
    ['RunContainerError', 'Failed', 'container-start'],
    ['ContainerCannotRun', 'Failed', 'container-start'],
    ['StartError', 'Failed', 'container-start'],
  ]),
  ...statesOf('a pod phase', [['Pending', 'FailedScheduling', 'scheduling']]),
  ...statesOf('a pod condition', [['Unschedulable', 'FailedScheduling', 'scheduling']]),
  ...statesOf('a node status', [
    ['NotReady', 'NodeNotReady', 'node-not-ready'],
    ['NodeLost', 'NodeNotReady', 'node-not-ready'],
    ['SchedulingDisabled', 'NodeNotSchedulable', 'node-cordoned'],
  ]),
  ...statesOf('a node condition', [
    ['MemoryPressure', 'NodeHasInsufficientMemory', 'node-memory'],
    ['DiskPressure', 'NodeHasDiskPressure', 'node-disk'],
  ]),
  {
    name: 'OOMKilled',
    what: 'a container state',
    instead:
      'Kubernetes emits no event for it. If node-problem-detector runs, match the reason OOMKilling or "cause: container-oom".',
  },
  {
    name: 'ProgressDeadlineExceeded',
    what: 'a Deployment condition',
    instead: 'Kubernetes emits no event for it.',
  },
]

function statesOf(what: string, rows: [name: string, reason: string, cause: string][]): State[] {
  return rows.map(([name, reason, cause]) => ({
    name,
    what,
    instead: `The event's reason is ${reason}; match it by "cause: ${cause}".`,
  }))
}

/** In their canonical spelling; conditions ignore case. */
const kinds = [
  'Pod Node Deployment ReplicaSet StatefulSet DaemonSet Job CronJob ReplicationController Service Endpoints EndpointSlice',
  'Ingress ConfigMap Secret ServiceAccount PersistentVolumeClaim PersistentVolume HorizontalPodAutoscaler Lease Namespace',
  'PodDisruptionBudget ResourceQuota LimitRange NetworkPolicy Role RoleBinding ClusterRole ClusterRoleBinding StorageClass',
  'VolumeAttachment VolumeSnapshot CSINode CustomResourceDefinition CertificateSigningRequest Certificate Issuer Order',
  'CertificateRequest ClusterIssuer Challenge Gateway HTTPRoute Machine MachineSet MachineConfigPool ClusterOperator Etcd',
  'ClusterVersion HelmChart HelmRelease HelmRepository Kustomization GitRepository Application AppProject ScaledObject',
  'ExternalSecret Addon PodMonitor ServiceMonitor VerticalPodAutoscaler Rollout Workflow PipelineRun TaskRun',
].flatMap((line) => line.split(' '))

/** As kubectl abbreviates them. */
const shortNames: Record<string, string> = {
  cj: 'CronJob',
  cm: 'ConfigMap',
  deploy: 'Deployment',
  ds: 'DaemonSet',
  ep: 'Endpoints',
  hpa: 'HorizontalPodAutoscaler',
  ing: 'Ingress',
  netpol: 'NetworkPolicy',
  no: 'Node',
  ns: 'Namespace',
  pdb: 'PodDisruptionBudget',
  po: 'Pod',
  pv: 'PersistentVolume',
  pvc: 'PersistentVolumeClaim',
  quota: 'ResourceQuota',
  rc: 'ReplicationController',
  rs: 'ReplicaSet',
  sa: 'ServiceAccount',
  sts: 'StatefulSet',
  svc: 'Service',
}

const causeNames = [...new Set(causes.flatMap(({ name }) => name ?? []))]

/** The reasons that neither causes nor recoveries need; the source is the same as there. */
const otherReasons = [
  // kubelet, pkg/kubelet/events/event.go
  'Pulling Killing NodeAllocatableEnforced AlreadyMountedVolume ResizeStarted ResizeCompleted ResizeDeferred ResizeInfeasible',
  'ResizeError Starting NodeRebooted',
  // kube-controller-manager
  'ScalingReplicaSet RegisteredNode LeaderElection Provisioning Resizing ExternalExpanding FileSystemResizeRequired',
  'VolumeRecycled ClaimLost ClaimMisbound Suspended Resumed MissingJob UnexpectedJob NoPods DeploymentRollback',
  'DeploymentRollbackRevisionNotFound DeploymentRollbackTemplateUnchanged SelectingAll NodeNotReady SelectorRequired',
  'WaitForFirstConsumer NoControllers',
  // cloud-provider service controllers
  'EnsuringLoadBalancer UpdatingLoadBalancer DeletingLoadBalancer DeletedLoadBalancer CreatedLoadBalancer',
  'CreatingLoadBalancer',
  // cluster-autoscaler
  'TriggeredScaleUp ScaledUpGroup ScaleDown ScaledDown ScaleDownEmpty',
  // ingress controllers, cert-manager, Multus, Helm and GitOps controllers
  'Sync CREATE UPDATE DELETE RELOAD Complete Deleted Issued Generated Requested Reused CertificateIssued OrderCreated OrderPending Presented',
  'DomainVerified WaitingForApproval AddedInterface ReconciliationSucceeded ReconciliationFailed OperationStarted',
  'OperationCompleted ResourceUpdated InstallSucceeded UpgradeSucceeded Synced Updated Progressing ApplyJob Valid',
].flatMap((line) => line.split(' '))

const reasons = [...new Set([...causes.flatMap((row) => row.reasons), ...recoveryReasons, ...otherReasons])]
