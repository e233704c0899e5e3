import { describe, expect, test } from 'vitest'
import { type Drive, drive } from '../../lib/cli/replay/drive.ts'
import { virtualClock } from '../../lib/emulator/virtual-clock.ts'
import type { KafkaBatchResponse } from '../../lib/pipeline/ports.ts'
import { records } from '../support/records.ts'
import { batchesOf } from './batches.ts'

const midnight = Date.parse('2026-11-24T00:00:00Z')
const minutes = (count: number) => count * 60_000

/** A program that answers each invocation with the next of `answers`, and has pending incidents until it was swept so often. */
function fake({
  answers = [],
  sweepsPending = 0,
  dueAfter = 0,
}: {
  answers?: [string, number][][]
  sweepsPending?: number
  dueAfter?: number
} = {}) {
  const clock = virtualClock(midnight)
  const log: string[] = []
  let left = sweepsPending
  const note = (what: string) => log.push(`${(clock.now() - midnight) / 1_000} ${what}`)
  const app: Drive['app'] = {
    async notify(event): Promise<KafkaBatchResponse> {
      const { records } = event as { records: Record<string, unknown[]> }
      const sizes = Object.entries(records).map(([key, list]) => `${key}×${list.length}`)
      note(`notify ${sizes.join(' ')}`)
      const failed = (answers.shift() ?? []).map(([partition, offset]) => ({ itemIdentifier: { partition, offset } }))
      return { batchItemFailures: failed }
    },
    async sweep() {
      note('sweep')
      left = Math.max(0, left - 1)
      return { pending: left, retryAt: left > 0 ? clock.now() + dueAfter : undefined }
    },
    nextDue: async () => undefined,
  }
  return { app, clock, log }
}

const settings = { followsRecording: true, sweepEverySeconds: 60, mostMinutes: 30 }
const batchAt = (minute: number, count = 4) => {
  const [batch] = batchesOf(records(count, { partitions: 2 }), 100)
  if (!batch) throw new Error('no batch')
  return { ...batch, at: midnight + minutes(minute) }
}

describe('drive', () => {
  test('waits as long as in the recording, and sweeps only while something is due', async () => {
    const { app, clock, log } = fake()
    const driven = await drive({ ...settings, app, clock, batches: [batchAt(0), batchAt(1), batchAt(60)] })
    expect(log).toEqual([
      '0 notify kube-events-0×2 kube-events-1×2',
      '60 sweep',
      '60 notify kube-events-0×2 kube-events-1×2',
      '120 sweep',
      '3600 notify kube-events-0×2 kube-events-1×2',
      '3600 sweep',
    ])
    expect(driven).toEqual({ invocations: 3, pending: 0, nextAt: undefined, undelivered: 0 })
  })

  test('continues at the end until nothing is due', async () => {
    const { app, clock, log } = fake({ sweepsPending: 3, dueAfter: 1_000 })
    const driven = await drive({ ...settings, app, clock, batches: [batchAt(0)] })
    expect(log.slice(1)).toEqual(['0 sweep', '60 sweep', '120 sweep'])
    expect(driven).toMatchObject({ pending: 0 })
  })

  test('stops when the time is over', async () => {
    const { app, clock, log } = fake({ sweepsPending: 1_000, dueAfter: 600_000 })
    const driven = await drive({ ...settings, app, clock, batches: [batchAt(0)] })
    expect(log.slice(1)).toEqual(['0 sweep', '600 sweep', '1200 sweep', '1800 sweep'])
    expect(driven).toMatchObject({ pending: 996, nextAt: midnight + minutes(40) })
  })

  test('sends again from the first named record of a partition', async () => {
    const answers: [string, number][][] = [[['kube-events-0', 1]], [['kube-events-0', 1]], []]
    const { app, clock, log } = fake({ answers })
    const returned: number[] = []
    const onReturn = (left: number) => void returned.push(left)
    const driven = await drive({ ...settings, app, clock, batches: [batchAt(0, 6)], onReturn })
    expect(log).toEqual([
      '0 notify kube-events-0×3 kube-events-1×3',
      '10 notify kube-events-0×2',
      '20 notify kube-events-0×2',
      '20 sweep',
    ])
    expect(returned).toEqual([2, 2])
    expect(driven).toMatchObject({ invocations: 3, undelivered: 0 })
  })

  test('gives up on a batch that is always returned, and counts the records behind it', async () => {
    const answers = Array.from({ length: 1_000 }, (): [string, number][] => [['kube-events-1', 0]])
    const { app, clock } = fake({ answers })
    const driven = await drive({ ...settings, app, clock, mostMinutes: 1, batches: [batchAt(0), batchAt(1, 5)] })
    expect(driven).toMatchObject({ invocations: 7, undelivered: 2 + 5 })
  })

  test('stops after the current invocation when it is asked to', async () => {
    const { app, clock, log } = fake({ sweepsPending: 1_000, dueAfter: 1_000 })
    const stop = new AbortController()
    const driven = await drive({
      ...settings,
      app,
      clock,
      batches: [batchAt(0), batchAt(1, 5)],
      signal: stop.signal,
      onBatch: () => stop.abort(),
    })
    expect(log.map((line) => line.split(' ')[1])).toEqual(['notify', 'sweep'])
    expect(driven).toMatchObject({ undelivered: 5 })
  })

  test('does not wait for recorded times unless it follows the recording', async () => {
    const { app, clock, log } = fake()
    await drive({ ...settings, app, clock, batches: [batchAt(50), batchAt(99)], followsRecording: false })
    expect(log.map((line) => line.split(' ')[0])).toEqual(['0', '0', '0'])
  })

  test('passes on errors of the program', async () => {
    const { app, clock } = fake()
    const broken = { ...app, notify: () => Promise.reject(new Error('no token')) }
    await expect(drive({ ...settings, app: broken, clock, batches: [batchAt(0)] })).rejects.toThrow('no token')
  })
})
