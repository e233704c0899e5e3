import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A cgroup with the memory of a Lambda function. */
export interface Cgroup {
  /** Moves a process with all of its threads into the cgroup. Memory that it allocated before is not counted. */
  add(pid: number): void
  /** Limits its processes to this share of one CPU. */
  slowTo(cpuShare: number): void
  close(): void
}

/** The share of a CPU that comes with a function's memory: one CPU with 1,769 MB (Lambda Developer Guide, Configure function memory). */
export function cpuShareOf(megabytes: number): number {
  return megabytes / 1_769
}

/** Undefined if this process cannot create one: that needs root and writable cgroups. */
export function openCgroup(megabytes: number): Cgroup | undefined {
  made += 1
  const name = `kube-eventer-telegram-${process.pid}-${made}`
  try {
    return existsSync(`${root}/cgroup.controllers`) ? openSecond(name, megabytes) : openFirst(name, megabytes)
  } catch {
    return undefined
  }
}

let made = 0
const root = '/sys/fs/cgroup'
const megabyte = 1_048_576
// Lambda schedules CPU in slices of about this length.
const periodMicroseconds = 20_000

/** cgroups version 1, with one tree for each controller. */
function openFirst(name: string, megabytes: number): Cgroup {
  const folders = { memory: join(root, 'memory', name), cpu: join(root, 'cpu', name) }
  for (const folder of Object.values(folders)) mkdirSync(folder)
  writeFileSync(join(folders.memory, 'memory.limit_in_bytes'), String(megabytes * megabyte))
  return {
    ...opened(Object.values(folders)),
    slowTo(cpuShare) {
      writeFileSync(join(folders.cpu, 'cpu.cfs_period_us'), String(periodMicroseconds))
      writeFileSync(join(folders.cpu, 'cpu.cfs_quota_us'), String(Math.round(periodMicroseconds * cpuShare)))
    },
  }
}

/** cgroups version 2, with one tree. */
function openSecond(name: string, megabytes: number): Cgroup {
  const folder = join(root, name)
  writeFileSync(join(root, 'cgroup.subtree_control'), '+memory +cpu')
  mkdirSync(folder)
  writeFileSync(join(folder, 'memory.max'), String(megabytes * megabyte))
  return {
    ...opened([folder]),
    slowTo: (cpuShare) =>
      writeFileSync(join(folder, 'cpu.max'), `${Math.round(periodMicroseconds * cpuShare)} ${periodMicroseconds}`),
  }
}

function opened(folders: string[]): Omit<Cgroup, 'slowTo'> {
  return {
    add(pid) {
      for (const folder of folders) writeFileSync(join(folder, 'cgroup.procs'), String(pid))
    },
    close() {
      for (const folder of folders) rmdirSync(folder)
    },
  }
}
