import assert from 'node:assert/strict'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Emulator } from '../../lib/emulator/server.ts'
import { linesOf } from './log.ts'
import type { Report } from './report.ts'
import { openService, root, type Service } from './service.ts'

interface Local {
  /** The environment of the shell. */
  shell: Record<string, string>
  batchFile: string
  recordCount: number
  emulator: Emulator
  report: Report
}

const outcomes = ['sent', 'pending', 'skipped', 'rejected', 'returned']

/** `invoke local` on a laptop: no AWS; token and state are the shell's. */
export async function checkInvokeLocal(service: Service, { shell, batchFile, recordCount, emulator, report }: Local) {
  const { check } = report
  const words = ['invoke', 'local', '-f', 'notify', '-p', batchFile]
  const output = await service.serverless(words)
  await check('invoke local -f notify answers with the token of the shell', () => {
    assert.match(output, /"batchItemFailures": \[\]/)
    assert.ok(emulator.messages().length >= 1)
  })
  await check('invoke local -f notify logs the outcome of each record', () => {
    const records = linesOf(output).filter(({ message }) => message === 'record')
    assert.equal(records.length, recordCount)
    for (const { outcome, why } of records) assert.ok(outcomes.includes(String(outcome)) && why, `${outcome}: ${why}`)
  })
  await check('invoke local -f sweep succeeds', () =>
    service.serverless(['invoke', 'local', '-f', 'sweep']).then(() => {}),
  )

  const file = '.bench/invoke-local.db'
  mkdirSync(join(root, '.bench'), { recursive: true })
  rmSync(join(root, file), { force: true })
  const withFile = openService({ ...shell, STATE: `sqlite:${file}` })
  await check('with STATE=sqlite:<file>, the next invoke local skips what the first has shown', async () => {
    await withFile.serverless(words)
    const before = emulator.messages().length
    assert.match(await withFile.serverless(words), /"why":"already shown"/)
    assert.equal(emulator.messages().length, before)
    assert.ok(existsSync(join(root, file)), 'the file is in the folder of the shell')
  })

  const failures: [string, string[], Record<string, string>, RegExp][] = [
    [
      'an invalid chat id',
      words,
      { TELEGRAM_CHAT_ID: 'ops' },
      /1 problem in the configuration:"?,?\s+"?- TELEGRAM_CHAT_ID must be a chat ID/,
    ],
    [
      'an invalid STATE in the shell',
      words,
      { STATE: 'mysql' },
      /1 problem in the configuration:"?,?\s+"?- STATE must be memory, sqlite:<file> or dynamodb:<table>, not \\"mysql\\"/,
    ],
    [
      'a token that Telegram refuses',
      words,
      { TELEGRAM_BOT_TOKEN: '987654321:not-the-one' },
      /Telegram refuses the bot token \(401/,
    ],
    ['a missing batch file', [...words.slice(0, -1), 'missing.json'], {}, /missing\.json/],
  ]
  for (const [name, arguments_, changed, said] of failures) {
    const changedService = openService({ ...shell, ...changed })
    await check(`invoke local with ${name} reports it and ends`, async () => {
      const failed = await changedService
        .serverless(arguments_)
        .catch((error: { code: unknown; stdout: string; stderr: string }) => error)
      assert.ok(typeof failed === 'object', 'it should fail')
      assert.equal(failed.code, 1)
      assert.match(failed.stdout + failed.stderr, said)
      assert.ok(!(failed.stdout + failed.stderr).includes(emulator.token))
    })
  }
}
