import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import type { Archive } from './sbom.ts'

const functionNames = ['notify', 'sweep'] as const

/** The stage with which the functions are packaged. It becomes a parameter of the released template. */
export const packagedStage = 'released'

/** Packages the functions as `serverless deploy` would, and returns what `read` makes of the folder. */
export function packageService<Result>(root: string, parameters: string[], read: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'release-'))
  const words = ['package', '--stage', packagedStage, '--region', 'eu-central-1', '--package', folder]
  try {
    const { status, stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/serverless'),
      [...words, ...parameters.map((parameter) => `--param=${parameter}`)],
      { cwd: root, env: { ...process.env, SETTINGS: 'infra/release/settings.yml' }, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`serverless package failed:\n${stdout}${stderr}`)
    return read(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Copies the zips. They are the same for the same commit: serverless-esbuild gives all files the same date and mode, and package.json pins Node,
 * whose zlib compresses them.
 */
export function copyArchives(from: string, to: string): Archive[] {
  return functionNames.map((name) => {
    const fileName = `${name}.zip`
    copyFileSync(join(from, fileName), join(to, fileName))
    const content = readFileSync(join(to, fileName))
    const map = unzipSync(content)[`functions/${name}.cjs.map`]
    if (!map) throw new Error(`${fileName} has no source map`)
    const { sources }: { sources: string[] } = JSON.parse(strFromU8(map))
    return { fileName, sha256: checksumOf(content), sources }
  })
}

export function checksumOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
