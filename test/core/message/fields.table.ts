import type { KubeEvent } from '../../../lib/core/event/event.ts'
import type { ObjectReference } from '../../../lib/core/event/fields.ts'

type Field =
  | Exclude<keyof KubeEvent, 'involvedObject' | 'related'>
  | `involvedObject.${keyof ObjectReference}`
  | `related.${keyof ObjectReference}`

/** What a card does with a field in one situation: it shows the field, or leaves it out for a reason. `as` is the text to find; by default it is the mark. */
type Row = ({ shown: string } | { dropped: string }) & {
  of: Partial<KubeEvent>
  more?: Partial<KubeEvent>
  as?: string
}

// A valid name that occurs nowhere else in a card.
export const mark = 'zq7marker'

const nobody: ObjectReference = { kind: '', namespace: '', name: '', uid: '', fieldPath: '' }
const web: ObjectReference = { ...nobody, kind: 'Widget', namespace: 'shop', name: 'web' }
const pod: ObjectReference = { ...web, kind: 'Pod', name: 'db-0' }
const other: ObjectReference = { ...pod, name: 'db-1' }
const node: ObjectReference = { ...nobody, kind: 'Node', name: 'a' }
const container: ObjectReference = { ...pod, fieldPath: `spec.containers{${mark}}` }
const seven = 1_795_503_600_000
const eight = seven + 3_600_000
export const nine = eight + 3_600_000

/** An event that the table of causes does not know. */
export const plain: KubeEvent = {
  name: 'web.1',
  namespace: 'elsewhere',
  uid: 'a',
  resourceVersion: '1',
  type: '',
  reason: 'New',
  message: 'It is so.',
  action: '',
  involvedObject: web,
  related: undefined,
  component: '',
  instance: '',
  host: '',
  count: undefined,
  firstAt: seven,
  lastAt: nine,
  eventTime: undefined,
  at: nine,
}
const backOff = { reason: 'BackOff', message: `Back-off restarting failed container ${mark} in pod db-0_shop(a)` }
const known = { reason: 'FailedMount' }
const implied = 'the cause implies it'
const inRecord = 'only programs need it; the record in Kafka has it'

/** Every field of an event, and what a card does with it. A new field does not compile until it has a row. */
export const table: Record<Field, Row[]> = {
  name: [
    { shown: 'if no object is involved', of: { name: mark, involvedObject: nobody } },
    { dropped: 'the involved object is named; the log has it', of: { name: mark } },
  ],
  namespace: [
    { shown: 'if no object is involved', of: { namespace: mark, involvedObject: nobody } },
    { dropped: 'the namespace of the involved object is shown; the log has it', of: { namespace: mark } },
  ],
  uid: [{ dropped: inRecord, of: { uid: mark } }],
  resourceVersion: [{ dropped: inRecord, of: { resourceVersion: '98765432' }, as: '98765432' }],
  type: [
    { shown: 'if Kubernetes does not define it', of: { type: mark } },
    { dropped: 'the emoji shows the severity', of: { type: 'Warning' }, as: 'Warning' },
    { dropped: 'the emoji shows the severity', of: { type: 'Normal' }, as: 'Normal' },
  ],
  reason: [
    { shown: 'as the title of an unknown cause', of: { reason: mark } },
    { shown: 'beside the title of a known cause', of: known, as: 'FailedMount' },
  ],
  message: [
    { shown: 'in a quote', of: { message: `This: ${mark}` } },
    { shown: 'at the end of a long message', of: { message: `${'long '.repeat(1_000)}${mark}` } },
    {
      dropped: 'in the middle of a long message, with the number of characters',
      of: { message: `${'a '.repeat(4_000)}${mark}${' b'.repeat(4_000)}` },
    },
    { dropped: 'a secret', of: { message: `PASSWORD=${mark}` } },
    {
      dropped: 'reason and node are shown',
      of: { message: 'Node a status is now: NodeReady', reason: 'NodeReady', involvedObject: node },
      as: 'status is now',
    },
    {
      dropped: 'reason, pod and container are shown',
      of: { message: 'Back-off restarting failed container' },
      as: 'Back-off',
    },
    {
      shown: 'for several pods, if nothing else names the container',
      of: { ...backOff, involvedObject: container },
      more: { ...backOff, involvedObject: { ...container, name: 'db-1' } },
      as: `container ${mark}`,
    },
    {
      dropped: 'the scheduling line says it',
      of: { reason: 'FailedScheduling', message: '0/4 nodes are available: 4 Too many pods.' },
      as: 'available',
    },
    { dropped: 'the card says it in words', of: { message: '(combined from similar events): so' }, as: '(combined' },
    { dropped: 'noise (shorten.ts)', of: { message: 'rpc error: code = Unknown desc = so' }, as: 'Unknown' },
  ],
  action: [
    { shown: 'for an unknown cause', of: { action: mark } },
    { dropped: implied, of: { ...known, action: mark } },
    { dropped: 'it is the reason', of: { action: 'New' }, as: 'action' },
  ],
  'involvedObject.kind': [
    { shown: 'before its name', of: { involvedObject: { ...web, kind: mark } } },
    { shown: 'for the pod of a workload', of: { involvedObject: pod }, as: 'pod db-0' },
    { shown: 'without a name', of: { involvedObject: { ...nobody, kind: mark } } },
  ],
  'involvedObject.namespace': [
    { shown: 'before its name', of: { involvedObject: { ...web, namespace: mark } }, as: `${mark}/web` },
    { shown: 'before the name of the workload', of: { involvedObject: { ...pod, namespace: mark } }, as: `${mark}/db` },
    { dropped: 'its kind is in no namespace', of: { involvedObject: { ...web, kind: 'Node', namespace: mark } } },
    {
      dropped: 'alone it names no object; the event is named instead',
      of: { involvedObject: { ...nobody, namespace: mark } },
    },
  ],
  'involvedObject.name': [
    { shown: 'alone', of: { involvedObject: { ...web, name: mark } }, as: `shop/${mark}` },
    { shown: 'beside its workload', of: { involvedObject: { ...pod, name: `${mark}-0` } }, as: `pod ${mark}-0` },
    { shown: 'among several names', of: { involvedObject: pod }, more: { involvedObject: other }, as: '2 pods: db-' },
  ],
  'involvedObject.uid': [{ dropped: inRecord, of: { involvedObject: { ...web, uid: mark } } }],
  'involvedObject.fieldPath': [
    { shown: 'if it names a container', of: { involvedObject: container } },
    {
      shown: 'if it names an init container',
      of: { involvedObject: { ...pod, fieldPath: `spec.initContainers{${mark}}` } },
    },
    {
      shown: 'of the latest object, if there are several',
      of: { involvedObject: container },
      more: { involvedObject: { ...container, name: 'db-1' } },
    },
    {
      dropped: 'it is the name of the workload, which is shown',
      of: { involvedObject: { ...pod, name: `${mark}-0`, fieldPath: `spec.containers{${mark}}` } },
      as: `container ${mark}`,
    },
    { dropped: 'any other path names no container', of: { involvedObject: { ...pod, fieldPath: `spec.${mark}` } } },
  ],
  'related.kind': [
    { shown: 'always', of: { related: { ...nobody, kind: mark } } },
    { shown: 'for a known cause', of: { ...known, related: { ...web, kind: mark } } },
  ],
  'related.namespace': [
    { shown: 'before its name', of: { related: { ...web, namespace: mark } }, as: `${mark}/web` },
    { dropped: 'alone it names no object', of: { related: { ...nobody, namespace: mark } } },
  ],
  'related.name': [{ shown: 'always', of: { related: { ...nobody, name: mark } } }],
  'related.uid': [{ dropped: inRecord, of: { related: { ...web, uid: mark } } }],
  'related.fieldPath': [{ dropped: inRecord, of: { related: { ...web, fieldPath: `spec.containers{${mark}}` } } }],
  component: [
    { shown: 'for an unknown cause', of: { component: mark } },
    { dropped: implied, of: { ...known, component: mark } },
    { dropped: 'the node is shown', of: { component: 'kubelet', host: 'worker-1' }, as: 'kubelet' },
  ],
  instance: [
    { shown: 'for an unknown cause', of: { instance: mark }, as: `on ${mark}` },
    { dropped: implied, of: { ...known, instance: mark } },
    { dropped: 'it is the node', of: { instance: mark, host: mark }, as: `on ${mark}` },
    { dropped: 'it is the component', of: { instance: mark, component: mark }, as: `on ${mark}` },
    { dropped: 'the list of nodes has it', of: { instance: mark, host: 'a' }, more: { instance: mark, host: 'b' } },
  ],
  host: [
    { shown: 'as the node', of: { host: mark }, as: `node ${mark}` },
    { shown: 'among several names', of: { host: mark }, more: { host: 'other' } },
    {
      dropped: 'the involved object is that node',
      of: { host: mark, involvedObject: { ...node, name: mark } },
      as: `\nnode ${mark}`,
    },
  ],
  count: [
    { shown: 'if it happened more than once', of: { count: 4711 }, as: '×4,711 in 2 h' },
    { dropped: 'every event happened at least once', of: { count: 1 }, as: '×' },
  ],
  firstAt: [
    { shown: 'as the time of day', of: { firstAt: eight }, as: '08:00 – 09:00' },
    { dropped: 'it is in the same second as the last time', of: { firstAt: nine, lastAt: nine + 500 }, as: '–' },
  ],
  lastAt: [{ shown: 'after the first time', of: { lastAt: eight, at: eight }, as: '– 08:00 UTC' }],
  eventTime: [
    {
      shown: 'if it is not between first and last time',
      of: { eventTime: seven - 60_000 },
      as: 'event time 06:59:00 UTC',
    },
    { dropped: 'it is between first and last time', of: { eventTime: eight }, as: '08:00' },
  ],
  at: [
    {
      shown: 'if the event names no other time',
      of: { firstAt: undefined, lastAt: undefined, at: eight },
      as: '08:00:00',
    },
    { dropped: 'it is the latest of the other times', of: { at: eight }, as: '08:00' },
  ],
  claimedAt: [
    {
      dropped: 'a time in the future is not believed',
      of: { firstAt: undefined, lastAt: undefined, at: undefined, claimedAt: nine },
      as: '09:00',
    },
  ],
}
