import { describe, expect, it } from 'vitest'
import { viewOf } from '../../../lib/core/incident/view.ts'
import { card } from '../../../lib/core/message/card.ts'
import { plainText } from '../../../lib/core/message/html.ts'
import { en } from '../../../lib/core/message/words/en.ts'
import { languages, withEnglish } from '../../../lib/core/message/words/languages.ts'
import { bodyOf } from '../../support/incidents.ts'

describe('a language', () => {
  it('shows English where it lacks a line', () => {
    const words = withEnglish({
      titles: { 'probe-readiness': 'Readiness-Probe schlägt fehl' },
      card: { pod: 'der Pod' },
    })
    const text = plainText(card(viewOf(bodyOf([{}])), { timeZone: 'UTC', words }))
    expect(text).toContain(en.titles['crash-loop'])
    expect(text).toContain(en.hints['crash-loop'])
    expect(text).toContain('der Pod web-7d9f8c6b5-x2k4p')
  })

  it('may be empty', () => {
    expect(withEnglish({})).toEqual(en)
  })

  it.each(Object.entries(languages))('has short hints and titles: %s', (_, { titles, hints }) => {
    for (const title of Object.values(titles)) expect(title.length).toBeLessThanOrEqual(35)
    for (const hint of Object.values(hints)) {
      expect(hint).toMatch(/^\p{Lu}.{20,128}\.$/u)
      expect(hint).not.toMatch(/[.:][^ ]/)
    }
  })
})
