import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { bareEnvironment, root } from './service.ts'

const notCopied = new Set(['.git', '.venv', '.serverless', '.esbuild', '.bench', '.demo', '.kafka', 'node_modules'])

/** A folder with this project as it is now. A CLI that runs in it does not change the build folders of another one. */
export function cloneProject(): string {
  const folder = mkdtempSync(join(bareEnvironment.HOME, 'clone-'))
  const isCopied = (path: string) => !notCopied.has(relative(root, path)) && relative(root, path) !== 'settings.yml'
  cpSync(root, folder, { recursive: true, filter: isCopied })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
