import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { type LinkTemplate, linkButton, messageAddress, parseLinkTemplate } from '../../../lib/core/message/link.ts'
import { bodyOf } from '../../support/incidents.ts'

const view = (fields: Record<string, unknown> = {}) => viewOf(bodyOf([fields]))
const named = (name: string) => view({ involvedObject: { kind: 'Pod', namespace: 'shop', name } })

function parsed(template: string): LinkTemplate {
  const link = parseLinkTemplate(template)
  if (!link) throw new Error(`refused: ${template}`)
  return link
}

describe('a template', () => {
  it.each([
    'https://grafana.example.com/d/pods?var-namespace={namespace}&from={from}&to={to}',
    'http://10.0.0.7:3000/{cluster}/{kind}/{name}#{container}',
    'https://[::1]:3000/{node}',
    'https://example.com',
  ])('is taken: %s', (template) => {
    expect(parseLinkTemplate(template)).toMatchObject({ template })
  })

  it.each([
    ['no address', 'grafana'],
    ['another scheme', 'javascript:alert(1)//example.com'],
    ['a host that depends on the event', 'https://{namespace}.example.com/'],
    ['a host that depends on the event, in part', 'https://grafana.example.com{name}'],
    ['a user in the address', 'https://grafana@example.com/{name}'],
    ['a host that Telegram refuses', 'http://grafana:3000/{name}'],
    ['an unknown placeholder', 'https://example.com/{pod}'],
    ['an open placeholder', 'https://example.com/{}'],
    ['a space in the host', 'https://exa mple.com/'],
    ['one that is too long', `https://example.com/${'a'.repeat(2_000)}`],
  ])('is refused: %s', (_, template) => {
    expect(parseLinkTemplate(template)).toBeUndefined()
  })
})

describe('a link button', () => {
  it('has the values of the incident, and the host as its text', () => {
    const link = parsed(
      'https://grafana.example.com/{cluster}/{namespace}/{workload}?pod={name}&c={container}&on={node}&why={reason}&since={from}',
    )
    expect(linkButton(link, view())).toEqual({
      text: 'grafana.example.com',
      url: `https://grafana.example.com/prod-eu/shop/web?pod=web-7d9f8c6b5-x2k4p&c=web&on=worker-1&why=BackOff&since=${Date.parse('2026-11-23T23:25:54Z')}`,
    })
  })

  it.each(['..', '.'])('is missing if a value would change the path: %s', (name) => {
    expect(linkButton(parsed('https://example.com/{name}/x'), named(name))).toBeUndefined()
  })

  it('is missing if the address gets too long', () => {
    expect(
      linkButton(parsed('https://example.com/{name}/{name}/{name}/{name}/{name}'), named('é'.repeat(100))),
    ).toBeUndefined()
  })

  it('has the same host, path and query for any event', () => {
    const link = parsed('https://example.com:8443/a/{name}?b={name}#{name}')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const button = linkButton(link, named(name))
        if (!button || !('url' in button)) return
        const url = new URL(button.url)
        expect(url.host).toBe('example.com:8443')
        expect(url.pathname.split('/')).toHaveLength(3)
        expect([...url.searchParams.keys()]).toEqual(['b'])
        expect(button.url).toMatch(/^[\x21-\x7e]+$/)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('the address of a message', () => {
  it.each([
    ['a supergroup', '-1001234567890', undefined, 'https://t.me/c/1234567890/42'],
    ['a thread', '-1001234567890', 7, 'https://t.me/c/1234567890/7/42'],
    ['a new supergroup with a longer id', '-1003123456789', undefined, 'https://t.me/c/3123456789/42'],
    ['a public channel', '@alerts', undefined, 'https://t.me/alerts/42'],
    ['a thread of a public group', '@alerts', 7, 'https://t.me/alerts/7/42'],
    ['a basic group: none', '-123456', undefined, undefined],
    ['a basic group with a long id: none', '-999999999999', undefined, undefined],
    ['a private chat: none', '123456', undefined, undefined],
  ])('%s', (_, chat, threadId, address) => {
    expect(messageAddress(chat, 42, threadId)).toBe(address)
  })
})
