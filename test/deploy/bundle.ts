import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableCalls, tableCallsIn } from './real-aws/permissions.ts'
import type { Report } from './report.ts'
import { run } from './run.ts'
import { bareEnvironment, filesBelow, filesWith, type Package, root } from './service.ts'

const strangers = /\/(kafkajs|@aws-sdk|aws-sdk|@smithy|vitest)\/|\/lib\/(emulator|cli|kafka)\/|(^|\/)test\//

/** Checks the upload of each function: the bundle and its map, with only what the function needs, and without the token. */
export async function checkBundles(
  { zipFiles, name }: Package,
  { token, programs, report }: { token: string; programs: string; report: Report },
): Promise<void> {
  for (const [functionName, zipFile] of Object.entries(zipFiles)) {
    const check = (text: string, test: () => void) => report.check(`${text} (${functionName}: ${name})`, test)
    const bundle = `functions/${functionName}.cjs`
    const folder = mkdtempSync(join(bareEnvironment.HOME, 'zip-'))
    await run(`${programs}python`, ['-m', 'zipfile', '-e', zipFile, folder])

    await check('the zip contains the bundle and its source map', () =>
      assert.deepEqual(filesBelow(folder), [bundle, `${bundle}.map`]),
    )
    await check('the bundle contains only what the function needs', () => {
      const { sources } = JSON.parse(readFileSync(join(folder, `${bundle}.map`), 'utf8')) as { sources: string[] }
      assert.ok(sources.some((source) => source.endsWith(`functions/${functionName}.ts`)))
      assert.deepEqual(
        sources.filter((source) => strangers.test(source)),
        [],
      )
    })
    await check('the bundle calls DynamoDB as the permissions say', () =>
      assert.deepEqual(tableCallsIn(readFileSync(join(folder, bundle), 'utf8')), tableCalls),
    )
    await check('the token is not in the zip', () => assert.deepEqual(filesWith(token, folder), []))
  }
}

/** The token is in the shell of the person who deploys. It must stay there. */
export function checkToken(name: string, { token, report }: { token: string; report: Report }): Promise<void> {
  return report.check(`the token is in no file of .serverless (${name})`, () =>
    assert.deepEqual(filesWith(token, join(root, '.serverless')), []),
  )
}
