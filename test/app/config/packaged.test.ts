import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, it, test } from 'vitest'
import { loadConfig, packagedJson, packagedName } from '../../../lib/app/config/load.ts'
import { parsePackaged, readPackaged } from '../../../lib/app/config/packaged.ts'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { packageRouting, readRouting, variablesOf } from '../../../lib/app/config/routing-file.ts'
import { sha256 } from '../../../lib/core/hash.ts'
import { parseTarget } from '../../../lib/core/routing/target.ts'
import { anyRoutingFile } from '../../support/any-routing.ts'

const chat = '-1001234567890'
const target = parseTarget(chat) ?? { name: '', chat: '', threadId: undefined }
const context = {
  ...{ target, timeZone: 'Europe/Berlin', environment: { ONCALL_CHAT: '-1001' }, hash: sha256 },
  compile: openCompiler(setFlagsFromString),
}
const now = Date.parse('2026-11-24T12:00:00Z')
const example = readFileSync(new URL('../../../infra/examples/rules.yml', import.meta.url), 'utf8')

function packed(text: string) {
  const packaged = parsePackaged(JSON.stringify(packageRouting(text, 'rules.yml', context) ?? null))
  if (!packaged) throw new Error('it should be packaged')
  return packaged
}

/** All of it that is data; of patterns that is their sources. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (one instanceof Map || one instanceof Set ? [...one] : one)))
}

describe('a file that names something secret', () => {
  const environment = { ...context.environment, TELEGRAM_BOT_TOKEN: `123456789:${'A'.repeat(35)}` }
  const named = (variable: string) => ['$', '{', variable, '}'].join('')
  const hint = (text: string) => `rules:\n  - name: a\n    match: { kind: Job }\n    hint: ${text}\n`

  it.each([
    ['in plain text', hint(`"${named('TELEGRAM_BOT_TOKEN')}"`)],
    ['behind # in a text of several lines', hint(`|\n      Look there:\n      # ${named('TELEGRAM_BOT_TOKEN')}`)],
    ['with an escaped sign', hint('"\\x24{TELEGRAM_BOT_TOKEN}"')],
  ])('%s, is told by its variables, and its values are not packaged', async (_, text) => {
    expect(variablesOf(text)).toEqual(['TELEGRAM_BOT_TOKEN'])
    expect(packageRouting(text, 'rules.yml', { ...context, environment })).toBeUndefined()
  })

  it('under another name is not packaged either', () => {
    const text = hint(`"${named('HINT')}"`)
    const other = { ...environment, HINT: environment.TELEGRAM_BOT_TOKEN }
    expect(packageRouting(text, 'rules.yml', { ...context, environment: other })).toBeUndefined()
    expect(packageRouting(text, 'rules.yml', { ...context, environment: { HINT: 'look there' } })).toBeDefined()
  })

  it('in a comment names nothing', () => {
    expect(variablesOf(`# ${named('TELEGRAM_BOT_TOKEN')}\n${hint('x')}`)).toEqual([])
  })
})

describe('a routing file, read when it is packaged', () => {
  it('says the same as the file itself', () => {
    let right = 0
    fc.assert(
      fc.property(anyRoutingFile, (file) => {
        const text = JSON.stringify(file)
        const read = readRouting(text, 'rules.yml', { ...context, now })
        if (read.problems.length > 0) {
          expect(packageRouting(text, 'rules.yml', context)).toBeUndefined()
          return
        }
        right += 1
        const found = readPackaged(packed(text), { text, name: 'rules.yml' }, { ...context, now })
        expect(plain(found)).toEqual(plain(read))
      }),
      { numRuns: 500 },
    )
    expect(right).toBeGreaterThan(100)
  })

  it('says the same of the example, with its variables', () => {
    const read = readRouting(example, 'rules.yml', { ...context, now })
    expect(read.problems).toEqual([])
    const found = readPackaged(packed(example), { text: example, name: 'rules.yml' }, { ...context, now })
    expect(plain(found)).toEqual(plain(read))
  })

  it.each([0, 1_000 * 86_400_000])('warns of what has expired %i ms later, with its line', (later) => {
    const text =
      'mutes:\n  - { name: a, until: 2027-01-01T00:00:00Z, reason: b }\n  - { name: c, until: 2026-01-01T00:00:00Z, reason: d }\ntargets: { unused: -1009 }\n'
    const at = { ...context, now: now + later }
    const { warnings } = readPackaged(packed(text), { text, name: 'rules.yml' }, at)
    expect(warnings).toEqual(readRouting(text, 'rules.yml', at).warnings)
    expect(warnings).toHaveLength(later === 0 ? 2 : 3)
  })

  test.each([
    ['a byte of the file', { text: `${example} ` }, {}],
    ['its name', { name: 'other.yml' }, {}],
    ['a variable', {}, { environment: { ONCALL_CHAT: '-1002' } }],
    ['a variable that was not given', {}, { environment: { ONCALL_CHAT: '-1001', PAYMENTS_CHAT: '-1002' } }],
    ['the chat', {}, { target: { ...target, name: '-1' } }],
    ['the time zone', {}, { timeZone: 'UTC' }],
  ])('is not used after a change of %s', (_, file, surroundings) => {
    const given = { text: example, name: 'rules.yml', ...file }
    const changed = { ...context, now, ...surroundings }
    expect(readPackaged(packed(example), given, changed).problems).toHaveLength(1)
  })
})

describe('the start of a function', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packaged-'))
  const file = join(folder, 'rules.yml')
  const environment = {
    ...{ TELEGRAM_BOT_TOKEN: '123456789:token', TELEGRAM_CHAT_ID: chat, CONFIG_FILE: file, NAME: 'packaged' },
    ...{ AWS_LAMBDA_FUNCTION_NAME: 'notify', STATE: 'memory', FAILURE_MODE: 'partial', TZ: ':UTC' },
  }
  const rules = (name: string) => `rules:\n  - name: ${name}\n    action: drop\n`
  const firstRule = async (variables: Record<string, string> = environment) =>
    (await loadConfig(variables)).ruleset.rules[0]?.name
  afterAll(() => rmSync(folder, { recursive: true }))

  beforeEach(async () => {
    writeFileSync(file, rules(`'\${NAME}'`))
    const read = (await packagedJson(environment, { target, timeZone: 'UTC' })) ?? ''
    // What was read says so, since nobody else would see which of the two was used.
    writeFileSync(packagedName(file), read.replace('"name":"packaged"', '"name":"as it was packaged"'))
  })

  it('takes what was read when the file was packaged', async () => {
    expect(await firstRule()).toBe('as it was packaged')
  })

  it('takes the file where that is another, or a variable in it', async () => {
    expect(await firstRule({ ...environment, NAME: 'another' })).toBe('another')
    writeFileSync(file, rules('changed'))
    expect(await firstRule()).toBe('changed')
  })

  it('takes the file outside of Lambda, where another version may have left the other', async () => {
    const { AWS_LAMBDA_FUNCTION_NAME: _, ...elsewhere } = environment
    expect(await firstRule(elsewhere)).toBe('packaged')
    expect(await firstRule({ ...environment, IS_LOCAL: 'true' })).toBe('packaged')
  })

  test.each(['', '{', 'null', '[]', '{"fingerprint":"a"}'])('takes the file beside "%s"', async (text) => {
    writeFileSync(packagedName(file), text)
    expect(await firstRule()).toBe('packaged')
  })

  it('reports mistakes with their lines', async () => {
    writeFileSync(file, 'rules:\n  - name: a\n    action: dorp\n')
    await expect(loadConfig(environment)).rejects.toThrow(
      /rules\.yml, line 3, rules\[0\]\.action: must be show or drop, not "dorp"/,
    )
    writeFileSync(file, rules(`'\${OTHER}'`))
    await expect(loadConfig(environment)).rejects.toThrow(
      /rules\.yml, line 2, rules\[0\]\.name: variable OTHER is not set/,
    )
  })

  it('reports mistakes in its variables', async () => {
    await expect(loadConfig({ ...environment, STATE: 'mysql' })).rejects.toThrow(
      'STATE must be dynamodb:<table> or memory, not "mysql"',
    )
  })
})
