import { promisify } from 'node:util'
import { constants, unzip, zstdDecompress } from 'node:zlib'
import snappy from 'kafkajs-snappy'

/** A batch's decompressed records, or why they cannot be decompressed. `bytes` is how much memory the attempt took. */
export type Decompressed = { records: Buffer } | { problem: string; bytes: number }

interface Codec {
  name: string
  /** Rejects with ERR_BUFFER_TOO_LARGE if the result would be longer. */
  decompress?: (compressed: Buffer, mostBytes: number) => Promise<Buffer>
}

// A zstd frame may require memory for its whole window, however little it contains. 2^25 bytes are 32 MB; only levels above 19 require more.
const mostWindowBits = 25

/** By their number in the header of a batch. For lz4 there are only native packages. */
const codecs: Record<number, Codec> = {
  1: { name: 'gzip', decompress: (compressed, maxOutputLength) => promisify(unzip)(compressed, { maxOutputLength }) },
  2: { name: 'snappy', decompress: decompressSnappy },
  3: { name: 'lz4' },
  4: {
    name: 'zstd',
    decompress: (compressed, maxOutputLength) =>
      promisify(zstdDecompress)(compressed, {
        maxOutputLength,
        params: { [constants.ZSTD_d_windowLogMax]: mostWindowBits },
      }),
  },
}

/** Total: any input gives at most `mostBytes`, or a problem. */
export async function decompress(compressed: Buffer, codecNumber: number, mostBytes: number): Promise<Decompressed> {
  const most = `more than ${mostBytes / 1_048_576} MB`
  if (codecNumber === 0) return compressed.length > mostBytes ? { problem: most, bytes: 0 } : { records: compressed }
  const codec = codecs[codecNumber]
  if (!codec) return { problem: `compressed with unknown codec ${codecNumber}`, bytes: 0 }
  if (!codec.decompress) return { problem: `compressed with ${codec.name}, which this program cannot read`, bytes: 0 }
  try {
    return { records: await codec.decompress(compressed, mostBytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') return { problem: `${most} after decompression`, bytes: mostBytes }
    const isOfLargeWindow = code === 'ZSTD_error_frameParameter_windowTooLarge'
    const problem = isOfLargeWindow
      ? 'needs more memory to decompress than this program allows: compress it with zstd at a level up to 19'
      : `its ${codec.name} data is damaged (${message})`
    return { problem, bytes: compressed.length }
  }
}

/** kafkajs-snappy allocates any length that a block claims, and copies everything before it for each block; so this checks the lengths first. */
async function decompressSnappy(compressed: Buffer, mostBytes: number): Promise<Buffer> {
  const blocks = isFramed(compressed) ? blocksOf(compressed) : [compressed]
  const claimed = blocks.reduce((sum, block) => sum + claimedLength(block), 0)
  if (claimed > mostBytes) throw Object.assign(new Error('too large'), { code: 'ERR_BUFFER_TOO_LARGE' })
  const codec = snappy()
  return Buffer.concat(await Promise.all(blocks.map(codec.decompress)))
}

// Java's producers write a header, then blocks, each with its length.
const frameHeader = Buffer.from([130, 83, 78, 65, 80, 80, 89, 0])
const blocksAt = 16

function isFramed(compressed: Buffer): boolean {
  return compressed.subarray(0, frameHeader.length).equals(frameHeader)
}

function blocksOf(compressed: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = blocksAt; at < compressed.length; ) {
    const size = compressed.readUInt32BE(at)
    const block = compressed.subarray(at + 4, at + 4 + size)
    if (block.length < size || isFramed(block)) throw new Error('a block is cut off')
    blocks.push(block)
    at += 4 + size
  }
  return blocks
}

/** The decompressed length at the start of a block, seven bits in each byte. */
function claimedLength(block: Buffer): number {
  let length = 0
  for (const [index, byte] of block.subarray(0, 5).entries()) {
    length += (byte & 127) * 128 ** index
    if (byte < 128) return length
  }
  throw new Error('a block has no length')
}
