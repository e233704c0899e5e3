import { promisify } from 'node:util'
import { constants, unzip, zstdDecompress } from 'node:zlib'
import snappy from 'kafkajs-snappy'

/** The records of a batch, or why they can't be had, in words. `bytes` is how much memory that took. */
export type Unpacked = { records: Buffer } | { problem: string; bytes: number }

interface Codec {
  name: string
  /** Rejects with ERR_BUFFER_TOO_LARGE for what would be longer. */
  unpack?: (packed: Buffer, mostBytes: number) => Promise<Buffer>
}

// A zstd frame may ask for as much memory as its window, whatever is in it. 2^25 are 32 MB; only what was compressed at a level above 19 asks
// for more.
const mostWindowBits = 25

/** By their numbers in the head of a batch. For lz4 there are only addons to build. */
const codecs: Record<number, Codec> = {
  1: { name: 'gzip', unpack: (packed, maxOutputLength) => promisify(unzip)(packed, { maxOutputLength }) },
  2: { name: 'snappy', unpack: unpackSnappy },
  3: { name: 'lz4' },
  4: {
    name: 'zstd',
    unpack: (packed, maxOutputLength) =>
      promisify(zstdDecompress)(packed, {
        maxOutputLength,
        params: { [constants.ZSTD_d_windowLogMax]: mostWindowBits },
      }),
  },
}

/** Total: whatever is in `packed`, no more than `mostBytes` come of it. */
export async function unpack(packed: Buffer, codecNumber: number, mostBytes: number): Promise<Unpacked> {
  const most = `more than ${mostBytes / 1_048_576} MB`
  if (codecNumber === 0) return packed.length > mostBytes ? { problem: most, bytes: 0 } : { records: packed }
  const codec = codecs[codecNumber]
  if (!codec) return { problem: `compressed with codec ${codecNumber}, which nobody knows`, bytes: 0 }
  if (!codec.unpack) return { problem: `compressed with ${codec.name}, which this program cannot read`, bytes: 0 }
  try {
    return { records: await codec.unpack(packed, mostBytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') return { problem: `${most} when it is unpacked`, bytes: mostBytes }
    const isOfLargeWindow = code === 'ZSTD_error_frameParameter_windowTooLarge'
    const problem = isOfLargeWindow
      ? 'needs more memory to unpack than this program gives it: compress it with zstd at a level up to 19'
      : `its ${codec.name} data is damaged (${message})`
    return { problem, bytes: packed.length }
  }
}

/** Its own library makes room for whatever length is claimed, and copies all that it has for each block. */
async function unpackSnappy(packed: Buffer, mostBytes: number): Promise<Buffer> {
  const blocks = isFramed(packed) ? blocksOf(packed) : [packed]
  const claimed = blocks.reduce((sum, block) => sum + claimedLength(block), 0)
  if (claimed > mostBytes) throw Object.assign(new Error('too large'), { code: 'ERR_BUFFER_TOO_LARGE' })
  const { decompress } = snappy()
  return Buffer.concat(await Promise.all(blocks.map(decompress)))
}

// The form in which Java's producers write it: a head, and blocks with their lengths.
const frameHead = Buffer.from([130, 83, 78, 65, 80, 80, 89, 0])
const blocksAt = 16

function isFramed(packed: Buffer): boolean {
  return packed.subarray(0, frameHead.length).equals(frameHead)
}

function blocksOf(packed: Buffer): Buffer[] {
  const blocks: Buffer[] = []
  for (let at = blocksAt; at < packed.length; ) {
    const size = packed.readUInt32BE(at)
    const block = packed.subarray(at + 4, at + 4 + size)
    if (block.length < size || isFramed(block)) throw new Error('a block has no end')
    blocks.push(block)
    at += 4 + size
  }
  return blocks
}

/** The number at the beginning of a block, seven bits in each byte. */
function claimedLength(block: Buffer): number {
  let length = 0
  for (const [index, byte] of block.subarray(0, 5).entries()) {
    length += (byte & 127) * 128 ** index
    if (byte < 128) return length
  }
  throw new Error('a block has no length')
}
