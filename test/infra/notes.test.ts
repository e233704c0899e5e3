import { expect, it } from 'vitest'
import { releaseNotes } from '../../infra/release/notes.ts'

const changelog = `# Changelog

## [Unreleased]

- not yet

## [1.2.3] - 2026-11-28

### Added

- a thing

## [1.2.2] - 2026-11-01

- an older thing
`

it('the notes of a release are its section of the changelog', () => {
  expect(releaseNotes('v1.2.3', '1.2.3', changelog)).toEqual({ text: '### Added\n\n- a thing\n' })
  expect(releaseNotes('v1.2.2', '1.2.2', changelog)).toEqual({ text: '- an older thing\n' })
})

it.each([
  ['v1.2.4', '1.2.3', 'the tag must be v1.2.3, the version in package.json, not v1.2.4'],
  [undefined, '1.2.3', 'the tag must be v1.2.3, the version in package.json, not undefined'],
  ['v1.3.0', '1.3.0', 'CHANGELOG.md has no text under "## [1.3.0]"'],
  ['v1.2', '1.2', 'CHANGELOG.md has no text under "## [1.2]"'],
])('the tag %s with version %s is refused', (tag, version, problem) => {
  expect(releaseNotes(tag, version, changelog)).toEqual({ problem })
})
