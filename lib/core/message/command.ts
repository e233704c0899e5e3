import { clusterWide, namespaced } from '../event/kinds.ts'
import type { View } from '../incident/view.ts'

/** A kubectl command that shows more. */
export type CommandName = keyof typeof commands

/** The parts of a command. Each one is a valid name, or undefined if the event has none. */
interface Subject {
  /** The kind in lower case. */
  resource: string
  name: string
  /** ` -n shop`; empty if the object is in no namespace. */
  inNamespace: string
  /** The object's namespace, or the event's if the object has none. */
  namespace: string | undefined
  container: string | undefined
  hasContainer: boolean
  node: string | undefined
}

/** Undefined if a value that the command needs is unknown. */
type Make = (subject: Subject) => string | undefined

const commands = {
  describe: ({ resource, name, inNamespace }) => `describe ${resource} ${name}${inNamespace}`,
  logs: (subject) => logs(subject, ''),
  'logs-previous': (subject) => (subject.resource === 'pod' ? logs(subject, ' --previous') : undefined),
  'top-pod': ({ resource, name, inNamespace }) =>
    resource === 'pod' ? `top pod ${name}${inNamespace} --containers` : undefined,
  'top-pods': ({ namespace, resource }) =>
    resource === 'node' ? 'top pods -A --sort-by=memory' : namespace && `top pods -n ${namespace}`,
  events: ({ name, namespace }) =>
    namespace &&
    `get events -n ${namespace} --field-selector=involvedObject.name=${name} --sort-by=.metadata.creationTimestamp`,
  node: ({ node }) => node && `describe node ${node}`,
  nodes: () => 'get nodes -o wide',
  'describe-nodes': () => 'describe nodes',
  labels: () => 'get nodes --show-labels',
  taints: () => 'get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints',
  'node-pods': ({ node }) => node && `get pods -A -o wide --field-selector=spec.nodeName=${node}`,
  attachments: () => 'get volumeattachments',
  claims: ({ inNamespace }) => inNamespace && `get pvc${inNamespace}`,
  config: ({ inNamespace }) => inNamespace && `get configmaps,secrets${inNamespace}`,
  secrets: ({ inNamespace }) => inNamespace && `get secrets${inNamespace}`,
  accounts: ({ inNamespace }) => inNamespace && `get serviceaccounts${inNamespace}`,
  quota: ({ inNamespace }) => inNamespace && `describe quota${inNamespace}`,
  namespace: ({ inNamespace, namespace }) => inNamespace && `describe namespace ${namespace}`,
  'storage-classes': () => 'get storageclasses',
  webhooks: () => 'get mutatingwebhookconfigurations,validatingwebhookconfigurations',
  operators: () => 'get clusteroperators',
  'metrics-api': () => 'describe apiservice v1beta1.metrics.k8s.io',
  // Only OpenShift's operator reports etcd members.
  etcd: () => 'get pods -n openshift-etcd -o wide',
} satisfies Record<string, Make>

function logs({ resource, name, inNamespace, container, hasContainer }: Subject, flags: string): string | undefined {
  if (resource === 'job') return `logs job/${name}${inNamespace}`
  if (resource !== 'pod' || (hasContainer && container === undefined)) return undefined
  return `logs ${name}${inNamespace}${container === undefined ? '' : ` -c ${container}`}${flags}`
}

// Telegram's limit for a copy_text button (Bot API, CopyTextButton).
const maxCommand = 256

/**
 * A kubectl command about the latest object; `describe` if another command lacks a value. Undefined without a known kind and valid names:
 * records can be forged, and people paste this into a shell.
 */
export function commandOf(name: CommandName, view: Pick<View, 'latest'>): string | undefined {
  const subject = subjectOf(view)
  if (!subject) return undefined
  return [commands[name], commands.describe]
    .map((make: Make) => make(subject))
    .filter((text) => text !== undefined && text !== '')
    .map((text) => `kubectl ${text}`)
    .find((text) => text.length <= maxCommand)
}

// Narrow phones cut the text of longer buttons.
const maxLabel = 40

/** The text of a command's button, without names and values: `kubectl logs --previous`. */
export function labelOf(command: string): string {
  const [kubectl, verb, resource, ...rest] = command.split(' ')
  const what = verb === 'logs' ? '' : ` ${resource}`
  const flags = rest.filter((word) => word.startsWith('--') && !word.includes('=')).map((flag) => ` ${flag}`)
  const label = `${kubectl} ${verb}${what}${flags.join('')}`
  return label.length <= maxLabel ? label : `${kubectl} ${verb}`
}

function subjectOf({ latest }: Pick<View, 'latest'>): Subject | undefined {
  const { kind, objectName: name, objectNamespace, namespace: eventNamespace, container, host } = latest
  const resource = kind.toLowerCase()
  const isClusterWide = clusterWide.has(resource)
  if (!(isClusterWide || namespaced.has(resource)) || !isSubdomain(name)) return undefined
  if (!isClusterWide && !isLabel(objectNamespace)) return undefined
  const namespace = isClusterWide ? eventNamespace : objectNamespace
  const node = resource === 'node' ? name : host
  return {
    resource,
    name,
    inNamespace: isClusterWide ? '' : ` -n ${objectNamespace}`,
    namespace: isLabel(namespace) ? namespace : undefined,
    container: isLabel(container) ? container : undefined,
    hasContainer: container !== '',
    node: isSubdomain(node) && (resource === 'node' || node.length < shortestCutHost) ? node : undefined,
  }
}

// latest.ts saves 120 bytes of a host, so one this long may be only the beginning of a name.
const shortestCutHost = 120

// RFC 1123 as in Kubernetes (apimachinery, util/validation): labels have at most 63 characters, subdomains 253.
const label = /^[a-z0-9](?:[-a-z0-9]{0,251}[a-z0-9])?$/

function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text)
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => label.test(part))
}
