import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const out = `${root}.bench/`

/** Bundles source text as serverless.yml does. Returns the bundle's path and bytes. */
export async function bundle(name: string, source: string): Promise<{ path: string; bytes: number }> {
  mkdirSync(out, { recursive: true })
  const path = `${out}${name}.cjs`
  const { metafile } = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    outfile: path,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    metafile: true,
  })
  const [output] = Object.values(metafile.outputs)
  return { path, bytes: output?.bytes ?? 0 }
}

export function bundleNotify() {
  return bundle('notify', `export { handler } from './functions/notify.ts'`)
}

export function bundleSweep() {
  return bundle('sweep', `export { handler } from './functions/sweep.ts'`)
}

/** The libraries that the function loads at start, with only the parts that it imports. `yaml` and `valibot` are bundled but not loaded. */
export function bundleLibraries() {
  return bundle(
    'libraries',
    `import middy from '@middy/core'
     import { Api, GrammyError, HttpError } from 'grammy/web'
     // esbuild drops a module without used exports.
     import { request as httpRequest } from 'node:http'
     import { request as httpsRequest } from 'node:https'
     import { createSecureContext } from 'node:tls'
     import { hash } from 'node:crypto'
     export const handler = middy(async () => {})
     export const all = [new Api('1:a'), GrammyError, HttpError, httpRequest, httpsRequest, createSecureContext, hash]
     export const file = () => [import('yaml'), import('valibot')]`,
  )
}
