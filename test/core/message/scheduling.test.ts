import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseScheduling, schedulingLine } from '../../../lib/core/message/scheduling.ts'
import { en } from '../../../lib/core/message/words/en.ts'
import { readRecording, recordingNames } from '../../support/recordings.ts'

const corpusFiles = ['real-events.jsonl', 'awkward-cases.jsonl'].map((name) => `${process.env.CORPUS}/${name}`)
const hasCorpus = corpusFiles.every((file) => existsSync(file))

function line(message: string): string | undefined {
  const parsed = parseScheduling(message)
  const pieces = parsed && schedulingLine(parsed, en)
  return pieces?.map(({ text, isLiteral }) => (isLiteral ? `<${text}>` : text)).join('')
}

const examples: [message: string, line: string | undefined][] = [
  [
    '0/5 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }, 3 Insufficient memory. preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.',
    'none of 5 nodes fits: 3 too little memory, 2 tainted (<disk-pressure>)',
  ],
  [
    "0/6 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 2 node(s) had taint {team: b}, that the pod didn't tolerate, 3 node(s) were unschedulable.",
    'none of 6 nodes fits: 3 cordoned, 2 tainted (<team: b>), 1 with the port in use',
  ],
  [
    "0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    'none of 3 nodes fits: 2 without matching labels, 1 tainted',
  ],
  [
    "0/1200 nodes are available: 1000 Insufficient nvidia.com/gpu, 200 node(s) didn't match pod topology spread constraints (missing required label).",
    'none of 1,200 nodes fits: 1,000 too little <nvidia.com/gpu>, 200 excluded by spread rules',
  ],
  ['0/1 nodes are available: 1 Insufficient cpu.', 'the only node does not fit: too little CPU'],
  [
    '0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling..',
    'none of 4 nodes fits: 4 without a bound volume claim',
  ],
  [
    '0/4 nodes are available: persistentvolumeclaim "data" not found.',
    'none of 4 nodes fits: volume claim <data> does not exist',
  ],
  [
    "0/4 nodes are available: 1 node(s) had volume node affinity conflict, 1 node(s) exceed max volume count, 1 node(s) didn't match pod affinity rules, 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    'none of 4 nodes fits: 1 in another zone than the volume, 1 at the volume limit, 1 excluded by pod affinity, 1 excluded by pod anti-affinity',
  ],
  [
    "0/3 nodes are available: 3 node(s) didn't like <b>it</b>, at all.",
    "none of 3 nodes fits: 3 <node(s) didn't like <b>it</b>, at all>",
  ],
  [
    'No nodes are available that match all of the predicates: Insufficient cpu (3), NodeNotReady (1), PodToleratesNodeTaints (2).',
    'no node fits: 3 too little CPU, 2 tainted, 1 not ready',
  ],
  ['No nodes are available that match all of the following predicates:: Odd (2).', 'no node fits: 2 <Odd>'],
  [
    "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 2 Insufficient memory, 1 max node group size reached",
    'a new node would not help: 2 too little memory, 1 <max node group size reached>',
  ],
  ["pod didn't trigger scale-up: ", 'a new node would not help'],
  ['no nodes available to schedule pods', undefined],
  ['running PreBind plugin "VolumeBinding": binding volumes: timed out', undefined],
  ['', undefined],
]

describe('what the scheduler says', () => {
  test.each(examples)('%s', (message, expected) => {
    expect(line(message)).toBe(expected)
  })

  it('never throws, and text from the record stays literal', () => {
    const start = fc.constantFrom('0/5 nodes are available: ', "pod didn't trigger scale-up: ", '')
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(', 1 ', '2 Insufficient ', ' (3)', '. ', 'node(s) had untolerated taint {', '}', ' not found'),
    )
    fc.assert(
      fc.property(start, fc.array(part), (head, parts) => {
        const parsed = parseScheduling(head + parts.join(''))
        if (!parsed) return
        const plain = schedulingLine(parsed, en).filter(({ isLiteral }) => !isLiteral)
        for (const { text } of plain) expect(text).toMatch(/^[A-Za-z0-9 ,:()-]*$/)
      }),
      { seed: 20_261_124, numRuns: 2_000 },
    )
  })

  it('handles forged megabytes quickly', () => {
    const startedAt = performance.now()
    for (const long of ['x', '. ', ', 1 ', ' (1)', 'Insufficient ', 'node(s) had taint {']) {
      parseScheduling(`0/5 nodes are available: ${long.repeat(1_000_000 / long.length)}`)
    }
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})

interface Said {
  reason?: string
  message?: string
}

function messages(): string[] {
  const recorded = recordingNames().flatMap((name) =>
    readRecording(name).map(({ value }) => JSON.parse(JSON.parse(value ?? '').EventValue) as Said),
  )
  const corpus = corpusFiles.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).event as Said),
  )
  return [...recorded, ...corpus].flatMap(({ reason, message }) =>
    reason === 'FailedScheduling' ? (message ?? '') : [],
  )
}

it.runIf(hasCorpus)('is fully understood in 95 of 100 real messages that count nodes', () => {
  const counting = messages().filter((text) => /^0\/\d+ nodes|^No nodes are available/.test(text))
  expect(counting.length).toBeGreaterThan(80)
  const understood = counting.filter((text) => {
    const reasons = parseScheduling(text)?.reasons ?? []
    return reasons.length > 0 && reasons.every(({ id }) => id !== 'other')
  })
  expect(understood.length / counting.length).toBeGreaterThanOrEqual(0.95)
})
