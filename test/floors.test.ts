import { readdirSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { expect, test } from 'vitest'

interface Override {
  includes: string[]
  linter: { rules: { style?: { noRestrictedImports?: unknown } } }
}

const { overrides }: { overrides: Override[] } = JSON.parse(
  readFileSync(new URL('../biome.json', import.meta.url), 'utf8'),
)
const floors = overrides.filter(({ linter }) => linter.rules.style?.noRestrictedImports !== undefined)

function isIncluded(file: string, { includes }: Override): boolean {
  const excluded = includes.flatMap((glob) => (glob.startsWith('!') ? [glob.slice(1)] : []))
  return includes.some((glob) => matchesGlob(file, glob)) && !excluded.some((glob) => matchesGlob(file, glob))
}

test('every file of the program is under the import rules of exactly one floor', () => {
  const files = ['lib', 'functions', 'infra'].flatMap((folder) =>
    readdirSync(new URL(`../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name}`),
  )
  expect(files.length).toBeGreaterThan(100)
  const wrong = files.filter((file) => floors.filter((floor) => isIncluded(file, floor)).length !== 1)
  expect(wrong).toEqual([])
})
