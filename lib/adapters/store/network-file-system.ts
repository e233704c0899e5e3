import { readFileSync, realpathSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** A mounted file system, as the kernel names it. */
export interface Mount {
  /** As `ext4`, `9p` or `fuse.sshfs`. */
  type: string
  /** As `rw,trans=tcp,port=564`. */
  options: string
}

export interface Kernel {
  /** What kind of file system a path lies on: a number of linux/magic.h. */
  magicOf(path: string): number
  /** The text of /proc/self/mountinfo. */
  readMounts(): string
}

const linux: Kernel = {
  magicOf: (path) => statfsSync(path).type,
  readMounts: () => readFileSync('/proc/self/mountinfo', 'utf8'),
}

/** The network file system on which a file lies or would lie; undefined where it is another one, or nobody can tell. */
export function networkFileSystemAt(
  file: string,
  kernel: Kernel = linux,
  platform: string = process.platform,
): string | undefined {
  // Elsewhere the numbers mean something else.
  if (platform !== 'linux') return undefined
  try {
    const path = placeOf(file)
    const magic = kernel.magicOf(path)
    const isAmbiguous = magic === ninePMagic || magic === fuseMagic
    return networkFileSystemOf(magic, isAmbiguous ? mountOf(path, kernel.readMounts()) : undefined)
  } catch {
    // Whoever opens the file is told what is wrong with it.
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

// Both may also lead to a local disk: gVisor gives all of a container's files through 9p, and ntfs-3g is FUSE.
export const ninePMagic = 0x01021997
export const fuseMagic = 0x65735546
const fuseOfNetworks =
  /^fuse\.(glusterfs|sshfs|ceph|ceph-fuse|s3fs|gcsfuse|mountpoint-s3|blobfuse2?|juicefs|rclone|davfs|curlftpfs|moosefs|mfs|seaweedfs)$/

/** Its name if it is certainly one; `mount` counts where the number alone leaves it open. */
export function networkFileSystemOf(magic: number, mount?: Mount): string | undefined {
  const type = mount?.type ?? ''
  // What `minikube mount` makes of a folder of the host.
  if (magic === ninePMagic) return /(?:^|,)trans=tcp(?:,|$)/.test(mount?.options ?? '') ? '9p' : undefined
  if (magic === fuseMagic) return fuseOfNetworks.test(type) ? type : undefined
  // Signed where the kernel's word has 32 bits.
  return byMagic.get(magic >>> 0)
}

/** The mount that a path lies in (proc(5), mountinfo): the innermost, and of those that hide one another the last. */
export function mountOf(path: string, mounts: string): Mount | undefined {
  let found: (Mount & { point: string }) | undefined
  for (const line of mounts.split('\n')) {
    const [before = '', behind = ''] = line.split(' - ')
    const point = before
      .split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    const [type = '', , options = ''] = behind.split(' ')
    if (point === undefined || !liesIn(path, point)) continue
    if (point.length >= (found?.point.length ?? 0)) found = { type, options, point }
  }
  return found && { type: found.type, options: found.options }
}

function liesIn(path: string, point: string): boolean {
  return path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`)
}

/** The file itself, or where it would be made. */
function placeOf(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return realpathSync(dirname(file))
  }
}
