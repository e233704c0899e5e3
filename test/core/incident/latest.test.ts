import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toEvent } from '../../../lib/core/event/event.ts'
import { identityOf } from '../../../lib/core/incident/identity.ts'
import { latestOf } from '../../../lib/core/incident/latest.ts'
import { factsOf } from '../../../lib/core/routing/subject.ts'
import { anySecretText, leaked } from '../../support/secrets.ts'
import { everywhere } from '../../support/threats.ts'

function latest(fields: Record<string, unknown>) {
  const event = toEvent(fields)
  if (!event) throw new Error('no event')
  const facts = factsOf(event, 'c')
  return {
    latest: latestOf(event, facts.workload, ''),
    identity: identityOf(facts, facts.cause.name, { name: '-1', chat: '-1', threadId: undefined }),
  }
}

describe('no part of a secret is stored, wherever a text is cut', () => {
  it('in a message', () => {
    fc.assert(
      fc.property(anySecretText(12_000), (message) => {
        const { latest: stored } = latest({ involvedObject: { kind: 'Pod', name: 'web' }, message })
        expect(`${stored.message}\n${stored.tail}`).not.toMatch(leaked)
      }),
      { numRuns: 500 },
    )
  })

  it('in any other field', () => {
    fc.assert(
      fc.property(anySecretText(4_000), (text) => {
        expect(JSON.stringify(latest({ ...everywhere(text), message: '' }))).not.toMatch(leaked)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a long message', () => {
  const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIE'.repeat(400)}\n-----END RSA PRIVATE KEY-----`

  it('is stored with both ends, and the middle is counted without masked text', () => {
    const { latest: stored } = latest({
      involvedObject: {},
      message: `first ${'x '.repeat(4_000)}${key}${' y'.repeat(300)} last`,
    })
    expect(stored.message).toMatch(/^first x x/)
    expect(stored.tail).toMatch(/y y last$/)
    const whole = 'first '.length + 8_000 + '-----BEGIN RSA PRIVATE KEY-----<secret>'.length + 600 + ' last'.length
    expect(stored.message.length + stored.missing + stored.tail.length).toBe(whole)
  })
})
