import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { openCompiler } from '../lib/app/config/regex.ts'
import { readRouting } from '../lib/app/config/routing-file.ts'
import { causes } from '../lib/core/event/causes.ts'
import { parseTarget } from '../lib/core/routing/target.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const target = parseTarget('-1001234567890') ?? { name: '', chat: '', threadId: undefined }

it('shows the defaults as they are', () => {
  expect(blocks).toContain(readFileSync(new URL('../lib/core/routing/defaults.yml', import.meta.url), 'utf8'))
})

it('names every cause', () => {
  const section = /#### Causes\n([\s\S]*?)\n##/.exec(readme)?.[1] ?? ''
  const named = [...section.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name)
  expect(named).toEqual([...new Set(causes.flatMap(({ name }) => name ?? []))].sort())
})

describe('examples of a routing file', () => {
  const example = readFileSync(new URL('../infra/examples/rules.yml', import.meta.url), 'utf8')
  const told = (text: string, now: string) => {
    const { problems, warnings } = readRouting(text, 'rules.yml', {
      target,
      timeZone: 'UTC',
      compile: openCompiler(setFlagsFromString),
      environment: { ONCALL_CHAT: '-1001234567890' },
      now: Date.parse(now),
    })
    return { problems, warnings }
  }

  it('are without a mistake', () => {
    expect(blocks.length).toBe(2)
    for (const text of [...blocks, example])
      expect(told(text, '2026-11-24T00:00:00Z')).toEqual({ problems: [], warnings: [] })
  })

  it('stay right when their mute is over, which a warning tells', () => {
    for (const text of [...blocks, example]) {
      const { problems, warnings } = told(text, '2028-02-29T00:00:00Z')
      expect(problems).toEqual([])
      expect(warnings.map((warning) => warning.replace(/.*: /, ''))).toEqual(
        text.includes('mutes:') ? ['this mute has expired'] : [],
      )
    }
  })
})
