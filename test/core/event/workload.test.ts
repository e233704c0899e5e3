import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { type Workload, workloadOf } from '../../../lib/core/event/workload.ts'

const corpus = `${process.env.CORPUS}/real-events.jsonl`

const uuid = '982a95e6-659f-430a-a5e0-22f4a8cbc127'
const hashUid = 'f81eadfea0fab973c261cabe8a33fff2'

function owner(kind: string, name: string, { host = '', uid = uuid, event = 'an-event.17a3ba8b4aa36c81' } = {}) {
  return workloadOf({
    involvedObject: { kind, namespace: 'shop', name, uid, fieldPath: '' },
    host,
    namespace: 'shop',
    name: event,
  })
}

function text({ kind, name }: Workload): string {
  return `${kind}/${name}`
}

describe('the workload of an involved object', () => {
  test.each([
    ['pod of a Deployment', 'Pod', 'web-7d9f8c6b5-x2k4p', 'Deployment/web'],
    ['hash of ten characters', 'Pod', 'calico-kube-controllers-6ff88bf6d4-t2h9k', 'Deployment/calico-kube-controllers'],
    ['hash of eight', 'Pod', 'crashpod-f9b59484-fpzht', 'Deployment/crashpod'],
    ['name with a number', 'Pod', 'vmi-system-es-data-0-7b7558f7c6-ltvbs', 'Deployment/vmi-system-es-data-0'],
    [
      'name with a random part',
      'Pod',
      'event-display-prxh4-deployment-89c744b59-45d8g',
      'Deployment/event-display-prxh4-deployment',
    ],
    ['characters of no hash that occurs', 'Pod', 'web-x2k4pz7v9-x2k4p', 'Deployment/web'],
    ['random characters of no generateName', 'Pod', 'web-7d9f8c6b5-abcde', 'Deployment/web'],
    [
      'cut within the hash',
      'Pod',
      'ingress-controller-ingress-nginx-defaultbackend-56c5fbc6b88w5ll',
      'Deployment/ingress-controller-ingress-nginx-defaultbackend',
    ],
    [
      'cut early in the hash',
      'Pod',
      `${'long-'.repeat(11)}d-9x2k4p`,
      'Deployment/long-long-long-long-long-long-long-long-long-long-long-d',
    ],
    ['cut within the name', 'Pod', `${'a'.repeat(58)}x2k4p`, `Pod/${'a'.repeat(58)}`],
    ['old numeric hash', 'Pod', 'hello-node-47289321-91tfd', 'Deployment/hello-node'],
    ['ReplicaSet', 'ReplicaSet', 'web-7d9f8c6b5', 'Deployment/web'],
    ['ReplicaSet, old', 'ReplicaSet', 'hello-node-47289321', 'Deployment/hello-node'],
    ['ReplicaSet of no Deployment', 'ReplicaSet', 'frontend', 'ReplicaSet/frontend'],
    ['kind in lower case', 'replicaset', 'web-7d9f8c6b5', 'Deployment/web'],
    ['pod of a CronJob', 'Pod', 'tick-29924607-abcde', 'CronJob/tick'],
    ['Job of a CronJob', 'Job', 'tick-29924607', 'CronJob/tick'],
    ['Job named in seconds', 'Job', 'hello-1616542740', 'CronJob/hello'],
    ['pod named in seconds', 'Pod', 'hello-1567197780-mn4mv', 'CronJob/hello'],
    ['pod of an Indexed Job of a CronJob', 'Pod', 'tick-29924607-11-x2k4p', 'CronJob/tick'],
    ['pod of Kubernetes 1.22', 'Pod', 'collect-profiles-27193815--1-2clps', 'CronJob/collect-profiles'],
    ['pod of a Job of Kubernetes 1.22', 'Pod', 'import--1-2clps', 'Pod/import'],
    ['CronJob cut within the time', 'Pod', `${'c'.repeat(52)}-29924x2k4p`, `CronJob/${'c'.repeat(52)}`],
    ['Job', 'Job', 'import', 'Job/import'],
    ['pod of a Job', 'Pod', 'import-4kmbl', 'Pod/import'],
    ['Job with a date', 'Job', 'backup-20260114', 'Job/backup-20260114'],
    ['pod of a Job with a date', 'Pod', 'backup-20260114-x2k4p', 'Pod/backup-20260114'],
    ['pod of a Job with seconds of now', 'Pod', 'migrate-1795476354-x2k4p', 'Pod/migrate-1795476354'],
    ['pod of a DaemonSet', 'Pod', 'node-agent-p7j9g', 'Pod/node-agent'],
    ['DaemonSet with a checksum', 'Pod', 'svclb-traefik-8cc4131b-cz5ps', 'Pod/svclb-traefik-8cc4131b'],
    ['a checksum of digits alone', 'Pod', 'svclb-traefik-22227880-79jv4', 'Deployment/svclb-traefik'],
    ['pod of a ReplicationController', 'Pod', 'java-mainclass-1-x2k4p', 'Pod/java-mainclass-1'],
    ['ReplicationController', 'ReplicationController', 'java-mainclass-1', 'ReplicationController/java-mainclass-1'],
    ['pod of a StatefulSet', 'Pod', 'db-0', 'StatefulSet/db'],
    ['pod of a large StatefulSet', 'Pod', 'ingester-1204', 'StatefulSet/ingester'],
    ['no ordinal', 'Pod', 'kotsadm-migrations-1616434755', 'Pod/kotsadm-migrations-1616434755'],
    ['no ordinal: leading zero', 'Pod', 'shard-01', 'Pod/shard-01'],
    ['pod of its own', 'Pod', 'worker-exec', 'Pod/worker-exec'],
    ['nothing but a suffix', 'Pod', '-x2k4p', 'Pod/-x2k4p'],
    ['Node', 'Node', 'worker-2', 'Node/worker-2'],
    ['PersistentVolumeClaim', 'PersistentVolumeClaim', 'data-db-0', 'PersistentVolumeClaim/data-db-0'],
    ['no kind', '', 'machine-config', '/machine-config'],
    ['no name', 'Lease', '', 'Lease/an-event.17a3ba8b4aa36c81'],
    ['nothing at all', '', '', 'Event/an-event.17a3ba8b4aa36c81'],
  ])('%s', (_, kind, name, expected) => {
    expect(text(owner(kind, name))).toBe(expected)
  })
})

describe('a static pod', () => {
  test.each([
    ['on its host', 'etcd-control-plane-1', { host: 'control-plane-1', uid: hashUid }, 'Pod/etcd'],
    ['uid of its manifest', 'etcd-control-plane-1', { host: 'control-plane-1' }, 'Pod/etcd'],
    ['host in capitals', 'etcd-cp1.example.com', { host: 'CP1.example.com', uid: hashUid }, 'Pod/etcd'],
    ['host with a number', 'etcd-backup-master-0', { host: 'master-0', uid: hashUid }, 'Pod/etcd-backup'],
    ['a StatefulSet that ends like its host', 'es-master-0', { host: 'master-0' }, 'StatefulSet/es-master'],
    ['host unknown', 'etcd-control-plane-1', { uid: hashUid }, 'Pod/etcd-control-plane-1'],
    ['neither host nor hash', 'etcd-control-plane-1', {}, 'StatefulSet/etcd-control-plane'],
    ['another host', 'etcd-control-plane-1', { host: 'worker-1', uid: hashUid }, 'Pod/etcd-control-plane-1'],
    ['named as its host', 'worker-exec', { host: 'worker-exec' }, 'Pod/worker-exec'],
  ])('%s', (_, name, known, expected) => {
    expect(text(owner('Pod', name, known))).toBe(expected)
  })
})

describe('objects of one workload have the same workload', () => {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  const random = fc.string({ unit: fc.constantFrom(...alphabet), minLength: 5, maxLength: 5 })
  const name = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'aeiou'), minLength: 1, maxLength })

  // apimachinery, util/rand.SafeEncodeString: each byte, modulo the alphabet's length.
  const safeEncoded = (digits: string) => digits.replace(/\d/g, (digit) => alphabet[digit.charCodeAt(0) % 27] ?? '')
  const generated = (base: string, suffix: string) => base.slice(0, 58) + suffix

  it('Deployment, ReplicaSet, Pod', () => {
    fc.assert(
      fc.property(name(57), fc.integer({ min: 10_000, max: 0xffffffff }), random, (deployment, number, suffix) => {
        const replicaSet = `${deployment}-${safeEncoded(String(number))}`
        expect(owner('ReplicaSet', replicaSet)).toEqual({ kind: 'Deployment', name: deployment })
        expect(owner('Pod', generated(`${replicaSet}-`, suffix)).name).toBe(deployment)
      }),
    )
  })

  it('CronJob, Job, Pod', () => {
    fc.assert(
      fc.property(name(52), fc.integer({ min: 26_000_000, max: 39_999_999 }), random, (cronJob, minutes, suffix) => {
        const job = `${cronJob}-${minutes}`
        expect(owner('Job', job)).toEqual({ kind: 'CronJob', name: cronJob })
        expect(owner('Pod', generated(`${job}-`, suffix))).toEqual({ kind: 'CronJob', name: cronJob })
      }),
    )
  })
})

it('cuts a name that no object can have, quickly', () => {
  for (const unit of ['-', '1', 'b', '-1', '-bcdfg', '29924607-', '\ud800']) {
    const name = unit.repeat(Math.ceil(1_000_000 / unit.length))
    const startedAt = performance.now()
    for (const kind of ['Pod', 'ReplicaSet', 'Job', 'Node', name]) {
      const workload = owner(kind, name, { host: name, uid: name, event: name })
      expect(workload.name.length).toBeLessThanOrEqual(253)
      expect(workload.name.isWellFormed() && workload.name !== '').toBe(true)
      expect(workload.kind.length).toBeLessThanOrEqual(253)
    }
    expect(performance.now() - startedAt).toBeLessThan(500)
  }
})

it.runIf(existsSync(corpus))('real events: ReplicaSets are Deployments’, pods end without a random part', () => {
  for (const line of readFileSync(corpus, 'utf8').trim().split('\n')) {
    const event = toEvent(JSON.parse(line).event)
    if (!event) throw new Error(line)
    const { kind, name } = workloadOf(event)
    expect(kind).not.toMatch(/^ReplicaSet$/)
    if (kind === 'Deployment') expect(name).not.toMatch(/-[4-9bcdf]{5,10}$/)
    if (kind === 'CronJob') expect(name).not.toMatch(/\d$/)
  }
})
