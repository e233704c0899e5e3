import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../lib/app/config/config.ts'
import type { Environment } from '../../lib/app/config/environment.ts'
import { parseKafka } from '../../lib/app/config/kafka.ts'
import { openCompiler } from '../../lib/app/config/regex.ts'
import { readRouting } from '../../lib/app/config/routing-file.ts'
import { RoutingFile } from '../../lib/core/routing/schema.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import { generated } from '../support/generate.ts'
import { firstColumn, pageText, root, sectionOf } from './pages.ts'

const page = 'docs/configuration.md'
const blocks = [...pageText(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)
const target = parseTarget('-1001234567890') ?? { name: '', chat: '', threadId: undefined }

it('shows the defaults and all causes: else run npm run generate', () => {
  expect(pageText(page)).toBe(generated().get(page))
})

describe('environment', () => {
  const asked = new Set<string>()
  const watched = (given: Environment): Environment =>
    new Proxy(given, {
      get(from, name: string) {
        if (name !== '') asked.add(name)
        return from[name]
      },
    })
  const keys = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
  for (const given of [{}, { ...keys, TELEGRAM_BOT_TOKEN_PARAMETER: '/token', STATE: 'dynamodb:table' }])
    parseConfig(watched(given))
  for (const KAFKA_SASL of [undefined, 'scram-sha-512', 'aws-msk-iam'])
    parseKafka(watched({ KAFKA_SASL, KAFKA_TLS: 'on' }), () => ({ text: '' }))
  asked.add('CONFIG_FILE')
  // Set by the platform, not by a user.
  for (const name of ['AWS_LAMBDA_FUNCTION_NAME', 'IS_LOCAL']) asked.delete(name)

  it('has each variable that the program reads, and no other', () => {
    expect(firstColumn(sectionOf(page, 'Environment')).sort()).toEqual([...asked].sort())
  })
})

it('has each section of CONFIG_FILE, and no other', () => {
  const named = firstColumn(sectionOf(page, 'Sections of the file')).map((name) => name.replace(/:.*/, ''))
  expect(named.sort()).toEqual(
    Object.keys(RoutingFile.entries)
      .filter((key) => key !== '$schema')
      .sort(),
  )
})

describe('examples of a routing file', () => {
  const example = readFileSync(`${root}infra/examples/rules.yml`, 'utf8')
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

  it('have no mistakes', () => {
    expect(blocks.length).toBe(2)
    for (const text of [...blocks, example])
      expect(told(text, '2026-11-24T00:00:00Z')).toEqual({ problems: [], warnings: [] })
  })

  it('stay right after their mutes have ended, except for a warning', () => {
    for (const text of [...blocks, example]) {
      const { problems, warnings } = told(text, '2028-02-29T00:00:00Z')
      expect(problems).toEqual([])
      expect(warnings).toEqual(
        text.includes('mutes:')
          ? [expect.stringMatching(/mute ".*" expired at .*; remove it or set a later time$/)]
          : [],
      )
    }
  })
})
