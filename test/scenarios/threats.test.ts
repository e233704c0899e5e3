import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openApps } from '../support/crashes.ts'
import { linesBelow } from '../support/threats.ts'
import { can } from '../support/threats-can.ts'
import { cannotInChat } from '../support/threats-to-chat.ts'
import { cannotElsewhere } from '../support/threats-to-program.ts'

const apps = openApps()
const cannot = { ...cannotInChat, ...cannotElsewhere }

describe('a writer of events can', () => {
  it.each(Object.entries(can))('%s', (_, shows) => shows(apps))
})

describe("a writer of events can't", () => {
  it.each(Object.entries(cannot))('%s', (_, shows) => shows(apps))
})

describe('SECURITY.md', () => {
  const page = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8')
  it.each([
    ['What they can do', can],
    ["What they can't do", cannot],
  ])('%s: a test for each line, and a line for each test', (heading, threats) => {
    expect(linesBelow(heading, page)).toEqual(Object.keys(threats))
  })
})
