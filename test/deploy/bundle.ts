import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, filesBelow, filesWith, type Package } from './service.ts'

const strangers = /\/(kafkajs|@aws-sdk|aws-sdk|@smithy|vitest)\/|\/lib\/(standin|cli|kafka)\/|(^|\/)test\//

/** What is uploaded: the bundle and its map, of nothing that the function does not need, and without the token. */
export async function checkBundle(
  { zipFile, name }: Package,
  { token, programs, report }: { token: string; programs: string; report: Report },
): Promise<void> {
  const folder = mkdtempSync(join(bareEnvironment.HOME, 'zip-'))
  await run(`${programs}python`, ['-m', 'zipfile', '-e', zipFile, folder])

  await report.check(`the zip holds the bundle and its map (${name})`, () =>
    assert.deepEqual(filesBelow(folder), ['functions/notify.cjs', 'functions/notify.cjs.map']),
  )
  await report.check(`the bundle holds only what the function needs (${name})`, () => {
    const { sources } = JSON.parse(readFileSync(join(folder, 'functions/notify.cjs.map'), 'utf8')) as {
      sources: string[]
    }
    assert.ok(sources.some((source) => source.endsWith('functions/notify.ts')))
    assert.deepEqual(
      sources.filter((source) => strangers.test(source)),
      [],
    )
  })
  await report.check(`the token is not in the zip (${name})`, () => assert.deepEqual(filesWith(token, folder), []))
}
