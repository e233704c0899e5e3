import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { describe, expect, it, test } from 'vitest'
import { loadConfig } from '../../../lib/app/config/load.ts'
import { openCompiler } from '../../../lib/app/config/regex.ts'
import { readRouting } from '../../../lib/app/config/routing-file.ts'
import { mistakesOfMeaning } from './mistakes-of-meaning.table.ts'
import { mistakesOfShape } from './mistakes-of-shape.table.ts'
import { mistakesOfText } from './mistakes-of-text.table.ts'

const folder = new URL('mistakes/', import.meta.url)
const files = readdirSync(folder).sort()
const cases = { ...mistakesOfShape, ...mistakesOfMeaning, ...mistakesOfText }
const token = '123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc'
const compile = openCompiler(setFlagsFromString)

function read(text: string, name = 'rules.yml') {
  return readRouting(text, name, {
    target: { name: '-1', chat: '-1', threadId: undefined },
    timeZone: 'UTC',
    compile,
    environment: { EMPTY: '', CHAT: '-1002' },
    now: Date.parse('2026-11-25T00:00:00Z'),
  })
}

function toldOf(file: string): string[] {
  const { problems, warnings, needState } = read(readFileSync(new URL(file, folder), 'utf8'), file)
  return [
    ...problems,
    ...warnings.map((text) => `warning: ${text}`),
    ...needState.map((text) => `needs state: ${text}`),
  ]
}

describe('each mistake is told in full', () => {
  it('has a file for each case, and a case for each file', () => {
    expect(
      Object.keys(cases)
        .map((name) => `${name}.yml`)
        .sort(),
    ).toEqual(files)
  })

  test.each(Object.entries(cases))('%s', (name, expected) => {
    expect(toldOf(`${name}.yml`)).toEqual(expected)
  })

  test.each(files)('%s: on one line each, in the order of the file, without the token', (file) => {
    const { problems } = read(readFileSync(new URL(file, folder), 'utf8'), file)
    const lines = problems.map((problem) => Number(/, line (\d+)/.exec(problem)?.[1]))
    expect(lines).toEqual([...lines].sort((a, b) => a - b))
    expect(new Set(problems).size).toBe(problems.length)
    for (const problem of problems) expect(problem).not.toMatch(/\n|AAEhBO/)
  })
})

describe('what follows from a mistake is not told', () => {
  const rest = 'match: { kind: Pod } }\n  - { name: b, match: { kind: Pod, reason: BackOff } }'
  test.each([
    ['a misspelt match does not match everything', `rules:\n  - { name: a, mach: {}, ${rest}`, ['mach']],
    ['nor does a rule with an unknown key', `rules:\n  - { name: a, when: x, ${rest}`, ['when']],
    ['nor one whose pattern is wrong', `rules:\n  - { name: a, except: { name: /(/ }, ${rest}`, ['except']],
    [
      'nor one that lost a condition',
      'rules:\n  - { name: a, match: { kind: 1 } }\n  - { name: b, match: { reason: A } }',
      ['kind'],
    ],
    [
      'an except that lost a condition does not take all away',
      'rules:\n  - { name: a, match: { kind: Pod }, except: { kind: Pod, nmae: web } }',
      ['nmae'],
    ],
    [
      'of a target whose chat is wrong its uses are not',
      'targets: { a: { x: 1 }, b: ok }\nroutes:\n  - to: [a, b]',
      ['targets.a', 'targets.b'],
    ],
    ['nor of targets that are no map', 'targets: [a]\nroutes:\n  - to: b', ['targets']],
    ['nor of misspelt targets', 'target: { b: -1001 }\nroutes:\n  - to: b', ['target']],
    ['two keys of one name are both told', 'rules:\n  - { name: a, x: 1, y: 2 }', ['x', 'y']],
    ['misspelt defaults may be off', 'default: false\nrules:\n  - { name: probes, match: { kind: Pod } }', ['default']],
  ])('%s', (_, text, places) => {
    expect(read(text).problems).toEqual(
      places.map((place) => expect.stringMatching(new RegExp(`${place}[^:]*: given`))),
    )
  })

  it('tells of unused targets only where nothing is wrong', () => {
    expect(read('targets: { a: -1001 }\nfallback: b').warnings).toEqual([])
    expect(read('targets: { a: -1001 }').warnings.length).toBe(1)
  })
})

describe('at start', () => {
  const least = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: '-1001234567890' }
  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'rules-')), 'rules.yml')
    writeFileSync(path, text)
    return path
  }
  const errorOf = (environment: Record<string, string>) =>
    loadConfig(environment).then(
      () => 'none',
      (error: Error) => error.message,
    )

  it('misses the file', async () => {
    expect(await errorOf({ ...least, CONFIG_FILE: 'no/rules.yml' })).toBe(
      `1 problem in the configuration:\n- CONFIG_FILE: given "no/rules.yml", expected a YAML file (there is no such file in ${process.cwd()})`,
    )
  })

  it('takes no folder for a file', async () => {
    expect(await errorOf({ ...least, CONFIG_FILE: 'infra' })).toBe(
      '1 problem in the configuration:\n- CONFIG_FILE: given "infra", expected a YAML file (EISDIR: illegal operation on a directory, read)',
    )
  })

  it('tells all of environment and file in one error', async () => {
    const path = file(`fallbak: -1\nrules:\n  - { name: ${token}, match: { kind: '\${KIND}' } }\n`)
    expect(await errorOf({ ...least, CONFIG_FILE: path, TELEGRAM_CHAT_ID: 'x', LOG_LEVEL: 'loud' })).toBe(
      [
        '5 problems in the configuration:',
        '- TELEGRAM_CHAT_ID: given "x", expected a chat id as -1001234567890, with thread -1001234567890:42, or @channel',
        `- ${path}, line 1, fallbak: given "fallbak", expected one of $schema, defaults, clusters, targets, rules, routes, mutes, quiet, fallback, suppressed, watchdog; did you mean "fallback"?`,
        `- ${path}, line 3, rules[0].match.kind: given "\${KIND}", expected KIND in the environment, or a default as \${KIND:-…}`,
        `- ${path}, line 3, rules[0].name: given "<bot token>", expected a name of at most 60 characters without colon and comma`,
        '- LOG_LEVEL: given "loud", expected debug or info or warn or error',
      ].join('\n'),
    )
  })

  it('starts with a mute that has expired and a target that nothing uses', async () => {
    const path = file(
      'targets: { a: -1001 }\nmutes: [{ name: m, match: { kind: Job }, until: 2020-01-01T00:00:00Z, reason: r }]\n',
    )
    const { warnings } = await loadConfig({ ...least, CONFIG_FILE: path })
    expect(warnings).toEqual([expect.stringMatching(/has expired$/), expect.stringMatching(/targets\.a: given "a"/)])
  })
})
