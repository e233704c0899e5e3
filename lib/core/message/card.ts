import { clusterWide } from '../event/kinds.ts'
import type { Severity } from '../event/severity.ts'
import type { Latest } from '../incident/latest.ts'
import type { View } from '../incident/view.ts'
import { listNodes, listObjects, nounOf, spreadText } from './counts.ts'
import { hintOf } from './hints.ts'
import { code, type Html, html, joined, lines, object, path, strong, word } from './html.ts'
import { quote } from './quote.ts'
import { parseScheduling, schedulingLine } from './scheduling.ts'
import { rate, secondText, times } from './times.ts'
import type { Words } from './words/en.ts'

export interface CardContext {
  /** IANA zone of the times shown. */
  timeZone: string
  words: Words
  /** The hints of rules, by the name of the rule. They replace the program's own. */
  hints?: ReadonlyMap<string, string>
}

/**
 * The message for an incident: severity and title, workload, the event message that says why, the hint, then how often, when and where. It
 * depends on the incident alone, not on the current time, so equal incidents have equal cards. At most 3,500 code points when parsed, which
 * leaves room for what a delivery adds.
 */
export function card(view: View, { timeZone, words, hints }: CardContext): Html {
  const why = scheduling(view, words)
  const top = lines([headline(view, words), whose(view, words)])
  const rest = lines([
    why.line,
    hint(view, words, hints?.get(view.latest.rule)),
    times(view, timeZone, words),
    ...affected(view, words),
    details(view, words),
    suppressedBy(view, timeZone, words),
  ])
  const isSaid = why.isWhole || isSaidElsewhere(view.latest)
  return lines([top, isSaid ? undefined : quote(view.latest, [top, rest], words), rest])
}

/** The last text of a message that a newer one has replaced; the renderer adds the line that leads to it. */
export function replacedCard(view: View, { words }: CardContext): Html {
  return lines([headline(view, words), whose(view, words)])
}

/** A shorter card, for one that is too long to be saved until its message shows it. */
export function lastCard(view: View, { words }: CardContext): Html {
  return lines([headline(view, words), whose(view, words), html`${rate(view, words)}`])
}

const marks: Record<Severity, string> = { critical: '🔴', warning: '🟠', info: '🔵', good: '🟢' }

// The severity says more: Kubernetes reports some failures as Normal, and some Warnings need no action.
const plainTypes = new Set(['Warning', 'Normal', ''])

function headline(view: View, words: Words): Html {
  const { severity, latest } = view
  const { type, reason } = latest
  const title = titleOf(view, words.titles)
  const what = title === undefined ? strong(reason || words.card.event) : strong(title)
  const details = joined([
    what,
    title !== undefined && reason !== '' ? word(reason) : undefined,
    plainTypes.has(type) ? undefined : word(type),
  ])
  return html`${marks[severity]} ${details ?? what}`
}

function titleOf({ identity: { cause } }: View, titles: Words['titles']): string | undefined {
  return Object.hasOwn(titles, cause) ? titles[cause as keyof typeof titles] : undefined
}

function whose({ latest, objects, identity }: View, { card: words }: Words): Html {
  const { kind, ownerKind, objectName, namespace, name } = latest
  // The program's own events belong to no cluster.
  if (identity.cluster === '') return html`${code(objectName)}`
  const cluster = html`${words.inCluster} ${code(identity.cluster)}`
  if (objectName === '' && objects.count <= 1) {
    const itself = path(namespace, name)
    const of = joined([
      kind === '' ? undefined : object({ kind, namespace: '', name: latest.objectNamespace }),
      itself === '' ? undefined : html`${words.event} ${code(itself)}`,
    ])
    return of ? html`${of} ${cluster}` : cluster
  }
  const { workload } = identity
  const isOwned = objects.count > 1 || workload.name !== objectName
  if (!isOwned) {
    const objectNamespace = clusterWide.has(kind.toLowerCase()) ? '' : latest.objectNamespace
    return html`${object({ kind, namespace: objectNamespace, name: objectName })} ${cluster}`
  }
  const owner = { kind: owns.has(ownerKind) ? ownerKind : '', namespace: identity.namespace, name: workload.name }
  const members = owner.kind === '' && kind === 'Pod' ? html`${words.podsOf} ` : ''
  return html`${members}${object(owner)} ${cluster}`
}

// Other pods with an owner may belong to a DaemonSet, a Job or a bare ReplicaSet: their names do not tell which.
const owns = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Node'])

/** Why no node fits. `isWhole`: the line says everything that the event message says. */
function scheduling({ identity, latest }: View, words: Words): { line: Html | undefined; isWhole: boolean } {
  const parsed = identity.cause === 'scheduling' ? parseScheduling(latest.message) : undefined
  if (!parsed) return { line: undefined, isWhole: false }
  const pieces = schedulingLine(parsed, words).map(({ text, isLiteral }) => (isLiteral ? code(text) : html`${text}`))
  return { line: html`⚖️ ${lines(pieces, '')}`, isWhole: parsed.isWhole && latest.missing === 0 }
}

function hint(view: View, { hints }: Words, own: string | undefined): Html | undefined {
  if (own !== undefined) return html`💡 <i>${own}</i>`
  const found = hintOf(view)
  return found && html`💡 <i>${hints[found.id]}</i>`
}

/** The rule or mute that suppresses the next events. */
function suppressedBy({ suppression }: View, timeZone: string, { card: words }: Words): Html | undefined {
  if (!suppression) return undefined
  if (suppression.kind === 'rule') return html`🔇 ${words.suppressedByRule} ${code(suppression.name)}`
  return html`🔇 ${words.mutedBy} ${code(suppression.name)} ${words.until} ${secondText(suppression.until, timeZone)}: ${suppression.reason}`
}

/** True if an event message only repeats reason, pod, container or node, which other lines show. */
function isSaidElsewhere({ message, reason, container, objectName }: Latest): boolean {
  if (message === `Node ${objectName} status is now: ${reason}`) return true
  const [whole, named = container] =
    /^Back-off restarting failed container(?: (\S{1,63})(?: in pod \S{1,400})?)?$/.exec(message) ?? []
  return whole !== undefined && named === container
}

/** The affected objects of the workload, and their nodes. */
function affected({ objects, nodes, latest, identity }: View, { card: words }: Words): (Html | undefined)[] {
  const { kind, objectName, container, host } = latest
  const isNode = kind === 'Node' && objectName === host
  const isOne = objects.count <= 1
  // The program's own events name their object above.
  const isOwn = identity.cluster === ''
  const isPartOfWorkload = isOne && !isOwn && objectName !== '' && objectName !== identity.workload.name
  const isNamedAlike = objectName !== '' && container === identity.workload.name
  return [
    isOne ? undefined : html`${spreadText(objects, words)} ${nounOf(objects, words)}: ${listObjects(objects, words)}`,
    joined([
      isPartOfWorkload
        ? html`${kind === 'Pod' ? words.pod : word(kind || words.object)} ${code(objectName)}`
        : undefined,
      container !== '' && !isNamedAlike ? html`${words.container} ${code(container)}` : undefined,
      host !== '' && !isNode && nodes.count <= 1 ? html`${words.node} ${code(host)}` : undefined,
      nodes.count > 1 ? html`${words.nodes} ${listNodes(nodes, words)}` : undefined,
    ]),
  ]
}

// Operators of OpenShift have very long names.
const maxComponent = 60

/** The component that reported the event, if the cause does not imply it. For a kubelet the node is shown instead. */
function details(view: View, { card: words, titles }: Words): Html | undefined {
  const { related, action, component, instance, host, reason } = view.latest
  const relation = related ? html`${words.related} ${object(related)}` : undefined
  if (titleOf(view, titles) !== undefined) return relation
  const isNewInstance = instance !== '' && instance !== host && instance !== component
  return joined([
    component !== '' && component !== 'kubelet' ? code(component, maxComponent) : undefined,
    isNewInstance && view.nodes.count <= 1 ? html`${words.on} ${code(instance)}` : undefined,
    action !== '' && action !== reason ? html`${words.action} ${word(action)}` : undefined,
    relation,
  ])
}
