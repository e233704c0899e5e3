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

function messagesOf(file: string): string[] {
  const { problems, warnings, needState } = read(readFileSync(new URL(file, folder), 'utf8'), file)
  return [
    ...problems,
    ...warnings.map((text) => `warning: ${text}`),
    ...needState.map((text) => `needs state: ${text}`),
  ]
}

describe('each mistake gets its message', () => {
  it('has a file for each case, and a case for each file', () => {
    expect(
      Object.keys(cases)
        .map((name) => `${name}.yml`)
        .sort(),
    ).toEqual(files)
  })

  test.each(Object.entries(cases))('%s', (name, expected) => {
    expect(messagesOf(`${name}.yml`)).toEqual(expected)
  })

  test.each(files)('%s: one line for each problem, in the order of the file, without the token', (file) => {
    const { problems } = read(readFileSync(new URL(file, folder), 'utf8'), file)
    const lines = problems.map((problem) => Number(/, line (\d+)/.exec(problem)?.[1]))
    expect(lines).toEqual([...lines].sort((a, b) => a - b))
    expect(new Set(problems).size).toBe(problems.length)
    for (const problem of problems) expect(problem).not.toMatch(/\n|AAEhBO/)
  })
})

describe('a mistake that follows from another is not reported', () => {
  const rest = 'match: { kind: Pod } }\n  - { name: b, match: { kind: Pod, reason: BackOff } }'
  test.each([
    ['a misspelt match', `rules:\n  - { name: a, mach: {}, ${rest}`, ['mach']],
    ['an unknown key in a rule', `rules:\n  - { name: a, when: x, ${rest}`, ['when']],
    ['a wrong pattern in a rule', `rules:\n  - { name: a, except: { name: /(/ }, ${rest}`, ['except']],
    [
      'a wrong condition in a rule',
      'rules:\n  - { name: a, match: { kind: 1 } }\n  - { name: b, match: { reason: A } }',
      ['kind'],
    ],
    [
      'a wrong condition in except',
      'rules:\n  - { name: a, match: { kind: Pod }, except: { kind: Pod, nmae: web } }',
      ['nmae'],
    ],
    [
      'uses of a target with a wrong chat',
      'targets: { a: { x: 1 }, b: ok }\nroutes:\n  - to: [a, b]',
      ['targets.a', 'targets.b'],
    ],
    ['uses of targets that are not a map', 'targets: [a]\nroutes:\n  - to: b', ['targets']],
    ['uses of misspelt targets', 'target: { b: -1001 }\nroutes:\n  - to: b', ['target']],
    ['but two unknown keys of a rule are both reported', 'rules:\n  - { name: a, x: 1, y: 2 }', ['x', 'y']],
    [
      'names of built-in rules after misspelt defaults',
      'default: false\nrules:\n  - { name: probes, match: { kind: Pod } }',
      ['default'],
    ],
  ])('%s', (_, text, places) => {
    expect(read(text).problems).toEqual(
      places.map((place) => expect.stringMatching(new RegExp(`${place}[^:]*: (?:must be|unknown key|"/\\(/" is not)`))),
    )
  })

  it('reports unused targets only in a file without problems', () => {
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

  it('a missing file is a problem', async () => {
    expect(await errorOf({ ...least, CONFIG_FILE: 'no/rules.yml' })).toBe(
      `1 problem in the configuration:\n- CONFIG_FILE: cannot read "no/rules.yml": there is no such file in ${process.cwd()}`,
    )
  })

  it('a folder is not a file', async () => {
    expect(await errorOf({ ...least, CONFIG_FILE: 'infra' })).toBe(
      '1 problem in the configuration:\n- CONFIG_FILE: cannot read "infra": EISDIR: illegal operation on a directory, read',
    )
  })

  it('all problems of environment and file are in one error', async () => {
    const path = file(`fallbak: -1\nrules:\n  - { name: ${token}, match: { kind: '\${KIND}' } }\n`)
    expect(await errorOf({ ...least, CONFIG_FILE: path, TELEGRAM_CHAT_ID: 'x', LOG_LEVEL: 'loud' })).toBe(
      [
        '5 problems in the configuration:',
        '- TELEGRAM_CHAT_ID must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or @channel, not "x"',
        `- ${path}, line 1, fallbak: unknown key; did you mean "fallback"?`,
        `- ${path}, line 3, rules[0].match.kind: variable KIND is not set; set it or write a default: \${KIND:-…}`,
        `- ${path}, line 3, rules[0].name: must be a name of at most 60 characters without colon or comma, not "<bot token>"`,
        '- LOG_LEVEL must be debug, info, warn or error, not "loud"',
      ].join('\n'),
    )
  })

  it('an expired mute and an unused target are warnings', async () => {
    const path = file(
      'targets: { a: -1001 }\nmutes: [{ name: m, match: { kind: Job }, until: 2020-01-01T00:00:00Z, reason: r }]\n',
    )
    const { warnings } = await loadConfig({ ...least, CONFIG_FILE: path })
    expect(warnings).toEqual([
      expect.stringMatching(/mute "m" expired at 2020-01-01T00:00:00Z/),
      expect.stringMatching(/target "a" is used by no route$/),
    ])
  })
})
