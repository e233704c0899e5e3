import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { identityOf, keysOf } from '../../../lib/core/incident/identity.ts'
import { incidentKey } from '../../../lib/core/incident/key.ts'
import { factsOf } from '../../../lib/core/routing/subject.ts'
import type { Target } from '../../../lib/core/routing/target.ts'

const name = fc.oneof(
  fc.constantFrom('', 'a', 'aa', 'Pod', 'a\nb', '1 1 a', '__proto__', 'n'.repeat(1_200)),
  fc.string({ unit: fc.constantFrom('a', '1', ' ', '\n'), maxLength: 4 }),
)
test('the key of an incident does not change without a new storeVersion, since open incidents would be shown again', () => {
  const identity = {
    ...{ cluster: 'prod', target: '-1001234567890', namespace: 'shop', cause: 'crash-loop' },
    workload: { kind: 'workload', name: 'web' },
  }
  expect(incidentKey(identity)).toBe('06bb24dbf00ed39ea777810f767149f10c3c2841646e1f565a6fe5ae692b1037')
  expect(incidentKey({ ...identity, record: 'abc' })).toBe(
    '49301598d747cc635029e2a764e27a28a5ee7391eb432ee4f0e978ed07d3e114',
  )
})

test('the workload name of a pod in the key is stable', () => {
  const event = toEvent({
    metadata: { name: 'web-7d9f8c6b5-x2k4p.1', namespace: 'shop' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-7d9f8c6b5-x2k4p' },
    ...{ reason: 'BackOff', message: 'Back-off restarting failed container web in pod web-7d9f8c6b5-x2k4p' },
  })
  if (!event) throw new Error('no event')
  const target = { name: '-1001234567890', chat: '-1001234567890', threadId: undefined }
  const facts = factsOf(event, 'prod')
  expect(incidentKey(identityOf(facts, facts.cause.name, target))).toBe(
    '06bb24dbf00ed39ea777810f767149f10c3c2841646e1f565a6fe5ae692b1037',
  )
})

const targets = ['-1', '-1:1'].map((name): Target => ({ name, chat: '-1', threadId: undefined }))

test('a memoized key belongs to these names only', () => {
  const asked = fc.record({ kind: name, namespace: name, name, cause: name, target: fc.constantFrom(...targets) })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 50 }), (all) => {
      for (const { cause, target, ...involvedObject } of all) {
        const event = toEvent({ involvedObject })
        if (!event) throw new Error('no event')
        const facts = factsOf(event, 'c')
        expect(keysOf(facts)(cause, target)).toBe(incidentKey(identityOf(facts, cause, target)))
      }
    }),
  )
})
