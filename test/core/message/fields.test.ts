import { describe, expect, it } from 'vitest'
import { type KubeEvent, toEvent } from '../../../lib/core/event/event.ts'
import { apply } from '../../../lib/core/incident/apply.ts'
import { fold, toTargetedEvent, withoutRules } from '../../../lib/core/incident/fold.ts'
import { plainText } from '../../../lib/core/message/html.ts'
import { factsOf } from '../../../lib/core/routing/subject.ts'
import { renderer, target } from '../../support/incidents.ts'
import { event as wireEvent } from '../../support/records.ts'
import { mark, nine, plain, table } from './fields.table.ts'

// Fields that decoding ignores, because only programs need them or another field says the same.
const notRead: Record<string, Record<string, unknown>> = {
  'kind and API of the Event': { kind: mark, apiVersion: mark },
  'labels, annotations and owners of the Event': {
    metadata: { labels: { a: mark }, annotations: { a: mark }, generateName: mark, managedFields: [{ manager: mark }] },
  },
  'API and version of the objects': {
    involvedObject: { ...plain.involvedObject, apiVersion: mark, resourceVersion: mark },
    related: { ...plain.involvedObject, apiVersion: mark, resourceVersion: mark },
  },
  'the reporting component where the source has one': { source: { component: 'kubelet' }, reportingComponent: mark },
  'the state of a series, until Kubernetes 1.19': { series: { count: 3, state: mark } },
}

/** Everything that a reader sees: the text and the buttons with their values. */
function read(events: KubeEvent[]): string {
  const deliveries = events.map((event, offset) => {
    const record = { mapKey: 'kube-events-0', topic: 'kube-events', partition: 0, offset, value: String(offset) }
    return toTargetedEvent({ record, target, ...withoutRules(factsOf(event, 'prod-eu')) }, true)
  })
  const [change, ...others] = fold(deliveries)
  if (!change || others.length > 0) throw new Error('not one incident')
  const { markup, buttons = [] } = renderer.text(apply(change, undefined, renderer, nine).body)
  return [plainText({ markup }), ...buttons.flatMap((button) => Object.values(button))].join('\n')
}

const valueAt = (event: KubeEvent, field: string) =>
  field.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event)

describe.each(Object.entries(table))('the field %s', (field, rows) => {
  it.each(rows.map((row) => ({ rule: 'shown' in row ? `shown ${row.shown}` : `left out: ${row.dropped}`, row })))(
    'is $rule',
    ({ row }) => {
      const event = { ...plain, ...row.of }
      expect(valueAt(event, field)).not.toEqual(valueAt(plain, field))
      const text = read(row.more ? [event, { ...plain, name: 'web.2', uid: 'b', ...row.more }] : [event])
      if ('shown' in row) expect(text).toContain(row.as ?? mark)
      else expect(text).not.toContain(row.as ?? mark)
    },
  )
})

it.each(Object.entries(notRead))('ignores %s', (_, fields) => {
  const event = toEvent(wireEvent(0, { reason: 'New', ...fields }))
  if (!event) throw new Error('not an event')
  expect(read([event])).not.toContain(mark)
})
