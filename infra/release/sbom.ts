import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A zip of a function. */
export interface Archive {
  fileName: string
  sha256: string
  /** The names of the source files in its bundle, as its source map lists them. */
  sources: string[]
}

interface Component {
  'bom-ref': string
  type: string
  name: string
  version: string
  purl: string
  licenses?: unknown[]
  hashes?: unknown[]
}

interface Bom {
  $schema: string
  bomFormat: string
  specVersion: string
  metadata: { component: Component }
  components: Component[]
}

/**
 * A software bill of materials (CycloneDX) of the zips: npm knows the packages that are installed, the source maps say which of them are in a
 * bundle. It has no time and no random serial number, so that the same commit yields the same file.
 */
export function makeSbom(root: string, archives: readonly Archive[]) {
  const { $schema, bomFormat, specVersion, metadata, components } = listInstalled(root)
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    readFileSync(`${root}/package-lock.json`, 'utf8'),
  )
  const refsOf = ({ sources }: Archive) => {
    const folders = new Set(sources.flatMap((source) => packageFolderOf(source) ?? []))
    return [...folders].map((folder) => `${nameOf(folder)}@${lock.packages[folder]?.version}`).sort()
  }
  const bundled = new Map(archives.map((archive) => [archive, refsOf(archive)]))
  const refs = [...new Set([...bundled.values()].flat())].sort()
  const { 'bom-ref': ref, version, purl, licenses } = metadata.component
  return {
    $schema,
    bomFormat,
    specVersion,
    version: 1,
    metadata: {
      component: { 'bom-ref': ref, type: 'application', name: ref.replace(/@[^@]+$/, ''), version, purl, licenses },
    },
    components: [
      ...archives.map(({ fileName, sha256 }) => ({
        'bom-ref': fileName,
        type: 'file',
        name: fileName,
        version,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
      })),
      ...refs.map((wanted) => componentOf(wanted, components)),
    ],
    dependencies: [
      { ref, dependsOn: archives.map(({ fileName }) => fileName) },
      ...archives.map((archive) => ({ ref: archive.fileName, dependsOn: bundled.get(archive) })),
    ],
  }
}

/** All packages of the lockfile. `--omit dev` would also omit those that a development tool needs as well. */
function listInstalled(root: string): Bom {
  const words = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only']
  return JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }))
}

function componentOf(ref: string, installed: readonly Component[]): Component {
  const found = installed.find((component) => component['bom-ref'] === ref)
  if (!found) throw new Error(`${ref} is in a bundle, but not in package-lock.json`)
  const { type, name, version, purl, licenses, hashes } = found
  return { 'bom-ref': ref, type, name, version, purl, ...(licenses && { licenses }), ...(hashes && { hashes }) }
}

/** `node_modules/a/node_modules/b` of a file in it; undefined for a file of this program. */
function packageFolderOf(source: string): string | undefined {
  const [folder] = /node_modules\/.*(?<=node_modules\/)(?:@[^/]+\/)?[^/]+/.exec(source) ?? []
  return folder
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
