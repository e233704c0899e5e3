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

/** The libraries that a bundle loads at start, each with what we import of it. */
export const libraries: Record<string, string> = {
  middy: `import middy from '@middy/core'; export const handler = middy(async () => {})`,
  valibot: `import { WireEvent } from './lib/event/schema.ts'; import { safeParse } from 'valibot'; export const read = (value) => safeParse(WireEvent, value)`,
  grammy: `import { Api, GrammyError, HttpError } from 'grammy/web'; export const all = [new Api('1:a'), GrammyError, HttpError]`,
  node: `import 'node:http'; import 'node:https'; import 'node:crypto'`,
}
