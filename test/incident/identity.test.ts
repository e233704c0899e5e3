import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toEvent } from '../../lib/event/event.ts'
import { sha256 } from '../../lib/hash.ts'
import { createKeysOf, identityOf } from '../../lib/incident/identity.ts'
import { incidentKey } from '../../lib/incident/key.ts'
import { factsOf } from '../../lib/route/subject.ts'
import type { Target } from '../../lib/route/target.ts'

const name = fc.oneof(
  fc.constantFrom('', 'a', 'aa', 'Pod', 'a\nb', '1 1 a', '__proto__', 'n'.repeat(1_200)),
  fc.string({ unit: fc.constantFrom('a', '1', ' ', '\n'), maxLength: 4 }),
)
const targets = ['-1', '-1:1'].map((name): Target => ({ name, chat: '-1', threadId: undefined }))

test('a key that is remembered is the key of these names and of no others', () => {
  const keysOf = createKeysOf(sha256)
  const asked = fc.record({ kind: name, namespace: name, name, cause: name, target: fc.constantFrom(...targets) })
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 50 }), (all) => {
      for (const { cause, target, ...involvedObject } of all) {
        const event = toEvent({ involvedObject })
        if (!event) throw new Error('no event')
        const facts = factsOf(event, 'c')
        expect(keysOf(facts)(cause, target)).toBe(incidentKey(identityOf(facts, cause, target), sha256))
      }
    }),
  )
})
