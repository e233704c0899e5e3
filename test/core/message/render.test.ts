import { expect, it } from 'vitest'
import { createRenderer } from '../../../lib/core/message/render.ts'
import { en } from '../../../lib/core/message/words/en.ts'
import { bodyOf } from '../../support/incidents.ts'

it('renders the text of a body once', () => {
  const renderer = createRenderer({ timeZone: 'UTC', words: en })
  const body = bodyOf([{}])
  const text = renderer.text(body)
  expect(renderer.text(body)).toBe(text)
  const copy = renderer.text({ ...body })
  expect(copy).not.toBe(text)
  expect(copy).toEqual(text)
})
