import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { childEnvironment } from '../support/child-environment.ts'
import { cli, temporaryFolder } from './spawn.ts'

const complete = async (...words: string[]) => (await cli(['complete', '--', ...words])).stdout.trim().split('\n')

describe('the words that can follow', () => {
  test.each<[string, string[], string[]]>([
    ['commands', ['e'], ['explain', 'emulator']],
    ['commands after help', ['help', 're'], ['replay', 'record']],
    ['actions', ['dead-letters', ''], ['list', 'replay', 'drop']],
    ['options', ['replay', 'x.json', '--s'], ['--state']],
    ['options of every command', ['stats', '--'], ['--config', '--top', '--json', '--help']],
    ['values of an option', ['replay', '--to', ''], ['emulator', 'telegram']],
    ['nothing where a file is expected', ['replay', ''], ['']],
    ['nothing where an option takes any text', ['emulator', '--port', ''], ['']],
    ['nothing after an unknown command', ['nope', ''], ['']],
  ])('%s', async (_, words, expected) => {
    expect(await complete(...words)).toEqual(expected)
  })
})

test('the bash script completes the command line', async () => {
  const folder = temporaryFolder()
  const main = fileURLToPath(new URL('../../lib/cli/main.ts', import.meta.url))
  writeFileSync(join(folder, 'kube-eventer-telegram'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(join(folder, 'kube-eventer-telegram'), 0o755)
  const { stdout: script } = await cli(['completion', 'bash'])
  const test = `${script}
COMP_WORDS=(kube-eventer-telegram replay --to t) COMP_CWORD=3
_kube_eventer_telegram
echo "\${COMPREPLY[*]}"`
  const { PATH = '' } = process.env
  const { stdout } = spawnSync('bash', ['-c', test], {
    env: childEnvironment({ PATH: `${folder}:${PATH}` }),
    encoding: 'utf8',
  })
  expect(stdout).toBe('telegram\n')
})

test.each(['zsh', 'fish'])('there is a script for %s', async (shell) => {
  const { code, stdout } = await cli(['completion', shell])
  expect(code).toBe(0)
  expect(stdout).toContain('kube-eventer-telegram complete --')
})

test('names the shells', async () => {
  const { code, stderr } = await cli(['completion', 'tcsh'])
  expect(code).toBe(2)
  expect(stderr).toContain('completion: "tcsh" must be bash or zsh or fish')
})
