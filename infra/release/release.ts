// npm run release: makes the folder release/ with what people without the Serverless Framework deploy (docs/aws-without-serverless.md).
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { checksumOf, copyArchives, packagedStage, packageService } from './package.ts'
import type { Kind } from './parameters.ts'
import { makeSbom } from './sbom.ts'
import { type Packaged, releasedTemplate } from './template.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The template of each kind of source. */
export const templateNames: Record<Kind, string> = {
  msk: 'kube-eventer-telegram-msk.template.yaml',
  'self-managed': 'kube-eventer-telegram-self-managed.template.yaml',
}

/** Makes the folder anew. The same commit always yields the same files. */
export function makeRelease(folder: string): void {
  const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { archives, dynamodb } = packageService(root, [], (packaged) => ({
    archives: copyArchives(packaged, folder),
    dynamodb: resourcesIn(packaged),
  }))
  const memory = packageService(root, ['state=memory'], resourcesIn)
  for (const [kind, name] of Object.entries(templateNames))
    write(folder, name, toYaml(releasedTemplate(kind as Kind, { dynamodb, memory }, packagedStage, version)))
  write(folder, 'sbom.cdx.json', `${JSON.stringify(makeSbom(root, archives), null, 2)}\n`)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  write(folder, 'SHA256SUMS', checksums(folder))
}

function resourcesIn(packaged: string): Packaged['memory'] {
  const file = join(packaged, 'cloudformation-template-update-stack.json')
  return JSON.parse(readFileSync(file, 'utf8')).Resources
}

/** CloudFormation reads YAML 1.1, in which more texts need quotes, for example "yes" and dates. */
function toYaml(template: object): string {
  return stringify(template, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

/** As `sha256sum --check` reads them. */
function checksums(folder: string): string {
  return readdirSync(folder)
    .sort()
    .map((name) => `${checksumOf(readFileSync(join(folder, name)))}  ${name}\n`)
    .join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(root, 'release')
  makeRelease(folder)
  process.stdout.write(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'))
}
