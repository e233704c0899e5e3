import { type Cause, causeOf } from '../event/cause-of.ts'
import type { KubeEvent } from '../event/event.ts'
import { namespaceOf, type Workload, workloadOf } from '../event/workload.ts'

/** The texts of an event that conditions are compared with. */
export interface Subject {
  text: Record<TextName, string>
  /** The same in lower case, except the event message, which is only matched by regular expressions. */
  lower: Record<TextName, string>
  /** Milliseconds since the epoch. */
  at: number | undefined
}

export type TextName = (typeof textNames)[number]
const textNames = [
  'type',
  'reason',
  'cause',
  'kind',
  'namespace',
  'name',
  /** `Deployment/web`, derived from names. */
  'workload',
  /** `web` */
  'workloadName',
  'node',
  'component',
  'message',
  'cluster',
  'severity',
] as const

/** Facts about an event that routing and incidents share. */
export interface Facts {
  event: KubeEvent
  cluster: string
  cause: Cause
  workload: Workload
}

export function factsOf(event: KubeEvent, cluster: string): Facts {
  return { event, cluster, cause: causeOf(event), workload: workloadOf(event) }
}

// Longer messages are cut before matching. Kubernetes writes none that long.
const maxMessage = 4_000

export function subjectOf({ event, cluster, cause, workload }: Facts): Subject {
  const { involvedObject, host, message } = event
  const text: Subject['text'] = {
    type: event.type,
    reason: event.reason,
    cause: cause.name,
    kind: involvedObject.kind,
    namespace: namespaceOf(event),
    name: involvedObject.name,
    workload: `${workload.kind}/${workload.name}`,
    workloadName: workload.name,
    node: host || (involvedObject.kind === 'Node' ? involvedObject.name : ''),
    component: event.component,
    message: message.length > maxMessage ? message.slice(0, maxMessage) : message,
    cluster,
    severity: cause.severity,
  }
  return { text, lower: allLowered(text), at: event.at }
}

/** The same subject with these texts replaced. */
export function withTexts({ text, lower, at }: Subject, texts: Texts): Subject {
  return { text: { ...text, ...texts }, lower: { ...lower, ...lowered(texts) }, at }
}

// Written out because it runs for every event.
function allLowered(text: Subject['text']): Subject['lower'] {
  return {
    type: text.type.toLowerCase(),
    reason: text.reason.toLowerCase(),
    cause: text.cause.toLowerCase(),
    kind: text.kind.toLowerCase(),
    namespace: text.namespace.toLowerCase(),
    name: text.name.toLowerCase(),
    workload: text.workload.toLowerCase(),
    workloadName: text.workloadName.toLowerCase(),
    node: text.node.toLowerCase(),
    component: text.component.toLowerCase(),
    message: text.message,
    cluster: text.cluster.toLowerCase(),
    severity: text.severity.toLowerCase(),
  }
}

type Texts = Partial<Record<TextName, string>>

function lowered(texts: Texts): Texts {
  const lower = { ...texts }
  for (const name of textNames) {
    const text = texts[name]
    if (text !== undefined && name !== 'message') lower[name] = text.toLowerCase()
  }
  return lower
}
