import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadWorkerConfig } from '../../lib/app/config/load.ts'
import about from '../../package.json' with { type: 'json' }
import { applied, containerOf, find, manifestsOf, podOf, root } from './manifests.ts'

const directory = mkdtempSync(join(tmpdir(), 'mounted-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The content of the secrets in docs/kubernetes.md. */
const secrets: Record<string, Record<string, string>> = {
  telegram: { TELEGRAM_BOT_TOKEN: '123456789:AAE-of-a-test-in-the-form-of-one', TELEGRAM_CHAT_ID: '-1001234567890' },
  aws: { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'of-a-test' },
  kafka: { 'ca.crt': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', password: 'of-a-test' },
}

/** The worker of a folder, and its environment, with its mounted files on this machine. */
async function workerOf(name: string) {
  const manifests = await manifestsOf(name)
  const worker = find(manifests, 'Deployment', 'worker')
  const container = containerOf(worker)
  const environment: Record<string, string> = {}
  for (const { configMapRef, secretRef } of container.envFrom ?? [])
    Object.assign(
      environment,
      configMapRef && find(manifests, 'ConfigMap', configMapRef.name).data,
      secretRef && secrets[secretRef.name],
    )
  const mounts = container.volumeMounts?.flatMap(({ name, mountPath }) => {
    const volume = podOf(worker).volumes?.find((one) => one.name === name)
    const { configMap, secret } = volume ?? {}
    const files = configMap ? find(manifests, 'ConfigMap', configMap.name).data : secrets[secret?.secretName ?? '']
    return Object.entries(files ?? {}).map(([file, text]) => ({ path: `${mountPath}/${file}`, file, text }))
  })
  for (const { path, file, text } of mounts ?? []) {
    writeFileSync(join(directory, file), text)
    for (const [name, value] of Object.entries(environment))
      if (value === path) environment[name] = join(directory, file)
  }
  return { worker, container, environment }
}

describe.each(applied)('the worker of %s', (name) => {
  test('accepts its settings, and knows each variable', async () => {
    const { environment } = await workerOf(name)
    const asked = new Set<string>()
    const tracked = new Proxy(environment, {
      get(target, name: string) {
        asked.add(name)
        return target[name]
      },
    })
    const { config, kafka } = await loadWorkerConfig(tracked)
    expect([...config.warnings, ...kafka.warnings]).toEqual([])
    expect(kafka).toMatchObject({ topics: ['kube-events'], group: 'kube-eventer-telegram', healthPort: 8080 })
    expect(Object.keys(environment).filter((name) => !asked.has(name))).toEqual([])
  })

  test('has one replica, and stops before the next starts, if its state is a file', async () => {
    const { worker, container, environment } = await workerOf(name)
    const [, kind, file = ''] = /^(\w+):(.*)$/.exec(environment.STATE ?? '') ?? []
    const mounts = container.volumeMounts?.map((mount) => mount.mountPath)
    if (kind === 'sqlite') {
      expect(worker.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
      expect(mounts).toContain(dirname(file))
    } else {
      expect(kind).toBe('dynamodb')
      expect(mounts).not.toContain('/data')
    }
  })

  test('has enough time to stop', async () => {
    const source = readFileSync(join(root, 'functions/worker.ts'), 'utf8')
    const [, milliseconds = ''] = /graceMilliseconds = ([\d_]+)/.exec(source) ?? []
    const { worker } = await workerOf(name)
    const seconds = Number(milliseconds.replaceAll('_', '')) / 1_000
    expect(seconds).toBe(45)
    expect(podOf(worker).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + 10)
  })

  test('has its probes on its health endpoints', async () => {
    const { worker, container, environment } = await workerOf(name)
    const source = readFileSync(join(root, 'lib/app/health/server.ts'), 'utf8')
    const { startupProbe, readinessProbe, livenessProbe, ports } = container
    const annotations = worker.spec?.template?.metadata.annotations
    expect(ports).toEqual([{ name: 'health', containerPort: Number(environment.HEALTH_PORT) }])
    expect(annotations).toMatchObject({
      'prometheus.io/port': environment.HEALTH_PORT,
      'prometheus.io/path': '/metrics',
    })
    expect([startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet?.path)).toEqual([
      '/healthz',
      '/readyz',
      '/healthz',
    ])
    for (const path of ['/healthz', '/readyz', '/metrics']) expect(source).toContain(`'${path}'`)
  })
})

test('the image has this version; minikube never pulls it', async () => {
  const base = await workerOf('base')
  const minikube = await workerOf('minikube')
  expect(base.container.image).toBe(`registry.example.com/kube-eventer-telegram:${about.version}`)
  expect(minikube.container).toMatchObject({
    image: `kube-eventer-telegram:${about.version}`,
    imagePullPolicy: 'Never',
  })
})

test('alerts use existing metrics', () => {
  const source = readFileSync(join(root, 'lib/app/health/metrics.ts'), 'utf8')
  const alerts = readFileSync(join(root, 'infra/kubernetes/examples/alerts.yml'), 'utf8')
  const asked = [...alerts.matchAll(/kube_eventer_telegram_(\w+)/g)].map(([, metric]) => metric)
  expect(asked.length).toBeGreaterThan(3)
  for (const metric of asked) expect(source).toContain(`'${metric}'`)
})
