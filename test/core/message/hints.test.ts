import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { causeOf } from '../../../lib/core/event/cause-of.ts'
import { causes } from '../../../lib/core/event/cause-table.ts'
import { toEvent } from '../../../lib/core/event/event.ts'
import { workloadOf } from '../../../lib/core/event/workload.ts'
import { latestOf } from '../../../lib/core/incident/latest.ts'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { hintOf, hintRows } from '../../../lib/core/message/hints.ts'
import { en, type HintId } from '../../../lib/core/message/words/en.ts'
import { bodyOf } from '../../support/incidents.ts'
import { readRecording, recordingNames } from '../../support/recordings.ts'

const corpusFiles = ['real-events.jsonl', 'awkward-cases.jsonl'].map((name) => `${process.env.CORPUS}/${name}`)
const hasCorpus = corpusFiles.every((file) => existsSync(file))

const causeNames = new Set(causes.flatMap(({ name, reasons }) => (name === undefined ? reasons : [name])))

const hintFor = (reason: string, message: string) => hintOf(viewOf(bodyOf([{ reason, message }])))?.id

// Reason, message and hint, for hints without an example in the recordings and for the order of the rows.
const examples: [reason: string, message: string, id: HintId | undefined][] = [
  ['Failed', 'Failed to pull image "r.io/a:1": rpc error: code = NotFound desc = failed', 'image-not-found'],
  ['Failed', 'Failed to pull image "a": manifest for a:1 not found: manifest unknown', 'image-not-found'],
  ['Failed', 'Failed to pull image "a": pull access denied, repository does not exist', 'image-denied'],
  ['Failed', 'Failed to pull image "a": unexpected status from HEAD request: 403 Forbidden', 'image-denied'],
  ['Failed', 'Failed to pull image "a": dial tcp: lookup r.oi on 10.0.0.2:53: no such host', 'image-dns'],
  ['Failed', 'Failed to pull image "a": net/http: TLS handshake timeout', 'image-timeout'],
  ['Failed', 'Failed to pull image "a": toomanyrequests: You have reached your pull rate limit', 'image-rate-limit'],
  ['Failed', 'Failed to pull image "a": no match for platform in manifest: not found', 'image-platform'],
  ['Failed', 'Failed to pull image "a": write /var/lib/x: no space left on device', 'no-space'],
  ['Failed', 'Failed to pull image "a": tls: failed to verify certificate: x509: unknown', 'image-certificate'],
  ['InspectFailed', 'Failed to apply default image tag "A": couldn\'t parse image reference "A"', 'image-name'],
  ['ErrImageNeverPull', 'Container image "a" is not present with pull policy of Never', 'image-never'],
  ['BackOff', 'Back-off pulling image "reset-denied-timeout:1"', 'image-backoff'],
  ['BackOff', 'Back-off pulling image "a:1": ErrImagePull: dial tcp 10.0.0.1:443: i/o timeout', 'image-timeout'],
  ['FailedToRetrieveImagePullSecret', 'Unable to retrieve some image pull secrets (regcred)', 'image-denied'],
  ['BackOff', 'Back-off restarting failed container web, exit code 137', 'container-oom'],
  ['BackOff', 'Back-off restarting failed container web, exit code: 127', 'start-not-found'],
  ['PodOOMKilling', 'pod was OOM killed. node:worker-2 pod:web', 'container-oom'],
  ['Failed', 'Error: failed to create task: exec: "/run.sh": permission denied: unknown', 'start-permission'],
  ['Failed', 'Error: failed to create task: exec /app: exec format error', 'image-platform'],
  ['Failed', 'Error: failed to create task: exec: "/app": stat /app: no such file or directory', 'start-no-file'],
  ['Failed', "Error: couldn't find key PORT in ConfigMap shop/settings", 'config-key'],
  ['Failed', 'Error: secret "db" not found', 'config-missing'],
  ['Failed', 'Error: container has runAsNonRoot and image will run as root', 'config-non-root'],
  ['Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 404', 'probe-4xx'],
  ['Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 503', 'probe-5xx'],
  ['Unhealthy', 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")', 'probe-5xx'],
  ['Unhealthy', 'Liveness probe failed: command timed out: "sh -c check" timed out after 1s', 'liveness-timeout'],
  ['Unhealthy', 'Readiness probe failed: Get "http://10.0.0.1:80/": EOF', 'probe-reset'],
  ['Unhealthy', 'Startup probe failed: cat: /tmp/up: No such file or directory', 'probe-exec'],
  ['Unhealthy', 'Readiness probe errored: rpc error: code = NotFound desc = no container', undefined],
  ['Unhealthy', 'Liveness probe failed: ', undefined],
  ['FailedScheduling', '0/4 nodes are available: 4 node(s) had volume node affinity conflict.', 'sched-zone'],
  ['FailedScheduling', '0/4 nodes are available: 4 Too many pods.', 'sched-pods'],
  ['FailedScheduling', "0/4 nodes are available: 4 node(s) didn't match pod topology spread.", 'sched-affinity'],
  ['FailedScheduling', '0/4 nodes are available: persistentvolumeclaim "data" not found.', 'sched-claim-missing'],
  ['FailedScheduling', '0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'sched-claim'],
  ['FailedScheduling', '0/4 nodes are available: 4 node(s) had untolerated taint {team: b}.', 'sched-tainted'],
  ['FailedScheduling', '0/4 nodes are available: 1 Insufficient cpu, 3 node(s) had taints.', 'sched-cpu'],
  ['NotTriggerScaleUp', "pod didn't trigger scale-up: 1 max node group size reached", 'no-scale-up'],
  ['FailedMount', 'MountVolume.SetUp failed for volume "nfs" : mount failed: exit status 32', 'mount-failed'],
  ['FailedMount', 'Unable to attach or mount volumes: unmounted volumes=[a]: timed out', 'mount-waiting'],
  ['FailedAttachVolume', 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s)', 'multi-attach'],
  ['FailedAttachVolume', 'client rate limiter Wait returned an error: context deadline exceeded', 'cloud-throttled'],
  ['FailedAttachVolume', 'AttachVolume.Attach failed: RequestLimitExceeded: Request limit exceeded', 'cloud-throttled'],
  ['FailedAttachVolume', 'AttachVolume.Attach failed: maximum number of volumes reached', 'cloud-limit'],
  ['FailedMount', 'driver name ebs.csi.aws.com not found in the list of registered CSI drivers', 'mount-no-driver'],
  ['FailedMount', 'references non-existent secret key: tls.crt', 'mount-key'],
  ['Evicted', 'The node had condition: [MemoryPressure].', 'evicted'],
  [
    'FailedCreate',
    'Error creating: pods "a" is forbidden: failed quota: q: must specify limits.cpu',
    'quota-needs-limits',
  ],
  ['UnstartedEtcdMember', 'unstarted members: NAME-PENDING-10.0.0.7', 'etcd-joining'],
  ['UnstartedEtcdMember', 'unstarted members: master-1', 'etcd-member'],
  ['NodeNotReady', 'Node is not ready', 'pod-on-bad-node'],
  ['FailedKillPod', 'error killing pod: could not find container "9ba2a714411d"', 'container-gone'],
  [
    'Odd',
    'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    'conflict',
  ],
  ['Odd', 'disk lost; earlier: the object has been modified', undefined],
  ['ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found', 'pvc-no-class'],
  ['FailedCreate', 'Error creating: pods "a-" is forbidden: violates PodSecurity "restricted"', 'pod-security'],
  ['FailedCreate', 'Error creating: admission webhook "a.b" denied the request: no', 'webhook-denied'],
  ['FailedCreate', 'Error creating: Internal error: failed calling webhook "a.b": EOF', 'webhook-down'],
  ['FailedCreatePodSandBox', 'plugin type="aws-cni" failed (add): failed to assign an IP', 'cni-addresses'],
  ['FailedCreatePodSandBox', 'plugin type="calico" failed: stat /x: no such file or directory', 'cni-not-ready'],
  ['NetworkNotReady', 'network is not ready: cni plugin not initialized', 'cni-not-ready'],
  ['FailedGetResourceMetric', 'failed to get cpu utilization: missing request for cpu', 'metrics-request'],
  ['Evicted', 'The node was low on resource: ephemeral-storage.', 'evicted'],
  ['Evicted', 'Usage of EmptyDir volume "tmp" exceeds the limit "1Gi".', 'evicted-limit'],
  ['EvictionThresholdMet', 'Attempting to reclaim memory', 'node-pressure'],
  ['NodeHasDiskPressure', 'Node worker-2 status is now: NodeHasDiskPressure', 'node-pressure'],
  ['NodeHasInsufficientPID', 'Node worker-2 status is now: NodeHasInsufficientPID', 'node-pressure'],
  ['FilesystemIsReadOnly', 'Remounting filesystem read-only', 'disk-read-only'],
  ['OOMKilling', 'Memory cgroup out of memory: Killed process 4211 (web)', 'container-oom'],
  ['OOMKilling', 'Out of memory: Killed process 4211 (mysqld)', 'system-oom'],
  ['Rebooted', 'Node worker-2 has been rebooted, boot id: 1', 'node-reboot'],
  ['DNSConfigForming', 'Nameserver limits were exceeded, some nameservers have been omitted', 'dns-limits'],
  ['MissSchedule', 'Missed scheduled time to start a job: Tue, 24 Nov 2026 07:00:00 UTC', 'cron-missed'],
  ['ImageGCFailed', 'imageFs information is unavailable', 'image-cleanup'],
  ['ImageGCFailed', 'Failed to garbage collect required amount of images.', 'node-pressure'],
  ['FailedSync', 'error determining status', 'pod-sync'],
  ['KubeletSetupFailed', 'Failed to start ContainerManager', 'kubelet-failing'],
  ['Starting', 'Starting kubelet.', undefined],
  ['MissingClusterDNS', 'kubelet does not have ClusterDNS IP configured', 'dns-missing'],
  ['NoEventsReceived', 'Keine Events aus Cluster prod', 'no-events'],
  ['EventsReceivedAgain', 'Events received again', undefined],
  ['RulesRefused', 'Version 8 hat Fehler.', 'rules-refused'],
  ['RulesInUse', 'Version 9 is in use.', undefined],
  ['NodeReady', 'Node worker-2 status is now: NodeReady', undefined],
  ['SomethingNew', 'no hint for it', undefined],
]

describe('the hint for', () => {
  test.each(examples)('%s %s', (reason, message, id) => {
    expect(hintFor(reason, message)).toBe(id)
    expect(hintFor(reason, `(combined from similar events): ${message}`)).toBe(id)
  })

  it('an incident with several reasons belongs to the event that says why', () => {
    const message = 'Failed to pull image "a": toomanyrequests: rate limit'
    const earlier = { reason: 'Failed', message, lastTimestamp: '2026-11-23T23:26:33Z' }
    const later = { reason: 'BackOff', message: 'Back-off pulling image "a"', lastTimestamp: '2026-11-23T23:26:34Z' }
    expect(hintOf(viewOf(bodyOf([earlier, later])))).toEqual({ id: 'image-rate-limit', command: 'describe' })
    expect(hintOf(viewOf(bodyOf([later, earlier])))).toEqual({ id: 'image-rate-limit', command: 'describe' })
  })
})

describe('the table', () => {
  it('uses every hint, and has no row after one that takes every event', () => {
    const ids = new Set(hintRows.map(([, id]) => id))
    const unused = Object.keys(en.hints).filter((id) => !ids.has(id as HintId) && !causeNames.has(id))
    expect(unused).toEqual(['conflict'])
    const taken = new Set<string>()
    for (const [cause, , , when] of hintRows) {
      expect(taken).not.toContain(cause)
      if (!when) taken.add(cause)
    }
  })

  it('names only causes and reasons of the table of causes', () => {
    const reasons = new Set(causes.flatMap((row) => row.reasons))
    for (const [cause, , , when] of hintRows) {
      expect(causeNames).toContain(cause)
      for (const reason of when && 'reasons' in when ? when.reasons : []) expect(reasons).toContain(reason)
    }
  })

  it('has a hint for every cause of a warning and of anything critical', () => {
    const withHint = new Set<string>([...hintRows.map(([cause]) => cause), ...Object.keys(en.hints)])
    const severe = causes.filter(({ severity }) => severity === 'warning' || severity === 'critical')
    expect(severe.filter(({ name = '' }) => !withHint.has(name))).toEqual([])
  })

  it('handles forged megabytes quickly', () => {
    const longs = ['x', ' ', 'exec: ', 'plugin', 'Insufficient a', 'secret "', 'storageclass ']
    const startedAt = performance.now()
    for (const long of longs) {
      const latest = { reason: '', message: long.repeat(1_000_000 / long.length), tail: '' }
      for (const [cause] of hintRows) hintOf({ identity: { cause }, latest })
    }
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('the words', () => {
  it('have a short title for each cause, and for each reason of a good event', () => {
    expect(new Set(Object.keys(en.titles))).toEqual(causeNames)
    for (const title of Object.values(en.titles)) expect(title).toMatch(/^[A-Za-z][A-Za-z0-9' -]{1,31}$/)
  })

  it('have hints of one to three sentences that Telegram does not turn into links', () => {
    for (const hint of Object.values(en.hints)) {
      expect(hint).toMatch(/^[A-Z][A-Za-z0-9 ',:;().-]{20,158}\.$/)
      expect(hint).not.toMatch(/[.:][^ ]/)
    }
  })

  it('have short scheduling texts without punctuation', () => {
    for (const text of Object.values(en.scheduling)) expect(text).toMatch(/^[A-Za-z {}-]{4,40}$/)
  })
})

function recorded(): unknown[] {
  return recordingNames().flatMap((name) =>
    readRecording(name).map(({ value }) => JSON.parse(JSON.parse(value ?? '').EventValue)),
  )
}

function inCorpus(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event)
}

it.runIf(hasCorpus)('real events show 60 hints, and 9 of 10 real warnings have one', () => {
  const troubles = [...corpusFiles.flatMap(inCorpus), ...recorded()].flatMap((value) => {
    const event = toEvent(value)
    if (!event) return []
    const { name, severity } = causeOf(event)
    return [{ severity, id: hintOf({ identity: { cause: name }, latest: latestOf(event, workloadOf(event), '') })?.id }]
  })
  const ids = new Set(troubles.flatMap(({ id }) => id ?? []))
  expect(ids.size).toBeGreaterThanOrEqual(60)
  const severe = troubles.filter(({ severity }) => severity === 'warning' || severity === 'critical')
  expect(severe.filter(({ id }) => id).length / severe.length).toBeGreaterThan(0.9)
})
