import type { Severity } from '../incident/severity.ts'
import type { View } from '../incident/view.ts'
import { hintOf } from './hints.ts'
import { type Html, html, lines } from './html.ts'
import { quote } from './message.ts'
import { code, joined, object, path, strong, word } from './parts.ts'
import { parseScheduling, schedulingLine } from './scheduling.ts'
import { list, nounOf, numberOf } from './spread.ts'
import { rate, times } from './when.ts'
import type { Words } from './words/en.ts'

export interface CardContext {
  /** IANA zone of the times shown. */
  timeZone: string
  words: Words
}

/**
 * The message for an incident: severity and what is wrong, whose, the event message that says why, what to do, then how often, when and
 * where. Of the state alone, not of the moment, so equal states have equal cards. At most 3,500 code points when parsed, which leaves room
 * for what a delivery adds.
 */
export function card(view: View, { timeZone, words }: CardContext): Html {
  const top = lines([headline(view, words), whose(view, words)])
  const rest = lines([advice(view, words), times(view, timeZone, words), touched(view, words), ...details(view, words)])
  return lines([top, quote(view.latest, [top, rest], words), rest])
}

/** The last text of a message that a newer one of the same incident has replaced. */
export function replacedCard(view: View, { words }: CardContext): Html {
  return lines([headline(view, words), whose(view, words), html`${words.card.goesOn}`])
}

/** What is left of a card too long to be kept until its message shows it. */
export function lastCard(view: View, { words }: CardContext): Html {
  return lines([headline(view, words), whose(view, words), html`${rate(view, words)}`])
}

const marks: Record<Severity, string> = { critical: '🔴', warning: '🟠', notice: '🔵', good: '🟢' }

// Severity says it better: some failures are Normal to Kubernetes, and some Warnings nobody needs to act on.
const plainTypes = new Set(['Warning', 'Normal', ''])

function headline(view: View, words: Words): Html {
  const { severity, latest } = view
  const { type, reason } = latest
  const title = titleOf(view, words)
  const what = title === undefined ? strong(reason || words.card.event) : strong(title)
  const details = joined([
    what,
    title !== undefined && reason !== '' ? word(reason) : undefined,
    plainTypes.has(type) ? undefined : word(type),
  ])
  return html`${marks[severity]} ${details ?? what}`
}

function titleOf({ identity: { cause } }: View, { titles }: Words): string | undefined {
  return Object.hasOwn(titles, cause) ? titles[cause as keyof typeof titles] : undefined
}

function whose({ latest, objects, identity }: View, { card: words }: Words): Html {
  const { kind, ownerKind, objectNamespace, objectName, namespace, name } = latest
  const cluster = html`${words.inCluster} ${code(identity.cluster)}`
  if (kind === '' && objectName === '' && objects.count <= 1) {
    const itself = path(namespace, name)
    return itself === '' ? cluster : html`${words.event} ${code(itself)} ${cluster}`
  }
  const { workload } = identity
  const isOwned = objects.count > 1 || workload.name !== objectName
  const whole = isOwned
    ? object({ kind: owns.has(ownerKind) ? ownerKind : '', namespace: identity.namespace, name: workload.name })
    : object({ kind, namespace: objectNamespace, name: objectName })
  return html`${whole} ${cluster}`
}

// A pod whose name tells no more than that it has an owner may be a DaemonSet's, a Job's or a bare ReplicaSet's.
const owns = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Node'])

function advice(view: View, words: Words): Html | undefined {
  const { identity, latest } = view
  const scheduling = identity.cause === 'scheduling' ? parseScheduling(latest.message) : undefined
  const parsed = scheduling
    ? html`⚖️ ${lines(
        schedulingLine(scheduling, words.scheduling).map(({ text, isLiteral }) =>
          isLiteral ? code(text) : html`${text}`,
        ),
        '',
      )}`
    : undefined
  const hint = hintOf(view)
  return lines([parsed, hint && html`💡 <i>${words.hints[hint.id]}</i>`])
}

/** Which of the workload's objects, and on which nodes. */
function touched({ objects, nodes, latest, identity }: View, { card: words }: Words): Html | undefined {
  const { kind, objectName, container, host } = latest
  const isPartOfWorkload = objects.count <= 1 && objectName !== '' && objectName !== identity.workload.name
  const isNode = kind === 'Node' && objectName === host
  return joined([
    objects.count > 1
      ? html`${numberOf(objects, words)} ${nounOf(objects, words)}: ${list(objects, words)}`
      : undefined,
    isPartOfWorkload ? html`${kind === 'Pod' ? words.pod : word(kind)} ${code(objectName)}` : undefined,
    container !== '' && objects.count <= 1 ? html`${words.container} ${code(container)}` : undefined,
    nodes.count > 1 ? html`${words.nodes} ${list(nodes, words)}` : undefined,
    host !== '' && !isNode && nodes.count <= 1 ? html`${words.node} ${code(host)}` : undefined,
  ])
}

/** Who says so, where the cause does not imply it. */
function details({ latest, nodes, identity: { cause } }: View, { card: words, titles }: Words): (Html | undefined)[] {
  const { related, action, component, instance, host, reason } = latest
  const relation = related ? html`${words.related} ${object(related)}` : undefined
  if (Object.hasOwn(titles, cause)) return [relation]
  const isNewInstance = instance !== '' && instance !== host && instance !== component
  return [
    joined([
      component !== '' ? code(component) : undefined,
      isNewInstance && nodes.count <= 1 ? html`${words.on} ${code(instance)}` : undefined,
      action !== '' && action !== reason ? html`${words.action} ${word(action)}` : undefined,
      relation,
    ]),
  ]
}
