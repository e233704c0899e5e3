import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generated } from '../support/generate.ts'

it('has the JSON schema of the settings: else run npm run generate', () => {
  const file = 'infra/settings.schema.json'
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(generated().get(file) ?? ''))
})

it('lists every setting in the docs: else run npm run generate', () => {
  const page = 'docs/aws-settings.md'
  expect(readFileSync(page, 'utf8')).toBe(generated().get(page))
})
