import { type Cause, causeOf } from '../event/cause.ts'
import type { KubeEvent } from '../event/event.ts'
import { namespaceOf, type Workload, workloadOf } from '../event/workload.ts'

/** What conditions ask of an event. */
export interface Subject {
  text: Record<TextName, string>
  /** The same in lower case, but the event message, which is only ever searched as it is. */
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
  /** `Deployment/web`, as names tell it. */
  'workload',
  /** `web` */
  'workloadName',
  'node',
  'component',
  'message',
  'cluster',
  'severity',
] as const

/** What is found out about an event once, for routes and incidents alike. */
export interface Facts {
  event: KubeEvent
  cluster: string
  cause: Cause
  workload: Workload
}

export function factsOf(event: KubeEvent, cluster: string): Facts {
  return { event, cluster, cause: causeOf(event), workload: workloadOf(event) }
}

// What lies behind is not looked at; no message that Kubernetes writes is as long.
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

/** The same subject but for these texts. */
export function withTexts({ text, lower, at }: Subject, texts: Texts): Subject {
  return { text: { ...text, ...texts }, lower: { ...lower, ...lowered(texts) }, at }
}

// Written out, since this is done to every event; nothing searches the message in lower case.
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
