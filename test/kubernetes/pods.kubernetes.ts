import { beforeAll, describe, expect, test } from 'vitest'
import { applied, type Container, containerOf, find, type Manifest, manifestsOf, podOf } from './manifests.ts'

// As infra/kubernetes/Dockerfile, and the images of Kafka and kube-eventer, have it.
const user = 1000

describe.each(applied)('%s', (name) => {
  let manifests: Manifest[] = []
  let withPods: Manifest[] = []
  beforeAll(async () => {
    manifests = await manifestsOf(name)
    withPods = manifests.filter(({ spec }) => spec?.template)
  })

  test('everything is in the namespace, and the namespace exists', () => {
    const names = manifests.map(({ kind, metadata }) => metadata.namespace ?? kind)
    expect(new Set(names)).toEqual(new Set(['Namespace', 'kube-events', 'ClusterRole', 'ClusterRoleBinding']))
    expect(find(manifests, 'Namespace', 'kube-events')).toBeTruthy()
  })

  test('selectors match the labels of pods', () => {
    const labels = withPods.map(({ spec }) => spec?.template?.metadata.labels)
    for (const { kind, metadata, spec } of manifests) {
      const selector =
        kind === 'Service'
          ? spec?.selector
          : ((spec?.selector?.matchLabels ?? spec?.podSelector?.matchLabels) as object)
      if (selector) expect(labels, `${kind} ${metadata.name}`).toContainEqual(selector)
    }
  })

  test('probes and services name existing ports', () => {
    for (const manifest of withPods) {
      const { ports = [], startupProbe, readinessProbe, livenessProbe } = containerOf(manifest)
      for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
        const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port
        if (port) expect(ports.map((one) => one.name)).toContain(port)
      }
    }
    for (const { spec } of manifests.filter(({ kind }) => kind === 'Service'))
      expect(spec?.ports).toEqual([{ name: 'kafka', port: 9092, targetPort: 'kafka' }])
  })

  test('volumes are mounted, and their sources exist or are documented', () => {
    const made = ['telegram', 'kafka', 'kafka-for-kube-eventer']
    const there = [...manifests.map(({ metadata }) => metadata.name), ...made]
    for (const manifest of withPods) {
      const volumes = podOf(manifest).volumes ?? []
      const claimed = manifest.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata.name) ?? []
      const mounted = containerOf(manifest).volumeMounts?.map((mount) => mount.name) ?? []
      expect([...volumes.map((volume) => volume.name), ...claimed].sort()).toEqual(mounted.sort())
      for (const { configMap, secret, persistentVolumeClaim } of volumes)
        for (const named of [configMap?.name, secret?.secretName, persistentVolumeClaim?.claimName])
          if (named) expect(there).toContain(named)
    }
  })

  test('no pod has more permissions than it needs', () => {
    for (const manifest of withPods) {
      const pod = podOf(manifest)
      expect(pod).toMatchObject({
        // Without it, the service named kafka sets KAFKA_PORT.
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(pod.automountServiceAccountToken ?? pod.serviceAccountName).toBe(
        manifest.metadata.name === 'kube-eventer' ? 'kube-eventer' : false,
      )
      expect(containerOf(manifest).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        // Kafka's image writes its configuration at start.
        ...(manifest.kind === 'StatefulSet' ? {} : { readOnlyRootFilesystem: true }),
      })
    }
  })

  test('volumes are writable by the user that writes to them', () => {
    const writers = withPods.filter(
      ({ spec }) =>
        spec?.volumeClaimTemplates || spec?.template?.spec.volumes?.some((volume) => volume.persistentVolumeClaim),
    )
    for (const writer of writers) expect(podOf(writer).securityContext).toMatchObject({ fsGroup: user })
    expect(writers.length).toBe({ 'examples/own-kafka': 1, 'examples/dynamodb': 1 }[name as string] ?? 2)
  })

  test('images are pinned, and pods declare their resources', () => {
    for (const manifest of withPods) {
      const { image, resources } = containerOf(manifest)
      expect(image).toMatch(/:v?\d+\.\d+\.\d+/)
      expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory'])
      expect(Object.keys(resources.limits)).toEqual(['memory'])
    }
  })

  test('the manifests contain no secret', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const given = withPods.flatMap((manifest) => containerOf(manifest).env ?? []).concat(settingsOf(manifests))
    for (const { name, value } of given)
      if (/TOKEN|PASSWORD|SECRET/.test(name) && !name.endsWith('_FILE')) expect(value).toBeUndefined()
  })

  test('one kube-eventer at a time, which may list and watch events and nothing else', () => {
    const kubeEventer = find(manifests, 'Deployment', 'kube-eventer')
    expect(kubeEventer.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
    expect(find(manifests, 'ClusterRole', 'kube-eventer').rules).toEqual([
      { apiGroups: [''], resources: ['events'], verbs: ['list', 'watch'] },
    ])
    expect(manifests.filter(({ kind }) => kind.endsWith('RoleBinding'))).toMatchObject([
      {
        roleRef: { kind: 'ClusterRole', name: 'kube-eventer' },
        subjects: [{ kind: 'ServiceAccount', name: 'kube-eventer', namespace: 'kube-events' }],
      },
    ])
    expect(sinksOf(containerOf(kubeEventer))).toMatchObject([{ eventstopic: 'kube-events' }])
  })
})

test('kube-eventer writes to the topic that the worker reads', async () => {
  for (const name of ['base', 'minikube', 'examples/dynamodb']) {
    const manifests = await manifestsOf(name)
    const [sink] = sinksOf(containerOf(find(manifests, 'Deployment', 'kube-eventer')))
    const settings = Object.fromEntries(settingsOf(manifests).map((one) => [one.name, one.value]))
    expect(sink).toEqual({ brokers: settings.KAFKA_BROKERS, eventstopic: settings.KAFKA_TOPICS })
  }
})

function sinksOf({ args = [] }: Container): Record<string, string>[] {
  const addresses = args.filter((arg) => arg.startsWith('--sink=')).map((arg) => new URL(arg.slice('--sink='.length)))
  return addresses.map((address) => Object.fromEntries(address.searchParams))
}

function settingsOf(manifests: Manifest[]): { name: string; value?: string }[] {
  const { data = {} } = find(manifests, 'ConfigMap', 'worker-settings')
  return Object.entries(data).map(([name, value]) => ({ name, value }))
}
