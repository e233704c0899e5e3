import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generated } from '../support/generate.ts'

it('has the JSON schema of the settings: else run npm run generate', () => {
  const file = 'infra/settings.schema.json'
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(generated().get(file) ?? ''))
})
