import { readFileSync, realpathSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** A mounted file system, as in /proc/self/mountinfo. */
export interface Mount {
  /** For example `ext4`, `9p` or `fuse.sshfs`. */
  type: string
  /** For example `rw,trans=tcp,port=564`. */
  options: string
}

export interface Kernel {
  /** The type of the file system of a path: a number of linux/magic.h. */
  magicOf(path: string): number
  /** The text of /proc/self/mountinfo. */
  readMounts(): string
}

const linux: Kernel = {
  magicOf: (path) => statfsSync(path).type,
  readMounts: () => readFileSync('/proc/self/mountinfo', 'utf8'),
}

/** The network file system of a file, which need not exist yet. Undefined for other file systems and if the kernel does not tell. */
export function networkFileSystemAt(
  file: string,
  kernel: Kernel = linux,
  platform: string = process.platform,
): string | undefined {
  // Other systems use other numbers.
  if (platform !== 'linux') return undefined
  try {
    const path = existingPathOf(file)
    const magic = kernel.magicOf(path)
    const isAmbiguous = magic === ninePMagic || magic === fuseMagic
    return networkFileSystemOf(magic, isAmbiguous ? mountOf(path, kernel.readMounts()) : undefined)
  } catch {
    // The caller opens the file next, and then gets the error.
    return undefined
  }
}

// statfs(2) and linux/magic.h; the last four from the file systems' own sources, as in coreutils' stat.c.
const byMagic = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, 'vboxsf'],
])

// Both may be local: gVisor serves all files of a container over 9p, and ntfs-3g uses FUSE.
export const ninePMagic = 0x01021997
export const fuseMagic = 0x65735546
const networkFuse =
  /^fuse\.(glusterfs|sshfs|ceph|ceph-fuse|s3fs|gcsfuse|mountpoint-s3|blobfuse2?|juicefs|rclone|davfs|curlftpfs|moosefs|mfs|seaweedfs)$/

/** The name of a network file system. 9p and FUSE are network file systems only if `mount` says so. */
export function networkFileSystemOf(magic: number, mount?: Mount): string | undefined {
  const type = mount?.type ?? ''
  // `minikube mount` uses it for a folder of the host.
  if (magic === ninePMagic) return /(?:^|,)trans=tcp(?:,|$)/.test(mount?.options ?? '') ? '9p' : undefined
  if (magic === fuseMagic) return networkFuse.test(type) ? type : undefined
  // The number is signed on 32-bit systems.
  return byMagic.get(magic >>> 0)
}

/** The mount of a path (proc(5), mountinfo): the innermost one, and the last one of several at the same place. */
export function mountOf(path: string, mounts: string): Mount | undefined {
  let found: (Mount & { point: string }) | undefined
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = before
      .split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    const [type = '', , options = ''] = after.split(' ')
    if (point === undefined || !isWithin(path, point)) continue
    if (point.length >= (found?.point.length ?? 0)) found = { type, options, point }
  }
  return found && { type: found.type, options: found.options }
}

function isWithin(path: string, point: string): boolean {
  return path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`)
}

/** The file, or its folder if the file does not exist. */
function existingPathOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return realpathSync(dirname(file))
  }
}
