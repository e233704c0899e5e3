import { createReadStream } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UserError } from '../command.ts'

const chunkSize = 1 << 20

/** The lines of a file, also a gzipped one, some at a time as they are read; `-` is what comes in. A UserError if it can't be read. */
export async function* readLines(file: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder()
  // A line may be in many pieces: joined once, at its end.
  let pieces: string[] = []
  try {
    for await (const bytes of unzipped(
      file === '-' ? process.stdin : createReadStream(file, { highWaterMark: chunkSize }),
    )) {
      const [first = '', ...lines] = decoder.decode(bytes, { stream: true }).split('\n')
      pieces.push(first)
      const last = lines.pop()
      if (last === undefined) continue
      yield [pieces.join(''), ...lines]
      pieces = [last]
    }
  } catch (error) {
    throw unreadable(inputName(file), error)
  }
  yield [pieces.join('')]
}

export function inputName(file: string): string {
  return file === '-' ? 'standard input' : file
}

async function* unzipped(source: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.done) return
  const all = prepended(first.value, chunks)
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b
  // What goes wrong is thrown by the last stream, too.
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
