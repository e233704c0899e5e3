import { formatNumber } from './counts.ts'
import type { Words } from './words/en.ts'

export type SchedulingWords = Words['scheduling']

/** Why a node does not fit; `other` is an unknown reason, with its text as detail. */
export type SchedulingId = Exclude<keyof SchedulingWords, 'noneOf' | 'onlyOne' | 'none' | 'noneNew'> | 'other'

export interface Scheduling {
  /** Nodes of the cluster; 0 if the message does not say. */
  nodes: number
  /** The counts are of node groups that the autoscaler could enlarge. */
  isScaleUp: boolean
  /** The reasons are all that the message says. */
  isWhole: boolean
  reasons: SchedulingReason[]
}

export interface SchedulingReason {
  /** How many nodes; 0 if the message does not say. */
  count: number
  id: SchedulingId
  /** From the record: a taint, a resource, a claim. */
  detail?: string
}

/** A piece of a line; a literal piece comes from the record. */
export interface Piece {
  text: string
  isLiteral: boolean
}

// The first that fits wins; a group is the detail. Texts of kube-scheduler (pkg/scheduler/framework/plugins; its predicates until Kubernetes
// 1.18), which the cluster autoscaler uses, too.
const texts: [id: SchedulingId, text: RegExp][] = [
  ['cpu', /^Insufficient cpu$/],
  ['memory', /^Insufficient memory$/],
  ['storage', /^Insufficient ephemeral-storage$/],
  ['pods', /^(?:Insufficient pods|Too many pods)$/],
  ['resource', /^Insufficient (.+)$/],
  ['taint', /^node\(s\) had (?:untolerated )?taints? \{([^}]+)\}(?:, that the pod didn't tolerate)?$/],
  ['taint', /^node\(s\) had (?:untolerated taint\(s\)|taints that the pod didn't tolerate)$|^PodToleratesNodeTaints$/],
  ['cordoned', /^node\(s\) were unschedulable$|^NodeUnschedulable$/],
  ['not-ready', /^node\(s\) were not ready$|^NodeNotReady$/],
  ['selector', /^node\(s\) didn't match (?:Pod's node affinity(?:\/selector)?|node selector)$|^MatchNodeSelector$/],
  ['anti-affinity', /^node\(s\) didn't (?:match pod|satisfy existing pods) anti-affinity rules$/],
  ['affinity', /^node\(s\) didn't match pod affinity(?:\/anti-affinity)?(?: rules)?$|^MatchInterPodAffinity$/],
  ['spread', /^node\(s\) didn't match pod topology spread constraints(?: \(missing required label\))?$/],
  ['ports', /^node\(s\) didn't have free ports for the requested pod ports$|^PodFitsHostPorts$/],
  ['volume-zone', /^node\(s\) had (?:volume node affinity conflict|no available volume zone)$|^NoVolumeZoneConflict$/],
  ['volume-limit', /^node\(s\) exceed max volume count$|^MaxVolumeCount$/],
  ['claim', /^(?:node\(s\) |pod )?(?:had|has) unbound immediate PersistentVolumeClaims$/],
  ['claim', /^node\(s\) didn't find available persistent volumes to bind$/],
  ['claim-missing', /^persistentvolumeclaim "([^"]+)" not found$/],
]

const maxParsed = 2_000
// The scheduler names taints with their values, so a cluster with many taints has many reasons.
const maxReasons = 20

/** Parses why no node fits, as kube-scheduler and the cluster autoscaler say it; undefined for any other text. */
export function parseScheduling(message: string): Scheduling | undefined {
  const text = message.slice(0, maxParsed)
  const start = starts.map((pattern) => pattern.exec(text)).find((match) => match !== null)
  if (!start) return undefined
  const [whole, nodes = '0'] = start
  const said = text.slice(whole.length)
  const sentence = firstSentence(said)
  const parts = sentence.split(/, (?=\d{1,7} )|, (?=[A-Z][\w ./-]{1,60} \(\d{1,7}\))/)
  const reasons = parts.slice(0, maxReasons).flatMap((part) => reasonOf(part.trim(), Number(nodes)) ?? [])
  const isWhole =
    message.length <= maxParsed &&
    parts.length <= maxReasons &&
    reasons.length > 0 &&
    reasons.every(({ id }) => id !== 'other') &&
    said.slice(sentence.length).replace('.', '').trim() === ''
  return { nodes: Number(nodes), isScaleUp: scaleUp.test(text), isWhole, reasons }
}

const scaleUp = /^pod didn't trigger scale-up\b/i

const starts = [
  /^0\/(\d{1,7}) nodes are available: /,
  /^No nodes are available that match all of the (?:following )?predicates:{1,2} /,
  /^pod didn't trigger scale-up(?: \(it wouldn't fit if a new node is added\))?: ?/i,
]

/** The text before preemption and claims are mentioned; a resource or taint may have a dot in its name. */
function firstSentence(text: string): string {
  const end = text.search(/\.(?:\s|\.?$)|, preemption: |\bpreemption: /)
  return end < 0 ? text : text.slice(0, end)
}

function reasonOf(part: string, nodes: number): SchedulingReason | undefined {
  if (part === '') return undefined
  const [, before, counted = part, after] = /^(?:(\d{1,7}) )?(.+?)(?: \((\d{1,7})\))?$/s.exec(part) ?? []
  const count = Number(before ?? after ?? nodes)
  for (const [id, pattern] of texts) {
    const found = pattern.exec(counted)
    if (!found) continue
    const detail = found[1] === undefined ? undefined : shortened(found[1])
    // A missing claim is about the pod, not about nodes.
    return { count: id === 'claim-missing' ? 0 : count, id, ...(detail !== undefined && detail !== '' && { detail }) }
  }
  return { count, id: 'other', detail: counted }
}

// Kubernetes' own taints: `node.kubernetes.io/not-ready: ` is `not-ready`.
function shortened(detail: string): string {
  return detail.replace(/^node(?:-role)?\.kubernetes\.io\//, '').replace(/: ?$/, '')
}

/** In one line: `none of 5 nodes fits: 3 too little memory, 2 tainted (disk-pressure)`. */
export function schedulingLine(
  { nodes, isScaleUp, reasons }: Scheduling,
  { scheduling: words, card }: Pick<Words, 'scheduling' | 'card'>,
): Piece[] {
  const start = isScaleUp ? words.noneNew : total(nodes, formatNumber(nodes, card), words)
  const greatestFirst = reasons.toSorted((one, other) => other.count - one.count)
  return merged([
    plain(start),
    ...greatestFirst.flatMap(({ count, ...reason }, index) => [
      plain(index > 0 ? ', ' : ': '),
      plain(count === 0 || nodes === 1 ? '' : `${formatNumber(count, card)} `),
      ...said(reason, words),
    ]),
  ])
}

function total(nodes: number, shown: string, words: SchedulingWords): string {
  if (nodes === 0) return words.none
  return nodes === 1 ? words.onlyOne : words.noneOf.replace('{nodes}', shown)
}

function said({ id, detail }: Omit<SchedulingReason, 'count'>, words: SchedulingWords): Piece[] {
  if (id === 'other') return [literal(detail ?? '')]
  if (detail === undefined) return [plain(words[id])]
  const [before = '', after] = words[id].split('{detail}')
  return after === undefined
    ? [plain(`${before} (`), literal(detail), plain(')')]
    : [plain(before), literal(detail), plain(after)]
}

function plain(text: string): Piece {
  return { text, isLiteral: false }
}

function literal(text: string): Piece {
  return { text, isLiteral: true }
}

function merged(pieces: Piece[]): Piece[] {
  const result: Piece[] = []
  for (const { text, isLiteral } of pieces) {
    const last = result.at(-1)
    if (last && !last.isLiteral && !isLiteral) last.text += text
    else if (text !== '') result.push({ text, isLiteral })
  }
  return result
}
