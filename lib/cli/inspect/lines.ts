import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UserError } from '../command.ts'

const chunkSize = 1 << 20

/** The lines of a file, also of a gzipped one, as they are read; `-` is standard input. A UserError if the file can't be read. */
export async function* readLines(file: string, name: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  // A long line comes in many pieces and is joined once, at its end.
  let pieces: string[] = []
  try {
    const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkSize })
    for await (const bytes of unzipped(source)) {
      const [first = '', ...lines] = decoder.decode(bytes, { stream: true }).split('\n')
      pieces.push(first)
      const last = lines.pop()
      if (last === undefined) continue
      yield [pieces.join(''), ...lines]
      pieces = [last]
    }
  } catch (error) {
    throw unreadable(name, error)
  }
  yield [pieces.join('')]
}

async function* unzipped(source: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done) return
  const all = prepended(first.value, chunks)
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b
  // The last stream throws the errors of the streams before it.
  if (isGzip) yield* pipeline(Readable.from(all), createGunzip({ chunkSize }), () => {})
  else yield* all
}

async function* prepended(first: Buffer, others: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await others.next(); !next.done; next = await others.next()) yield next.value
}

function unreadable(name: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Record<string, string> = { ENOENT: 'no such file', EISDIR: 'is a folder' }
  return new UserError(`${name}: ${reasons[code ?? ''] ?? message}`)
}
