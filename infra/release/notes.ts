// npm run release:notes -- v1.2.3: prints the section of CHANGELOG.md for a tag. The workflow that publishes a release runs it.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export type Notes = { text: string } | { problem: string }

/** The section of a changelog (Keep a Changelog) for a tag, which must be the version of package.json. */
export function releaseNotes(tag: string | undefined, version: string, changelog: string): Notes {
  if (tag !== `v${version}`) return { problem: `the tag must be v${version}, the version in package.json, not ${tag}` }
  const [, section] = changelog.split(/^## /m).flatMap((part) => {
    const [, name, rest] = /^\[([^\]]+)\][^\n]*\n([\s\S]*)/.exec(part) ?? []
    return name === version ? [name, rest?.trim() ?? ''] : []
  })
  return section ? { text: `${section}\n` } : { problem: `CHANGELOG.md has no text under "## [${version}]"` }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const textOf = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
  const notes = releaseNotes(process.argv[2], JSON.parse(textOf('package.json')).version, textOf('CHANGELOG.md'))
  if ('text' in notes) process.stdout.write(notes.text)
  else {
    process.stderr.write(`${notes.problem}\n`)
    process.exitCode = 1
  }
}
