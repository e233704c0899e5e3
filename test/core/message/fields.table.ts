import type { KubeEvent } from '../../../lib/core/event/event.ts'
import type { ObjectReference } from '../../../lib/core/event/fields.ts'

type Field =
  | Exclude<keyof KubeEvent, 'involvedObject' | 'related'>
  | `involvedObject.${keyof ObjectReference}`
  | `related.${keyof ObjectReference}`

/** What a card makes of a field in one situation: shown when, or dropped and why. `as` is how it reads; else it is the mark. */
type Row = ({ shown: string } | { dropped: string }) & {
  of: Partial<KubeEvent>
  more?: Partial<KubeEvent>
  as?: string
}

// As nothing else in a card, and a valid name.
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

/** Unknown to the table of causes. */
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
const implied = 'the cause says who does what'
const inRecord = 'for programs; the record in Kafka has it'

/** Every field of an event, and where the rules of a card leave it. A new field does not compile until it has a row. */
export const table: Record<Field, Row[]> = {
  name: [
    { shown: 'where no object is involved', of: { name: mark, involvedObject: nobody } },
    { dropped: 'the involved object says whose; the log line has it', of: { name: mark } },
  ],
  namespace: [
    { shown: 'where no object is involved', of: { namespace: mark, involvedObject: nobody } },
    { dropped: 'the involved object’s says where; the log line has it', of: { namespace: mark } },
  ],
  uid: [{ dropped: inRecord, of: { uid: mark } }],
  resourceVersion: [{ dropped: inRecord, of: { resourceVersion: '98765432' }, as: '98765432' }],
  type: [
    { shown: 'where Kubernetes does not have it', of: { type: mark } },
    { dropped: 'the emoji tells the severity', of: { type: 'Warning' }, as: 'Warning' },
    { dropped: 'the emoji tells the severity', of: { type: 'Normal' }, as: 'Normal' },
  ],
  reason: [
    { shown: 'as the title of an unknown cause', of: { reason: mark } },
    { shown: 'beside the title of a known one', of: known, as: 'FailedMount' },
  ],
  message: [
    { shown: 'in a quote', of: { message: `This: ${mark}` } },
    { shown: 'at its end, of a long one', of: { message: `${'long '.repeat(1_000)}${mark}` } },
    {
      dropped: 'in the middle of a long one, counted',
      of: { message: `${'a '.repeat(4_000)}${mark}${' b'.repeat(4_000)}` },
    },
    { dropped: 'a secret', of: { message: `PASSWORD=${mark}` } },
    {
      dropped: 'reason and node say it',
      of: { message: 'Node a status is now: NodeReady', reason: 'NodeReady', involvedObject: node },
      as: 'status is now',
    },
    {
      dropped: 'reason, pod and container say it',
      of: { message: 'Back-off restarting failed container' },
      as: 'Back-off',
    },
    {
      shown: 'of several pods, where nothing else names the container',
      of: { ...backOff, involvedObject: container },
      more: { ...backOff, involvedObject: { ...container, name: 'db-1' } },
      as: `container ${mark}`,
    },
    {
      dropped: 'in its line of counts',
      of: { reason: 'FailedScheduling', message: '0/4 nodes are available: 4 Too many pods.' },
      as: 'available',
    },
    { dropped: 'said in words', of: { message: '(combined from similar events): so' }, as: '(combined' },
    { dropped: 'noise (shorten.ts)', of: { message: 'rpc error: code = Unknown desc = so' }, as: 'Unknown' },
  ],
  action: [
    { shown: 'of an unknown cause', of: { action: mark } },
    { dropped: implied, of: { ...known, action: mark } },
    { dropped: 'the reason says it', of: { action: 'New' }, as: 'action' },
  ],
  'involvedObject.kind': [
    { shown: 'before its name', of: { involvedObject: { ...web, kind: mark } } },
    { shown: 'of a workload’s pod', of: { involvedObject: pod }, as: 'pod db-0' },
    { shown: 'without a name', of: { involvedObject: { ...nobody, kind: mark } } },
  ],
  'involvedObject.namespace': [
    { shown: 'before its name', of: { involvedObject: { ...web, namespace: mark } }, as: `${mark}/web` },
    { shown: 'before the workload’s', of: { involvedObject: { ...pod, namespace: mark } }, as: `${mark}/db` },
    { dropped: 'its kind is in no namespace', of: { involvedObject: { ...web, kind: 'Node', namespace: mark } } },
    {
      dropped: 'alone it names nothing; the event itself is named',
      of: { involvedObject: { ...nobody, namespace: mark } },
    },
  ],
  'involvedObject.name': [
    { shown: 'by itself', of: { involvedObject: { ...web, name: mark } }, as: `shop/${mark}` },
    { shown: 'beside its workload', of: { involvedObject: { ...pod, name: `${mark}-0` } }, as: `pod ${mark}-0` },
    { shown: 'among several', of: { involvedObject: pod }, more: { involvedObject: other }, as: '2 pods: db-' },
  ],
  'involvedObject.uid': [{ dropped: inRecord, of: { involvedObject: { ...web, uid: mark } } }],
  'involvedObject.fieldPath': [
    { shown: 'where it names a container', of: { involvedObject: container } },
    {
      shown: 'where it names an init container',
      of: { involvedObject: { ...pod, fieldPath: `spec.initContainers{${mark}}` } },
    },
    {
      shown: 'of several objects, that of the latest',
      of: { involvedObject: container },
      more: { involvedObject: { ...container, name: 'db-1' } },
    },
    {
      dropped: 'where it is the workload’s own name, which is shown',
      of: { involvedObject: { ...pod, name: `${mark}-0`, fieldPath: `spec.containers{${mark}}` } },
      as: `container ${mark}`,
    },
    { dropped: 'any other names nothing to look at', of: { involvedObject: { ...pod, fieldPath: `spec.${mark}` } } },
  ],
  'related.kind': [
    { shown: 'always', of: { related: { ...nobody, kind: mark } } },
    { shown: 'of a known cause', of: { ...known, related: { ...web, kind: mark } } },
  ],
  'related.namespace': [
    { shown: 'before its name', of: { related: { ...web, namespace: mark } }, as: `${mark}/web` },
    { dropped: 'alone it names nothing', of: { related: { ...nobody, namespace: mark } } },
  ],
  'related.name': [{ shown: 'always', of: { related: { ...nobody, name: mark } } }],
  'related.uid': [{ dropped: inRecord, of: { related: { ...web, uid: mark } } }],
  'related.fieldPath': [{ dropped: inRecord, of: { related: { ...web, fieldPath: `spec.containers{${mark}}` } } }],
  component: [
    { shown: 'of an unknown cause', of: { component: mark } },
    { dropped: implied, of: { ...known, component: mark } },
    { dropped: 'the node is shown', of: { component: 'kubelet', host: 'worker-1' }, as: 'kubelet' },
  ],
  instance: [
    { shown: 'of an unknown cause', of: { instance: mark }, as: `on ${mark}` },
    { dropped: implied, of: { ...known, instance: mark } },
    { dropped: 'it is the node', of: { instance: mark, host: mark }, as: `on ${mark}` },
    { dropped: 'it is the component', of: { instance: mark, component: mark }, as: `on ${mark}` },
    { dropped: 'the list of nodes says it', of: { instance: mark, host: 'a' }, more: { instance: mark, host: 'b' } },
  ],
  host: [
    { shown: 'as the node', of: { host: mark }, as: `node ${mark}` },
    { shown: 'among several', of: { host: mark }, more: { host: 'other' } },
    {
      dropped: 'the involved object is that node',
      of: { host: mark, involvedObject: { ...node, name: mark } },
      as: `\nnode ${mark}`,
    },
  ],
  count: [
    { shown: 'where it happened again', of: { count: 4711 }, as: '×4,711 in 2 h' },
    { dropped: 'once is what any event says', of: { count: 1 }, as: '×' },
  ],
  firstAt: [
    { shown: 'as the time of day', of: { firstAt: eight }, as: '08:00 – 09:00' },
    { dropped: 'in the same second as the last', of: { firstAt: nine, lastAt: nine + 500 }, as: '–' },
  ],
  lastAt: [{ shown: 'after the first', of: { lastAt: eight, at: eight }, as: '– 08:00 UTC' }],
  eventTime: [
    { shown: 'outside of first to last', of: { eventTime: seven - 60_000 }, as: 'event time 06:59:00 UTC' },
    { dropped: 'between first and last', of: { eventTime: eight }, as: '08:00' },
  ],
  at: [
    {
      shown: 'where the event names no other',
      of: { firstAt: undefined, lastAt: undefined, at: eight },
      as: '08:00:00',
    },
    { dropped: 'else it is the latest of the others', of: { at: eight }, as: '08:00' },
  ],
  claimedAt: [
    {
      dropped: 'the future is nobody’s to know',
      of: { firstAt: undefined, lastAt: undefined, at: undefined, claimedAt: nine },
      as: '09:00',
    },
  ],
}
