import { describe, expect, it } from 'vitest'
import { fields } from '../../infra/aws/settings/fields.ts'
import { parameterGroups } from '../../infra/release/parameters.ts'
import { templateNames } from '../../infra/release/release.ts'
import about from '../../package.json' with { type: 'json' }
import { blocksOf } from '../deploy/shell-blocks.ts'
import { generated } from '../support/generate.ts'
import { pageText, sectionOf } from './pages.ts'

const page = 'docs/aws-without-serverless.md'
const text = pageText(page)

describe(page, () => {
  it('has the values of the code: else run npm run generate', () => {
    expect(text).toBe(generated().get(page))
  })

  it('names the templates of a release, with parameters that they have', () => {
    for (const [kind, file] of [
      ['msk', templateNames.msk],
      ['self-managed', templateNames['self-managed']],
    ] as const) {
      const commands = blocksOf(text).filter(({ code }) => code.includes(file))
      const known = Object.values(parameterGroups(kind)).flatMap(Object.keys)
      expect(commands.length).toBeGreaterThan(0)
      for (const { code } of commands) {
        const [, list = ''] = code.split('--parameter-overrides')
        const named = [...list.matchAll(/(\w+)=/g)].map(([, name]) => name)
        expect(named.length).toBeGreaterThan(0)
        expect(known).toEqual(expect.arrayContaining(named))
      }
    }
  })

  it('names parameters that exist', () => {
    const known = new Set(
      (['msk', 'self-managed'] as const).flatMap((kind) => Object.values(parameterGroups(kind)).flatMap(Object.keys)),
    )
    const changes = text.slice(text.indexOf('| change | how |'), text.indexOf('During all of this'))
    const named = [...changes.matchAll(/`([A-Z][A-Za-z]+)(?:=[\w-]+)?`/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !known.has(name) && name !== 'PendingIncidents')).toEqual([])
    expect(named.length).toBeGreaterThan(10)
  })

  it('names each setting that the released templates do not have', () => {
    const known = new Set(Object.values(parameterGroups('self-managed')).flatMap(Object.keys))
    const ofOtherName = ['sources', 'environment', 'alarmTopicArns', 'dashboard']
    const named = sectionOf(page, 'Settings without a parameter')
    const parameterOf = (name: string) => `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
    for (const name of Object.keys(fields))
      if (!known.has(parameterOf(name)) && !ofOtherName.includes(name)) expect(named).toContain(`\`${name}\``)
  })

  it('names the version of this release', () => {
    expect(text).toContain(`VERSION=${about.version}`)
  })
})
