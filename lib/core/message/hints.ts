import { isConflict } from '../event/cause-of.ts'
import { withoutCombinedPrefix } from '../event/event.ts'
import type { View } from '../incident/view.ts'
import type { CommandName } from './command.ts'
import { en, type HintId } from './words/en.ts'

/** What usually helps with an incident, and the command that shows more. */
export interface Hint {
  id: HintId
  command: CommandName
}

/** A row applies to event messages that match a pattern, to reasons, or to every event of its cause. */
type HintRow = [cause: string, id: HintId, command: CommandName, when?: RegExp | { reasons: string[] }]

// Of registries, as the container runtime passes them on; names of images may have the same words.
const pullDenied = / denied|nauthorized|Forbidden|no basic auth|authorization failed|authentication required/
const unreachable =
  / timeout|Timeout exceeded|timed out|deadline exceeded|refused$|unreachable|no route to host|by peer|EOF$/

// Of probes, pkg/probe and pkg/kubelet/prober.
const status4 = /statuscode: 4\d\d/
const status5 = /statuscode: 5\d\d|"NOT_SERVING"/
const refused = /connection refused|failed to connect/
const timeout = /Client\.Timeout|deadline exceeded|timeout|timed out/
const reset = /EOF|reset by peer|malformed HTTP|HTTP response to HTTPS|broken pipe/
const ownOutput =
  /^\w{7,9} probe (?:failed|errored(?: and resulted in \w{1,20} state)?): (?!Get |dial |HTTP |rpc error: code = [^U]|[A-Z][A-Za-z]{1,20}: |$)/

const missingObject = /(?:configmap|secret)s? ".{1,253}" not found/
const cloudLimit = /(?:volume|attachment|address|service) ?limit|limit ?exceeded|quota|limit for|maximum number/i
const throttled = /rate limit|RequestLimitExceeded|throttl|TooManyRequests/i

/**
 * The first row of a cause that fits wins. Where none fits, a hint under the cause's own name is shown with `kubectl describe`, so a new
 * cause needs a row only for another command or for hints that depend on the message. Texts may lack ids and `rpc error: code = Unknown desc = `.
 */
export const hintRows: HintRow[] = [
  ['image-pull', 'image-platform', 'describe', /no match(?:ing manifest)? for /],
  ['image-pull', 'no-space', 'node', /no space left|disk quota exceeded/],
  ['image-pull', 'image-rate-limit', 'describe', /toomanyrequests|too many requests|rate limit/i],
  ['image-pull', 'image-qps', 'describe', /pull QPS exceeded/],
  ['image-pull', 'image-certificate', 'describe', /x509|certificate is/],
  ['image-pull', 'image-dns', 'describe', /no such host|server misbehaving|name resolution/],
  ['image-pull', 'image-name', 'describe', /InvalidImageName|invalid reference|parse image/],
  ['image-pull', 'image-never', 'describe', /ErrImageNeverPull|is not present with pull policy/],
  ['image-pull', 'image-denied', 'describe', pullDenied],
  ['image-pull', 'image-not-found', 'describe', /not found|NotFound|manifest unknown|does not exist/i],
  ['image-pull', 'image-timeout', 'describe', unreachable],
  ['image-pull', 'image-backoff', 'events', /^Back-off|^Error: (?:ErrImagePull|ImagePullBackOff)/],
  ['image-pull-secret', 'image-denied', 'secrets'],

  ['crash-loop', 'container-oom', 'logs-previous', /OOMKilled|exit (?:code|status):? 137\b/],
  ['crash-loop', 'start-not-found', 'describe', /exit (?:code|status):? 127\b/],
  ['crash-loop', 'start-permission', 'describe', /exit (?:code|status):? 126\b/],
  ['crash-loop', 'crash-loop', 'logs-previous'],
  ['container-oom', 'container-oom', 'top-pod'],
  ['container-kill', 'container-kill', 'node'],
  ['lifecycle-hook', 'hook-failed', 'describe', /failed|error/],
  ['container-start', 'no-space', 'node', /no space left/],
  ['container-start', 'start-not-found', 'describe', /executable file not found/],
  ['container-start', 'image-platform', 'describe', /exec format error/],
  ['container-start', 'start-permission', 'describe', /exec: .{1,500}: permission denied/],
  ['container-start', 'start-no-file', 'describe', /exec:? .{1,500}: no such file/],
  ['container-config', 'config-key', 'config', /couldn't find key/],
  ['container-config', 'config-missing', 'config', missingObject],
  ['container-config', 'config-non-root', 'describe', /runAsNonRoot/],

  ['probe-readiness', 'probe-4xx', 'describe', status4],
  ['probe-readiness', 'probe-5xx', 'logs', status5],
  ['probe-readiness', 'readiness-refused', 'logs', refused],
  ['probe-readiness', 'readiness-timeout', 'top-pod', timeout],
  ['probe-readiness', 'probe-reset', 'logs', reset],
  ['probe-readiness', 'probe-exec', 'logs', ownOutput],
  ['probe-liveness', 'liveness-killed', 'logs-previous', /failed liveness probe/],
  ['probe-liveness', 'probe-4xx', 'describe', status4],
  ['probe-liveness', 'probe-5xx', 'logs', status5],
  ['probe-liveness', 'liveness-refused', 'logs', refused],
  ['probe-liveness', 'liveness-timeout', 'top-pod', timeout],
  ['probe-liveness', 'probe-reset', 'logs', reset],
  ['probe-liveness', 'probe-exec', 'logs', ownOutput],
  ['probe-startup', 'probe-4xx', 'describe', status4],
  ['probe-startup', 'probe-exec', 'logs', ownOutput],
  ['probe-startup', 'startup-slow', 'logs'],
  ['unhealthy', 'unhealthy', 'logs'],

  ['scheduling', 'no-scale-up', 'describe', /trigger scale-up/],
  ['scheduling', 'sched-harmless', 'describe', /^skip schedule deleting pod|already assigned to node/],
  ['scheduling', 'sched-no-nodes', 'nodes', /^no nodes available|^0\/0 nodes/],
  ['scheduling', 'sched-bind-slow', 'claims', /binding volumes: |provisioning failed/],
  ['scheduling', 'sched-claim-missing', 'claims', /persistentvolumeclaim "[^"]{1,253}" not found/],
  ['scheduling', 'sched-claim', 'claims', /unbound immediate|persistentvolumeclaim "|persistent volumes to bind/],
  ['scheduling', 'sched-zone', 'claims', /volume node affinity|volume zone|NoVolumeZoneConflict/],
  ['scheduling', 'sched-not-ready', 'nodes', /kubernetes\.io\/(?:not-ready|unreachable)|NodeNotReady|were not ready/],
  ['scheduling', 'sched-gpu', 'describe-nodes', /Insufficient [\w.-]{1,200}\/|cannot allocate all claims/],
  ['scheduling', 'sched-cpu', 'describe-nodes', /Insufficient cpu/],
  ['scheduling', 'sched-memory', 'describe-nodes', /Insufficient memory/],
  ['scheduling', 'sched-pods', 'describe-nodes', /Too many pods|Insufficient pods/],
  ['scheduling', 'sched-ports', 'describe', /free ports|PodFitsHostPorts/],
  ['scheduling', 'sched-affinity', 'describe', /affinity rules|topology spread/],
  ['scheduling', 'sched-cordoned', 'nodes', /were unschedulable|node\.kubernetes\.io\/unschedulable/],
  ['scheduling', 'sched-selector', 'labels', /node affinity|node selector|MatchNodeSelector/],
  ['scheduling', 'sched-tainted', 'taints', /taint/],

  ['volume-mount', 'mount-cache', 'describe', /failed to sync (?:configmap|secret) cache/],
  ['volume-mount', 'mount-untracked', 'describe', /not registered/],
  ['volume-mount', 'mount-missing', 'config', missingObject],
  ['volume-mount', 'mount-key', 'config', /references non-existent (?:secret|config) key/],
  ['volume-mount', 'mount-no-driver', 'node-pods', /not found in the list of registered CSI drivers/],
  ['volume-mount', 'mount-token', 'describe', /failed to fetch token/],
  ['volume-mount', 'mount-host-path', 'describe', /hostPath type check failed/],
  ['volume-mount', 'multi-attach', 'attachments', /Multi-Attach|already exclusively attached/],
  ['volume-mount', 'mount-waiting', 'events', /^Unable to attach or mount volumes|timeout expired waiting for volumes/],
  ['volume-mount', 'mount-failed', 'node', /exit status \d|wrong fs type|mount failed|access denied|permission denied/],
  ['volume-attach', 'multi-attach', 'attachments', /Multi-Attach|already (?:used|attached)|in use/],
  ['volume-attach', 'cloud-throttled', 'describe', throttled],
  ['volume-attach', 'cloud-limit', 'node', cloudLimit],
  ['volume-provision', 'cloud-throttled', 'describe', throttled],
  ['volume-provision', 'cloud-limit', 'describe', cloudLimit],
  ['volume-provision', 'pvc-no-class', 'storage-classes', /storageclass.{1,300} not found/i],
  ['volume-provision', 'provision-slow', 'describe', /time-?out|timed out|deadline/i],
  ['pvc-pending', 'pvc-no-class', 'storage-classes', /no storage class is set|storageclass.{1,300} not found/i],
  ['pvc-pending', 'pvc-first-use', 'describe', /waiting for (?:first consumer|pod .{1,253} to be scheduled)/i],
  ['pvc-pending', 'pvc-provisioner', 'describe', /waiting for a volume to be created/i],

  ['pod-sync', 'pod-sync', 'events'],
  ['device', 'device', 'node-pods'],
  ['quota', 'quota', 'quota'],
  ['pod-create', 'quota-needs-limits', 'quota', /failed quota: .{1,200} must specify/],
  ['pod-create', 'account-missing', 'accounts', /service ?account .{1,600} not found/],
  ['pod-create', 'webhook-down', 'webhooks', /failed calling webhook|failed to call webhook/],
  ['pod-create', 'pod-security', 'namespace', /violates PodSecurity/],
  ['pod-create', 'webhook-denied', 'describe', /denied the request|unable to validate against any security context/],
  ['sandbox', 'cni-credentials', 'node-pods', /nauthorized/],
  ['sandbox', 'cni-forbidden', 'node-pods', /is forbidden: User/],
  ['sandbox', 'cni-addresses', 'node-pods', /no (?:IP )?address|failed to assign an IP|no available IP|exhausted/i],
  ['sandbox', 'no-space', 'node', /no space left/],
  ['sandbox', 'cni-not-ready', 'node-pods', /plugin.{1,200}(?:refused|no such file)|plugin not initialized/i],
  ['network-not-ready', 'cni-not-ready', 'node-pods'],
  ['autoscaler-metrics', 'metrics-request', 'describe', /missing request for/],
  ['autoscaler-metrics', 'metrics-early', 'top-pods', /did not receive metrics|no metrics returned|no metrics known/],
  ['autoscaler-metrics', 'metrics-missing', 'metrics-api', /not find the requested resource|unable to handle/],
  ['certificate', 'acme-challenge', 'describe', /presenting challenge/],
  ['endpoints', 'endpoints-address', 'describe', /may not be in the (?:loopback|link-local) range/],

  ['etcd', 'etcd-joining', 'etcd', /^unstarted members: NAME-PENDING/],
  ['etcd', 'etcd-member', 'etcd', /^(?:unhealthy|unstarted) members/],
  ['eviction', 'taint-eviction', 'nodes', /^Marking for deletion/],
  ['eviction', 'evicted', 'node', /low on resource|pressure/i],
  ['eviction', 'evicted-limit', 'describe', /exceed/],
  ['eviction', 'node-pressure', 'node', /^Attempting to reclaim/],
  ['node-disk', 'node-pressure', 'node', /DiskPressure|garbage collect|wanted to free|status is now/],
  ['node-disk', 'disk-read-only', 'node', /read-only/],
  ['node-memory', 'node-pressure', 'node', /status is now/],
  ['node-memory', 'container-oom', 'top-pods', /^Memory cgroup out of memory/],
  ['node-memory', 'system-oom', 'top-pods'],
  ['node-pid', 'node-pressure', 'node'],
  ['node-reboot', 'node-reboot', 'node'],
  ['kubelet-restart', 'kubelet-failing', 'describe', { reasons: ['KubeletSetupFailed', 'FrequentKubeletRestart'] }],
  ['dns', 'dns-limits', 'describe', /^Nameserver limits|more than 3 nameservers/i],
  ['dns', 'dns-missing', 'describe', { reasons: ['MissingClusterDNS'] }],
  ['preemption', 'preempted', 'describe', /^Preempted by/],
  ['pod-node-not-ready', 'pod-on-bad-node', 'node'],
  ['node-not-ready', 'node-not-ready', 'node'],
  ['job-failed', 'job-backoff', 'logs', /backoff limit/],
  ['job-failed', 'job-deadline', 'describe', /longer than specified deadline/],
  ['cron-schedule', 'cron-missed', 'describe', /^Missed scheduled time|missed start times?/],
  ['load-balancer', 'cloud-limit', 'describe', cloudLimit],
  ['operator-degraded', 'operator-degraded', 'operators'],
  ['operator-installer', 'operator-installer', 'operators'],
  // Not for EventsReceivedAgain.
  ['no-events', 'no-events', 'describe', { reasons: ['NoEventsReceived'] }],
  // Not for RulesInUse.
  ['rules-refused', 'rules-refused', 'describe', { reasons: ['RulesRefused'] }],
]

const rowsByCause = Map.groupBy(hintRows, ([cause]) => cause)
const conflict: Hint = { id: 'conflict', command: 'describe' }

const maxMatched = 2_100

/** What the latest event of an incident usually means, and how to look further; undefined if that is not known. */
export function hintOf(view: {
  identity: Pick<View['identity'], 'cause'>
  latest: Pick<View['latest'], 'reason' | 'message' | 'tail'>
}): Hint | undefined {
  const { cause } = view.identity
  const { reason, message, tail } = view.latest
  const text = withoutCombinedPrefix(`${message.slice(0, maxMatched)} ${tail}`.trim())
  const rows = rowsByCause.get(cause) ?? []
  const row = rows.find(
    ([, , , when]) => !when || ('reasons' in when ? when.reasons.includes(reason) : when.test(text)),
  )
  if (row) return { id: row[1], command: row[2] }
  // Only where the table says nothing else about this cause: a row under its own name may not fit this event.
  if (isHintId(cause) && !rows.some(([, id]) => id === cause)) return { id: cause, command: 'describe' }
  return isConflict(text) ? conflict : undefined
}

function isHintId(name: string): name is HintId {
  return Object.hasOwn(en.hints, name)
}
