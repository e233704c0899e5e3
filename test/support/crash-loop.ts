import { envelope, event, record } from './records.ts'

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
