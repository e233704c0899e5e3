import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  fuseMagic,
  type Kernel,
  type Mount,
  mountOf,
  networkFileSystemAt,
  networkFileSystemOf,
  ninePMagic,
} from '../../../lib/adapters/store/network-file-system.ts'
import { openFile } from '../../../lib/adapters/store/sqlite-file.ts'
import { StateUnavailable } from '../../../lib/pipeline/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'file-system-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'state.db')

const kernel = (magic: number, mounts = ''): Kernel => ({ magicOf: () => magic, readMounts: () => mounts })

describe('a network file system', () => {
  it.each<[string, number, Mount | undefined, string | undefined]>([
    ['NFS', 0x6969, undefined, 'NFS'],
    ['SMB 1', 0x517b, undefined, 'SMB'],
    ['SMB 2', 0xfe534d42, undefined, 'SMB'],
    ['SMB 2 as a signed number', 0xfe534d42 | 0, undefined, 'SMB'],
    ['CIFS', 0xff534d42, undefined, 'CIFS'],
    ['Ceph', 0x00c36400, undefined, 'Ceph'],
    ['AFS', 0x5346414f, undefined, 'AFS'],
    ['AFS of the kernel', 0x6b414653, undefined, 'AFS'],
    ['Lustre', 0x0bd00bd0, undefined, 'Lustre'],
    ['a folder of VirtualBox', 0x786f4256, undefined, 'vboxsf'],
    ['minikube mount', ninePMagic, { type: '9p', options: 'rw,dfltgid=0,port=41121,trans=tcp,version=9p2000.L' }, '9p'],
    ['9p of gVisor', ninePMagic, { type: '9p', options: 'rw,trans=fd,rfdno=4,wfdno=4' }, undefined],
    ['9p without a mount entry', ninePMagic, undefined, undefined],
    ['GlusterFS', fuseMagic, { type: 'fuse.glusterfs', options: 'rw' }, 'fuse.glusterfs'],
    ['sshfs', fuseMagic, { type: 'fuse.sshfs', options: 'rw' }, 'fuse.sshfs'],
    ['a disk through FUSE', fuseMagic, { type: 'fuseblk', options: 'rw' }, undefined],
    ['virtiofs', fuseMagic, { type: 'virtiofs', options: 'rw' }, undefined],
    ['FUSE without a mount entry', fuseMagic, undefined, undefined],
    ['ext4', 0xef53, undefined, undefined],
    ['xfs', 0x58465342, undefined, undefined],
    ['btrfs', 0x9123683e, undefined, undefined],
    ['overlayfs', 0x794c7630, undefined, undefined],
    ['tmpfs', 0x01021994, undefined, undefined],
    ['zfs', 0x2fc12fc1, undefined, undefined],
    ['an unknown file system', 0x12345678, undefined, undefined],
  ])('%s', (_, magic, mount, name) => {
    expect(networkFileSystemOf(magic, mount)).toBe(name)
  })

  it('is found by the innermost mount of a path', () => {
    const mounts = [
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '30 22 0:40 / /data rw - ext4 /dev/vdb rw',
      '31 30 0:41 / /data rw,relatime shared:7 master:2 - 9p 192.168.49.1 rw,trans=tcp,port=41121',
      '32 22 0:42 / /with\\040space rw - fuse.sshfs host:/ rw',
      '',
    ].join('\n')
    expect(mountOf('/data/state.db', mounts)).toEqual({ type: '9p', options: 'rw,trans=tcp,port=41121' })
    expect(mountOf('/data', mounts)?.type).toBe('9p')
    expect(mountOf('/database/state.db', mounts)?.type).toBe('ext4')
    expect(mountOf('/with space/state.db', mounts)?.type).toBe('fuse.sshfs')
    expect(mountOf('/data/state.db', '')).toBeUndefined()
    expect(networkFileSystemAt(file, kernel(ninePMagic, `1 1 0:1 / ${folder} rw - 9p h rw,trans=tcp`), 'linux')).toBe(
      '9p',
    )
  })

  it('is not assumed if the kernel does not tell', () => {
    const broken: Kernel = {
      magicOf: () => {
        throw new Error('ENOSYS')
      },
      readMounts: () => '',
    }
    expect(networkFileSystemAt(file, broken, 'linux')).toBeUndefined()
    expect(networkFileSystemAt(join(folder, 'missing', 'state.db'), kernel(0x6969), 'linux')).toBeUndefined()
    expect(networkFileSystemAt(file, kernel(0x6969), 'darwin')).toBeUndefined()
  })
})

describe('the file of a store', () => {
  it('is created on a local disk', () => {
    expect(networkFileSystemAt(file)).toBeUndefined()
    openFile(file).close()
    expect(networkFileSystemAt(file)).toBeUndefined()
  })

  it('is refused on a network file system with a remedy', () => {
    const name = join(folder, 'other.db')
    const open = () => openFile(name, (path) => networkFileSystemAt(path, kernel(0x6969), 'linux'))
    expect(open).toThrow(
      `cannot store state in ${name}: the file is on a network file system (NFS), where SQLite's locks do not work. Use a local disk, a volume of a block-storage class, or STATE=dynamodb:<table>`,
    )
    expect(open).not.toThrow(StateUnavailable)
    expect(() => openFile(name).close()).not.toThrow()
  })
})
