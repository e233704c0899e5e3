import { type KubeEvent, toEvent } from '../../core/event/event.ts'
import type { Severity } from '../../core/event/severity.ts'
import { apply } from '../../core/incident/apply.ts'
import { fold, toTargetedEvent, withoutRules } from '../../core/incident/fold.ts'
import type { Body, Button, Renderer } from '../../core/incident/incident.ts'
import type { JsonObject } from '../../core/json.ts'
import { plainMessage } from '../../core/message/render.ts'
import { factsOf } from '../../core/routing/subject.ts'
import { parseTarget } from '../../core/routing/target.ts'

/** A message, and what it is an example of. */
export interface Card {
  about: string
  severity: Severity
  text: string
  isHtml: boolean
  buttons: Button[]
}

/** The day of the sample events. */
const sampleDay = '2026-11-24'

/** The incident that these events make. */
export function incidentOf(events: readonly KubeEvent[], renderer: Renderer, cluster: string): Body {
  const target = parseTarget('-1001234567890')
  if (!target) throw new Error('not a target')
  const deliveries = events.map((event, offset) => {
    const record = { mapKey: 'kube-events-0', topic: 'kube-events', partition: 0, offset, value: event }
    return toTargetedEvent({ record, target, ...withoutRules(factsOf(event, cluster)) }, true)
  })
  const [change, ...others] = fold(deliveries)
  if (!change || others.length > 0) throw new Error(`expected one incident, not ${others.length + (change ? 1 : 0)}`)
  return apply(change, undefined, renderer, Math.max(0, ...events.map(({ at = 0 }) => at))).body
}

/** The card of an incident. */
export function cardOf(about: string, body: Body, renderer: Renderer): Card {
  const { markup, buttons = [] } = renderer.text(body)
  return { about, severity: body.merged.severity, text: markup, isHtml: true, buttons }
}

/** A kubelet's Event about a pod of `checkout`, with other fields if given. */
export function sample(fields: JsonObject = {}, pod = 0): KubeEvent {
  const name = `checkout-7d9f8c6b5-${suffix(pod)}`
  const event = toEvent({
    metadata: { name: `${name}.${(0x17f3a9c2 + pod).toString(16)}`, namespace: 'shop', uid: `uid-${pod}` },
    involvedObject: { kind: 'Pod', namespace: 'shop', name, fieldPath: 'spec.containers{checkout}' },
    reason: 'BackOff',
    message: `Back-off restarting failed container checkout in pod ${name}_shop(8f2f0c1e-5c51-4d6a-9a55-0f5f7a2a${4_100 + pod})`,
    source: { component: 'kubelet', host: `worker-${1 + (pod % 3)}` },
    firstTimestamp: `${sampleDay}T14:01:20Z`,
    lastTimestamp: `${sampleDay}T14:01:20Z`,
    count: 1,
    type: 'Warning',
    ...fields,
  })
  if (!event) throw new Error('not an event')
  return event
}

const nodeFields = (reason: string, message: string, minute: string, component = 'kubelet'): JsonObject => ({
  metadata: { name: `worker-2.${reason}`, namespace: 'default', uid: reason },
  involvedObject: { kind: 'Node', name: 'worker-2', uid: 'worker-2' },
  source: { component, host: component === 'kubelet' ? 'worker-2' : '' },
  firstTimestamp: `${sampleDay}T14:${minute}:10Z`,
  lastTimestamp: `${sampleDay}T14:${minute}:10Z`,
  reason,
  message,
})

export const samples = {
  crashLoop: [0, 1, 2].map((pod) => sample({ count: 4 + pod, lastTimestamp: `${sampleDay}T14:0${5 + pod}:41Z` }, pod)),
  imagePull: [
    sample({
      metadata: { name: 'report-29401140-x2k4p.1', namespace: 'billing', uid: 'report' },
      involvedObject: {
        kind: 'Pod',
        namespace: 'billing',
        name: 'report-29401140-x2k4p',
        fieldPath: 'spec.containers{report}',
      },
      reason: 'Failed',
      message:
        'Failed to pull image "registry.example.com/billing/report:v1.42": rpc error: code = NotFound desc = failed to pull and unpack image "registry.example.com/billing/report:v1.42": failed to resolve reference "registry.example.com/billing/report:v1.42": registry.example.com/billing/report:v1.42: not found',
      lastTimestamp: `${sampleDay}T14:07:02Z`,
      count: 5,
    }),
  ],
  nodeNotReady: [
    sample(nodeFields('NodeNotReady', 'Node worker-2 status is now: NodeNotReady', '09', 'node-controller')),
  ],
}

/** One incident from its first record on, and special kinds of text. */
export function stages(renderer: Renderer, linked: Renderer, cluster: string): Card[] {
  const body = (...events: KubeEvent[]) => incidentOf(events, renderer, cluster)
  const shown = (about: string, ...events: KubeEvent[]) => cardOf(about, body(...events), renderer)
  const repeated = sample({ count: 4, lastTimestamp: `${sampleDay}T14:04:41Z` })
  const crashes = body(...samples.crashLoop)
  const loop = cardOf('', crashes, renderer)
  const marked = (isRepeat: boolean, minutes: number) =>
    renderer.marked(loop.text, { isRepeat, lateMilliseconds: minutes * 60_000 })
  const many = Array.from({ length: 80 }, (_, pod) =>
    sample({ count: 1 + (pod % 7), source: { component: 'kubelet', host: `worker-${1 + (pod % 9)}` } }, pod),
  )
  const memory = nodeFields('NodeHasInsufficientMemory', 'Node worker-2 status is now: NodeHasInsufficientMemory', '02')
  const oom = nodeFields('SystemOOM', 'System OOM encountered, victim process: java, pid: 48211', '06')
  const frames = Array.from(
    { length: 180 },
    (_, line) => `\tat com.example.shop.Checkout.step${line}(Checkout.java:${line + 40})`,
  )
  return [
    shown('first record', sample()),
    shown('the same, 4 times', repeated),
    shown('three pods', ...samples.crashLoop),
    shown('80 pods on 9 nodes', ...many),
    shown('a node has a warning', sample(memory)),
    shown('the node became critical', sample(memory), sample(oom)),
    { ...loop, about: 'replaced by a newer message', text: renderer.replaced(crashes), buttons: [] },
    { ...loop, about: 'last text of an incident that is over', text: renderer.last(crashes).markup, buttons: [] },
    { ...loop, about: 'delivered 47 minutes late', text: marked(false, 47) },
    { ...loop, about: 'possibly repeated, and late', text: marked(true, 135) },
    cardOf('with a link', incidentOf(samples.crashLoop, linked, cluster), linked),
    { ...loop, about: 'as plain text', text: plainMessage(loop.text, loop.buttons), isHtml: false, buttons: [] },
    shown(
      'a very long message',
      sample({ message: `Error: java.lang.IllegalStateException: no quorum\n${frames.join('\n')}` }),
    ),
    shown('markup and emoji', sample({ message: hostile, reason: 'Odd<b>&amp;Reason' })),
    shown(
      'several similar, combined',
      sample({
        reason: 'Unhealthy',
        message:
          '(combined from similar events): Readiness probe failed: Get "http://10.42.1.17:8080/healthz": dial tcp 10.42.1.17:8080: connect: connection refused',
        count: 214,
        lastTimestamp: `${sampleDay}T14:09:12Z`,
      }),
    ),
  ]
}

const hostile =
  '<b>not bold</b> & <script>alert(1)</script> <img src=x onerror="alert(2)"> </code></blockquote> &lt;&amp;&#60; {{template}} `tick` *star* _line_ 🚀🔥👩‍👩‍👧‍👦🇩🇪 \u202Eright to left\u202C'

/** The suffix of a pod's name: five characters from Kubernetes' alphabet, different for each pod. */
function suffix(pod: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  const round = Math.floor(pod / alphabet.length)
  const digits = [7, 11, 5, 13, 17].map(
    (step, place) => alphabet[(pod * step + round * place + place * 5) % alphabet.length],
  )
  return digits.join('')
}
