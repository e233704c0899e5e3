import type { ConsumedRecord } from '../../lib/adapters/kafka/lambda-event.ts'

type Fields = Record<string, unknown>

/** A core/v1 Event as the kubelet writes it, each with its own identity. `fields` replace or add fields. */
export function event(number: number, fields: Fields = {}): Fields {
  const { metadata, ...others } = fields
  return {
    metadata: {
      name: `web-7d9f8c6b5-x2k4p.${number}`,
      namespace: 'shop',
      uid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      resourceVersion: String(1000 + number),
      creationTimestamp: '2026-11-23T23:25:54Z',
      ...(metadata as Fields | undefined),
    },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p', fieldPath: 'spec.containers{web}' },
    reason: 'BackOff',
    message: `Back-off restarting failed container, record ${number}.`,
    source: { component: 'kubelet', host: 'worker-1' },
    firstTimestamp: '2026-11-23T23:25:54Z',
    lastTimestamp: '2026-11-23T23:26:34Z',
    count: 4,
    type: 'Warning',
    eventTime: null,
    reportingComponent: 'kubelet',
    reportingInstance: 'worker-1',
    ...others,
  }
}

/** The record value that kube-eventer writes: the Event as indented JSON in JSON. */
export function envelope(inner: unknown): string {
  return JSON.stringify({
    EventValue: typeof inner === 'string' ? inner : JSON.stringify(inner, undefined, 1),
    EventTimestamp: '2026-11-23T23:26:34Z',
    EventTags: { eventID: '', hostname: '' },
  })
}

export function record(
  number: number,
  {
    partition = 0,
    offset = number,
    value = envelope(event(number)),
  }: Partial<{ partition: number; offset: number; value: string | null }> = {},
): ConsumedRecord {
  return { topic: 'kube-events', partition, offset: String(offset), timestamp: '-1', value }
}

/** `count` records, numbered from `first`, round robin over the partitions as kube-eventer writes them. */
export function records(count: number, { partitions = 1, first = 0 } = {}): ConsumedRecord[] {
  return Array.from({ length: count }, (_, index) =>
    record(first + index, { partition: index % partitions, offset: Math.floor(index / partitions) }),
  )
}

/** A message's text without the lines that delivery adds: date, lateness, and a command instead of its button. */
export function lastingText(text: string): string {
  return text.replace(/(\n📅 .*)?(\n⏱ delivered .* late)?(\nkubectl .*)?$/, '')
}

/** The numbers of the records that a chat's texts show, in their order. */
export function numbersShown(texts: string[]): number[] {
  return texts.flatMap((text) => [...text.matchAll(/record (\d+)\./g)].map(([, number]) => Number(number)))
}

interface Repeat {
  count?: number
  /** Seconds after the beginning. */
  at?: number
  pod?: string
  fields?: Record<string, unknown>
}

/** Makes records of crash loops that began at `beginning` (ms since the epoch): the `count`-th repeat of one. */
export function crashLoop(beginning: number) {
  return (offset: number, { count = 1, at = 0, pod = 'web-7d9f8c6b5-x2k4p', fields = {} }: Repeat = {}) => {
    const value = event(0, {
      metadata: { name: `${pod}.0`, uid: `uid-${pod}`, resourceVersion: String(1_000 + offset) },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: pod },
      message: 'Back-off restarting failed container web',
      firstTimestamp: new Date(beginning).toISOString(),
      lastTimestamp: new Date(beginning + at * 1_000).toISOString(),
      count,
      ...fields,
    })
    return record(offset, { offset, value: envelope(value) })
  }
}
