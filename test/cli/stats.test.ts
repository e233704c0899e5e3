import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { toLambdaEvent } from '../../lib/adapters/kafka/lambda-event.ts'
import type { ReplaySummary } from '../../lib/cli/replay/summary.ts'
import type { StatsReport } from '../../lib/cli/stats/report.ts'
import { envelope, event, record } from '../support/records.ts'
import { cli, temporaryFolder } from './spawn.ts'

function write(name: string, content: unknown): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content))
  return file
}

type Fields = Parameters<typeof event>[1]
const at = (second: number) => `2026-11-24T10:00:${String(second).padStart(2, '0')}Z`
const single = (second: number) => ({ count: 1, firstTimestamp: at(second), lastTimestamp: at(second) })
const consumed = (fields: Fields[]) =>
  fields.map((own, number) => record(number, { value: envelope(event(number, own)) }))
const lines = (values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')

async function counted(file: string, args: string[] = [], env: Record<string, string> = {}): Promise<StatsReport> {
  const { code, stdout, stderr } = await cli(['stats', file, '--json', ...args], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as StatsReport
}

const sum = ({ shown, belowAtLeast, dropped, muted, recoveries, repeated, rejected }: StatsReport) =>
  shown + belowAtLeast + dropped + muted + recoveries + repeated + rejected

const rules = `
rules:
  - { name: loops, match: { cause: crash-loop }, atLeast: 3 }
  - { name: mounts, match: { reason: FailedMount }, action: drop }
  - { name: idle, match: { reason: Nobody }, action: drop }
mutes:
  - { name: deploy, match: { reason: Failed }, until: "2099-12-01T00:00:00Z", reason: "ticket 12" }
`
const started = { ...single(7), type: 'Normal', reason: 'Started', message: 'Started container web' }
const day: Fields[] = [
  ...[1, 2, 3, 4].map(single),
  { ...single(5), reason: 'FailedMount' },
  { ...single(6), reason: 'Failed' },
  started,
  // Of another workload, which never happens often enough.
  { ...single(8), involvedObject: { kind: 'Pod', namespace: 'shop', name: 'rare-0' } },
]

describe('a recorded day', () => {
  const file = () =>
    write('day.ndjson', lines([...consumed(day), ...consumed(day.slice(0, 1)), record(20, { value: 'oops' })]))

  test('each record counts once, by what the rules do with it', async () => {
    const report = await counted(file(), ['--config', write('rules.yml', rules)])
    expect(report).toMatchObject({
      ...{
        records: 10,
        shown: 2,
        belowAtLeast: 3,
        shownLater: 2,
        dropped: 1,
        muted: 1,
        recoveries: 1,
        repeated: 1,
        rejected: 1,
      },
      rejectedWhy: { 'not JSON': 1 },
      ...{ incidents: 2, incidentsShown: 1, messages: 1 },
      from: '2026-11-24T10:00:01.000Z',
      to: '2026-11-24T10:00:08.000Z',
      idle: ['idle'],
    })
    expect(sum(report)).toBe(10)
    expect(report.rules).toEqual([
      {
        kind: 'rule',
        name: 'loops',
        isDefault: false,
        says: 'show after 3 times',
        records: 6,
        share: 0.667,
        shown: 2,
        suppressed: 3,
      },
      {
        kind: 'rule',
        name: 'mounts',
        isDefault: false,
        says: 'drop',
        records: 1,
        share: 0.111,
        shown: 0,
        suppressed: 1,
      },
      {
        kind: 'mute',
        name: 'deploy',
        isDefault: false,
        says: 'mute until 2099-12-01',
        records: 1,
        share: 0.111,
        shown: 0,
        suppressed: 1,
      },
      {
        kind: 'rule',
        name: 'rollouts',
        isDefault: true,
        says: 'drop',
        records: 1,
        share: 0.111,
        shown: 0,
        suppressed: 1,
      },
    ])
    expect(report.talkers).toEqual([
      { name: 'shop/web', shown: 2, suppressed: 5 },
      { name: 'shop/rare', shown: 0, suppressed: 1 },
    ])
    expect(report.reasons[0]).toEqual({ reason: 'BackOff', rule: 'loops', count: 3 })
    expect(report.hours).toEqual([{ hour: '2026-11-24 10:00 UTC', records: 9, shown: 2, suppressed: 6 }])
  })

  test('--top shortens the lists and changes no figures', async () => {
    const report = await counted(file(), ['--config', write('rules.yml', rules), '--top', '1'])
    expect([report.talkers, report.reasons, report.hours].map(({ length }) => length)).toEqual([1, 1, 1])
    expect(report.rules).toHaveLength(4)
    expect(report.records).toBe(10)
  })

  test('as tables', async () => {
    const { code, stdout } = await cli(['stats', file(), '--config', write('rules.yml', rules)])
    expect(code).toBe(0)
    expect(stdout).toContain(`10 records, 2026-11-24 10:00:01 – 2026-11-24 10:00:08 UTC
  shown          2  20.0%
  below atLeast  3  30.0%  2 of them shown later with their incident
  dropped        1  10.0%
  muted          1  10.0%
  recoveries     1  10.0%  dropped or muted, but they resolve incidents
  repeated       1  10.0%  already shown, or of an incident that is over
  rejected       1  10.0%  not JSON: 1

2 incidents, 1 shown: 1 message, at most 1 edit

Rules
  rule         action                 records  share  shown  suppressed
  loops        show after 3 times           6  66.7%      2           3
  mounts       drop                         1  11.1%      0           1
  mute deploy  mute until 2099-12-01        1  11.1%      0           1
  rollouts *   drop                         1  11.1%      0           1
  * default rule
  Rules and mutes that decided nothing: idle

Top talkers
  namespace/workload  records  shown  suppressed
  shop/web                  7      2           5`)
    expect(stdout).toContain('note: STATE is not set')
    expect(stdout).not.toContain('\u001b')
  })
})

test.each<[string, string, () => unknown]>([
  ['bare events, line by line', 'events.ndjson', () => lines(day.map((own, number) => event(number, own)))],
  ['a gzipped recording', 'day.ndjson.gz', () => gzipSync(lines(consumed(day)))],
  ['a batch of Lambda', 'batch.json', () => toLambdaEvent(consumed(day))],
  [
    'a list of kubectl',
    'list.json',
    () => JSON.stringify({ items: day.map((own, number) => event(number, own)) }, null, 4),
  ],
])('%s', async (_, name, content) => {
  const report = await counted(write(name, content()), ['--config', write('rules.yml', rules)])
  expect(report).toMatchObject({ records: 8, shown: 2, belowAtLeast: 3, dropped: 1, muted: 1, recoveries: 1 })
})

test.each(['test/recordings/cluster-mixed.ndjson.gz', 'test/batches/eight-minutes.ndjson.gz'])(
  '%s: as many incidents and messages as the program makes of it',
  async (file) => {
    const report = await counted(file)
    const summary = JSON.parse((await cli(['replay', file, '--json'])).stdout) as ReplaySummary
    expect(sum(report)).toBe(summary.records)
    expect([report.incidents, report.messages]).toEqual([summary.incidents, summary.messages])
    expect(report.dropped).toBe(summary.outcomes['skipped: dropped by rule'] ?? 0)
    expect(report.recoveries).toBe(summary.outcomes['skipped: recovery'] ?? 0)
    // An incident that waits for a slot gets fewer edits.
    expect(report.edits).toBeGreaterThanOrEqual(summary.edits)
  },
)

test('with INCIDENTS=off each record is a message of its own', async () => {
  const file = write('day.ndjson', lines(consumed([single(1), single(2), { ...single(3), count: 3 }])))
  const config = [
    '--config',
    write('rules.yml', 'rules:\n  - { name: loops, match: { cause: crash-loop }, atLeast: 3 }\n'),
  ]
  const report = await counted(file, config, { INCIDENTS: 'off' })
  expect(report).toMatchObject({ shown: 1, belowAtLeast: 2, shownLater: 0, incidents: 3, messages: 1 })
})

test('uses neither the state nor AWS', async () => {
  const report = await counted(write('day.ndjson', lines(consumed(day))), [], { STATE: 'dynamodb:events' })
  expect(report.records).toBe(8)
})

test('an incident that quiet hours delay is shown in the end', async () => {
  const quiet = 'quiet:\n  - { from: "00:00", to: "23:59", below: critical, action: delay }\n'
  const report = await counted(write('day.ndjson', lines(consumed([single(1)]))), [
    '--config',
    write('rules.yml', quiet),
  ])
  expect(report).toMatchObject({ shown: 1, incidentsShown: 1, messages: 1 })
})

test('hours are those of TZ', async () => {
  const report = await counted(write('day.ndjson', lines(consumed([single(1)]))), [], { TZ: 'Asia/Kathmandu' })
  expect(report.hours[0]?.hour).toBe('2026-11-24 15:45 UTC+5:45')
})

const recorded = () => write('day.ndjson', lines(consumed(day)))
const wrong = () => write('wrong.yml', 'rules:\n  - { name: a, actoin: drop }\nrouts: []\n')

test.each<[args: () => string[], code: number, part: string]>([
  [() => [], 2, 'missing file: stats <file>, or - for standard input'],
  [() => ['a', 'b'], 2, 'expected one file, got 2'],
  [() => [recorded(), '--top', '0'], 2, '--top: "0" must be a whole number from 1 to 1000'],
  [() => [recorded(), '--tip', '1'], 2, "Unknown option '--tip'"],
  [() => ['/nowhere.ndjson'], 1, '/nowhere.ndjson: no such file'],
  [() => ['lib'], 1, 'lib: is a folder'],
  [
    () => [write('cut.ndjson.gz', gzipSync(lines(consumed(day))).subarray(0, 300))],
    1,
    'cut.ndjson.gz: unexpected end of file',
  ],
  [() => [write('empty.ndjson', '')], 1, 'the file is empty; expected'],
  [() => [recorded(), '--config', wrong()], 1, 'line 3, routs'],
  [() => [recorded(), '--config', wrong()], 1, 'line 2, rules[0].actoin'],
])('%s ends with %i: %s', async (args, code, part) => {
  const ended = await cli(['stats', ...args()])
  expect(ended.stderr).toContain(part)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
})
