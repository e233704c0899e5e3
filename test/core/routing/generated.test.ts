import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { readRouting } from '../../../lib/app/config/routing-file.ts'
import { defaultRules } from '../../../lib/core/routing/defaults.ts'
import { generated } from '../../support/generate.ts'

const defaults = readFileSync('lib/core/routing/defaults.yml', 'utf8')

it('has the default rules as their YAML file has them', () => {
  const { rules } = parse(defaults) as { rules: object[] }
  expect(defaultRules).toEqual(rules.map((rule) => ({ action: 'show', ...rule })))
})

it('has the JSON schema of the shapes: else run npm run generate', () => {
  const file = 'infra/config.schema.json'
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(generated().get(file) ?? ''))
})

it('tells an editor about every key', () => {
  const silent: string[] = []
  const walk = (schema: Schema, path: string) => {
    for (const [key, one] of Object.entries(schema.properties ?? {})) {
      const known = ['$schema', 'name', 'at', 'from', 'zone', 'target']
      if (one.description === undefined && !known.includes(key)) silent.push(`${path}.${key}`)
      walk(one, `${path}.${key}`)
    }
    for (const one of [schema.items, ...(schema.anyOf ?? [])]) if (one) walk(one, path)
  }
  walk(JSON.parse(readFileSync('infra/config.schema.json', 'utf8')), '')
  expect(silent).toEqual([])
})

interface Schema {
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}

it('takes the default file for CONFIG_FILE, and it does what no file does', () => {
  const read = (text: string) =>
    readRouting(text, 'defaults.yml', {
      target: { name: '-1001', chat: '-1001', threadId: undefined },
      timeZone: 'UTC',
      compile: openCompiler(setFlagsFromString),
      environment: {},
      now: Date.parse('2026-11-25T00:00:00Z'),
    })
  const { ruleset, ...told } = read(defaults)
  expect(told).toEqual({ problems: [], warnings: [], needState: [] })
  const named = (rules: typeof ruleset.rules) =>
    rules.map(({ name, action, threshold, match, except }) => ({
      ...{ name, action, threshold },
      asked: [match, except].map((one) =>
        one?.conditions.map(({ field, patterns }) => [field, ...patterns.map(({ source }) => source)].join(' ')).sort(),
      ),
    }))
  expect(named(ruleset.rules)).toEqual(named(read('').ruleset.rules))
})
