import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packagedName } from '../../lib/app/config/load.ts'
import { fingerprintOf, parsePackaged } from '../../lib/app/config/packaged.ts'
import { sha256 } from '../../lib/core/hash.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import type { Emulator } from '../../lib/emulator/server.ts'
import { linesOf } from './log.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, filesBelow, openService, root } from './service.ts'
import { variablesOf } from './template.ts'

interface ConfigFile {
  shell: Record<string, string>
  /** Of the functions. */
  variables: Record<string, string>
  programs: string
  batchFile: string
  emulator: Emulator
  report: Report
}

export const rules = { CONFIG_FILE: 'infra/examples/rules.yml', ONCALL_CHAT: '-1001234567890' }
const file = rules.CONFIG_FILE

/** Checks that CONFIG_FILE is validated, packaged with the variables that it names, and read by the bundle. */
export async function checkConfigFile({ shell, variables, programs, batchFile, emulator, report }: ConfigFile) {
  const { step, check } = report
  const configured = { ...variables, ...rules }
  const service = openService(shell, configured)
  const choice = { example: 'msk-iam', delivery: 'provisioned', state: 'dynamodb' } as const
  const { template, zipFiles } = await step('package: with CONFIG_FILE', () => service.package(choice))
  await check('each function has the file, its name and the variables that it names', async () => {
    for (const [name, zipFile] of Object.entries(zipFiles)) {
      const folder = mkdtempSync(join(bareEnvironment.HOME, 'zip-'))
      await run(`${programs}python`, ['-m', 'zipfile', '-e', zipFile, folder])
      assert.ok(filesBelow(folder).includes(file))
      assert.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(join(root, file), 'utf8'))
      const id = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}LambdaFunction`
      const { CONFIG_FILE, ONCALL_CHAT, PAYMENTS_CHAT } = variablesOf(template, id)
      assert.deepEqual(
        { CONFIG_FILE, ONCALL_CHAT, PAYMENTS_CHAT },
        { CONFIG_FILE: file, ONCALL_CHAT: '-1001234567890', PAYMENTS_CHAT: undefined },
      )
    }
  })
  await check('each function has the file as it was read, with its own variables', async () => {
    for (const [name, zipFile] of Object.entries(zipFiles)) {
      const folder = mkdtempSync(join(bareEnvironment.HOME, 'zip-'))
      await run(`${programs}python`, ['-m', 'zipfile', '-e', zipFile, folder])
      const packaged = parsePackaged(readFileSync(join(folder, packagedName(file)), 'utf8'))
      const id = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}LambdaFunction`
      const environment = variablesOf(template, id) as Record<string, string>
      const target = parseTarget(environment.TELEGRAM_CHAT_ID ?? '')
      assert.ok(packaged && target)
      const surroundings = { environment, target, timeZone: 'UTC', compile: () => /a/, hash: sha256 }
      const text = readFileSync(join(folder, file), 'utf8')
      assert.equal(packaged.fingerprint, fingerprintOf(text, file, packaged.variables, surroundings))
      assert.deepEqual(packaged.variables, ['ONCALL_CHAT', 'PAYMENTS_CHAT'])
    }
    assert.ok(!existsSync(join(root, packagedName(file))), 'it is not left next to the file')
  })
  const wrong: [string, Record<string, string>, RegExp][] = [
    [
      'without a variable that it names',
      { ONCALL_CHAT: '' },
      /rules\.yml, line 8, targets\.oncall: variable ONCALL_CHAT is not set/,
    ],
    ['that does not exist', { CONFIG_FILE: 'rulez.yml' }, /CONFIG_FILE: cannot read "rulez\.yml"/],
    [
      'that names a reserved or secret variable',
      { CONFIG_FILE: 'test/deploy/not-ours.yml' },
      /the variable BOT_TOKEN is reserved[\s\S]*the variable AWS_REGION is reserved/,
    ],
    [
      'outside of this folder',
      { CONFIG_FILE: '/etc/hosts' },
      /CONFIG_FILE must be a file in this folder, which is packaged, not "\/etc\/hosts"/,
    ],
  ]
  for (const [name, changed, said] of wrong)
    await check(`a file ${name} is refused when it is packaged`, () =>
      assert.rejects(
        openService(shell, { ...configured, ...changed }).serverless(['package'], 'msk-iam'),
        (error: { stdout: string }) => said.test(error.stdout),
      ),
    )
  await check(
    'a batch that is too large for the memory with so many targets is refused, with the size that fits',
    async () => {
      const many = openService(shell, { ...configured, CONFIG_FILE: 'test/deploy/ten-targets.yml' })
      const tooMany = { batchSize: '10000', state: 'memory' }
      await assert.rejects(many.serverless(['package'], 'msk-iam', tooMany), (error: { stdout: string }) =>
        /batchSize must be at most 1950, not 10000: an event may go to 10 targets[\s\S]*to 900/.test(error.stdout),
      )
      await many.serverless(['package'], 'msk-iam', { batchSize: '1950', state: 'memory' })
    },
  )
  await check('invoke local uses the file, in the bundle', async () => {
    const before = emulator.messages().length
    const output = await openService({ ...shell, ...rules }).serverless([
      'invoke',
      'local',
      '-f',
      'notify',
      '-p',
      batchFile,
    ])
    const records = linesOf(output).filter(({ message }) => message === 'record')
    assert.deepEqual([...new Set(records.map(({ rule }) => rule))].sort(), [
      'good news',
      'node conditions',
      'rollouts',
      'trouble',
    ])
    assert.ok(records.some(({ chat }) => chat === 'platform'))
    assert.ok(emulator.messages().length > before)
  })
}
