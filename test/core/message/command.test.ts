import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { type CommandName, commandOf, labelOf } from '../../../lib/core/message/command.ts'
import { hintRows } from '../../../lib/core/message/hints.ts'
import { bodyOf } from '../../support/incidents.ts'

const pod = { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p', fieldPath: 'spec.containers{web}' }
const node = { kind: 'Node', name: 'worker-1.example.com' }
const event = 'web-7d9f8c6b5-x2k4p'

function commandFor(name: CommandName, involvedObject: Record<string, unknown> = pod, others = {}) {
  return commandOf(name, viewOf(bodyOf([{ involvedObject, ...others }])))
}

const examples: [name: CommandName, of: Record<string, unknown>, command: string][] = [
  ['describe', pod, `kubectl describe pod ${event} -n shop`],
  ['describe', node, 'kubectl describe node worker-1.example.com'],
  ['describe', { ...pod, kind: 'pod' }, `kubectl describe pod ${event} -n shop`],
  ['describe', { kind: 'CronJob', namespace: 'shop', name: 'tick' }, 'kubectl describe cronjob tick -n shop'],
  ['logs', pod, `kubectl logs ${event} -n shop -c web`],
  ['logs', { ...pod, fieldPath: '' }, `kubectl logs ${event} -n shop`],
  ['logs', { kind: 'Job', namespace: 'shop', name: 'tick-1' }, 'kubectl logs job/tick-1 -n shop'],
  ['logs-previous', pod, `kubectl logs ${event} -n shop -c web --previous`],
  ['top-pod', pod, `kubectl top pod ${event} -n shop --containers`],
  ['top-pods', pod, 'kubectl top pods -n shop'],
  ['top-pods', node, 'kubectl top pods -A --sort-by=memory'],
  [
    'events',
    pod,
    `kubectl get events -n shop --field-selector=involvedObject.name=${event} --sort-by=.metadata.creationTimestamp`,
  ],
  ['node', pod, 'kubectl describe node worker-1'],
  ['node', node, 'kubectl describe node worker-1.example.com'],
  ['top-pods', {}, 'kubectl top pods -A --sort-by=memory'],
  ['describe', {}, 'kubectl describe node worker-1'],
  ['node-pods', pod, 'kubectl get pods -A -o wide --field-selector=spec.nodeName=worker-1'],
  ['claims', pod, 'kubectl get pvc -n shop'],
  ['config', pod, 'kubectl get configmaps,secrets -n shop'],
  ['quota', pod, 'kubectl describe quota -n shop'],
  ['namespace', pod, 'kubectl describe namespace shop'],
]

describe('the command', () => {
  test.each(examples)('%s', (name, involvedObject, command) => {
    expect(commandFor(name, involvedObject)).toBe(command)
  })

  it('names the latest of several objects', () => {
    const later = { involvedObject: { ...pod, name: 'web-7d9f8c6b5-zzzzz' }, lastTimestamp: '2026-11-24T00:00:00Z' }
    expect(commandOf('describe', viewOf(bodyOf([{ involvedObject: pod }, later])))).toContain('zzzzz')
  })

  it('describes the object if another command lacks a value', () => {
    const set = { kind: 'ReplicaSet', namespace: 'shop', name: 'web-7d9f8c6b5' }
    const described = 'kubectl describe replicaset web-7d9f8c6b5 -n shop'
    expect(commandFor('logs', set)).toBe(described)
    expect(commandFor('top-pod', set)).toBe(described)
    expect(commandFor('node', set, { source: {}, reportingInstance: '' })).toBe(described)
    expect(commandFor('claims', node)).toBe('kubectl describe node worker-1.example.com')
    expect(commandFor('logs', { ...pod, fieldPath: 'spec.containers{$(id)}' })).toBe(
      `kubectl describe pod ${event} -n shop`,
    )
    expect(commandFor('node', pod, { source: { host: 'a'.repeat(150) } })).toBe(`kubectl describe pod ${event} -n shop`)
  })

  it('is missing for an unknown kind, without name or namespace, and if it gets too long', () => {
    expect(commandFor('describe', { ...pod, kind: 'Pod; rm' })).toBeUndefined()
    expect(commandFor('describe', { ...pod, kind: 'ApplicationConfiguration' })).toBeUndefined()
    expect(commandFor('nodes', { ...pod, name: '' })).toBeUndefined()
    expect(commandFor('describe', { kind: 'Pod', name: 'web' })).toBeUndefined()
    expect(commandFor('describe', { ...pod, name: 'a'.repeat(253) })).toBeUndefined()
    expect(commandFor('events', { ...pod, name: 'a'.repeat(180) })).toBe(
      `kubectl describe pod ${'a'.repeat(180)} -n shop`,
    )
  })

  it.each(['$(reboot)', 'a;b', '-all', 'a b', '`id`', 'a\nb', 'a/b', 'Web', 'a..b', 'a.-b', 'a-', "a'", 'а'])(
    'is none with a forged name: %j',
    (forged) => {
      expect(commandFor('logs', { ...pod, name: forged })).toBeUndefined()
      expect(commandFor('logs', { ...pod, namespace: forged })).toBeUndefined()
      expect(commandFor('node', { ...node, name: forged })).toBeUndefined()
      expect(commandFor('node', pod, { source: { host: forged } })).toBe(`kubectl describe pod ${event} -n shop`)
    },
  )

  it('has a short label without names', () => {
    expect(labelOf(`kubectl logs ${event} -n shop -c web --previous`)).toBe('kubectl logs --previous')
    expect(labelOf(`kubectl logs job/tick -n shop`)).toBe('kubectl logs')
    expect(labelOf(`kubectl describe node worker-1`)).toBe('kubectl describe node')
    expect(labelOf('kubectl get nodes --show-labels')).toBe('kubectl get nodes --show-labels')
    expect(labelOf(commandFor('events') ?? '')).toBe('kubectl get events')
    expect(labelOf(commandFor('webhooks') ?? '')).toBe('kubectl get')
  })
})

const names = [...new Set(hintRows.map(([, , command]) => command)), 'describe' as const]
const text = fc.oneof(
  fc.constantFrom('web', 'shop', 'worker-1', 'a.b', '', '-n', '--all', '$(id)', 'a b', 'x'.repeat(63), 'y'.repeat(253)),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.stringMatching(/^[a-z0-9.-]{1,253}$/),
)
const forged = fc
  .record({
    kind: fc.oneof(fc.constantFrom('Pod', 'Node', 'Job', 'Service', 'toString', 'PersistentVolumeClaim'), text),
    objectName: text,
    objectNamespace: text,
    namespace: text,
    container: text,
    host: text,
  })
  .map((fields) => ({ ...viewOf(bodyOf([{}])).latest, ...fields }))

it('is safe in a shell and fits a button for any record', () => {
  fc.assert(
    fc.property(forged, fc.constantFrom(...names), (latest, name) => {
      const command = commandOf(name, { latest })
      if (command === undefined) return
      expect(command).toMatch(/^kubectl [a-zA-Z0-9 ./=,:_-]+$/)
      expect(command.length).toBeLessThanOrEqual(256)
      const flags = command.split(' ').filter((word) => word.startsWith('-'))
      for (const flag of flags) expect(flag).toMatch(/^(?:-[nAoc]|--(?:previous|containers|show-labels|[a-z-]+=\S+))$/)
      expect(labelOf(command).length).toBeLessThanOrEqual(40)
    }),
    { seed: 20_261_124, numRuns: 5_000 },
  )
})
