import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { run } from '../deploy/run.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const folder = `${root}infra/kubernetes/`

/** The fields of a manifest that the tests read. */
export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string> }
  spec?: Spec
  data?: Record<string, string>
  rules?: object[]
}

export interface Spec {
  replicas?: number
  strategy?: { type: string }
  selector?: { matchLabels?: Record<string, string> } | Record<string, string>
  podSelector?: { matchLabels: Record<string, string> }
  serviceName?: string
  ports?: { port: number; targetPort: string }[]
  template?: { metadata: { labels: Record<string, string>; annotations?: Record<string, string> }; spec: Pod }
  volumeClaimTemplates?: { metadata: { name: string } }[]
  ttlSecondsAfterFinished?: number
}

export interface Pod {
  containers: Container[]
  securityContext: Record<string, unknown>
  serviceAccountName?: string
  automountServiceAccountToken?: boolean
  enableServiceLinks?: boolean
  terminationGracePeriodSeconds?: number
  volumes?: Volume[]
}

export interface Volume {
  name: string
  configMap?: { name: string }
  secret?: { secretName: string }
  persistentVolumeClaim?: { claimName: string }
  emptyDir?: object
}

export interface Container {
  name: string
  image: string
  imagePullPolicy?: string
  args?: string[]
  env?: { name: string; value?: string; valueFrom?: object }[]
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[]
  ports?: { name: string; containerPort: number }[]
  volumeMounts?: { name: string; mountPath: string }[]
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  securityContext: Record<string, unknown>
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
}

export interface Probe {
  httpGet?: { path: string; port: string }
  tcpSocket?: { port: string }
  timeoutSeconds?: number
}

/** The folders to apply, relative to infra/kubernetes. */
export const applied = ['base', 'minikube', 'examples/own-kafka', 'examples/dynamodb'] as const

/** The documents that `kubectl apply -k` would send. */
export function build(name: string): Promise<string> {
  return run(`${inject('programs')}kubectl`, ['kustomize', folder + name])
}

export async function manifestsOf(name: string): Promise<Manifest[]> {
  return parseAllDocuments(await build(name)).map((document) => document.toJS() as Manifest)
}

export function find(manifests: Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name.startsWith(name))
  if (!found) throw new Error(`There is no ${kind} ${name}`)
  return found
}

export function podOf({ kind, metadata, spec }: Manifest): Pod {
  if (!spec?.template) throw new Error(`${kind} ${metadata.name} has no pods`)
  return spec.template.spec
}

/** The only container of a pod. */
export function containerOf(manifest: Manifest): Container {
  const [container, ...others] = podOf(manifest).containers
  if (!container || others.length > 0) throw new Error(`${manifest.metadata.name} has not one container`)
  return container
}
