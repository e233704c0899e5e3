import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stages } from '../../lib/cli/preview/gallery.ts'
import { decode } from '../../lib/core/event/decode.ts'
import { createRenderer } from '../../lib/core/message/render.ts'
import { en } from '../../lib/core/message/words/en.ts'
import { readRecording, recordingNames } from '../support/recordings.ts'
import { run, temporaryFolder } from './spawn.ts'

// Without a network: nothing but this machine can be reached through it.
const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' }

test('shows one card per reason and kind, first what the default rules show, and how a card grows', async () => {
  const { code, stdout, stderr } = await run('lib/cli/preview/preview.ts', [], noNetwork)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const page = readFileSync(new URL('../../.demo/preview.html', import.meta.url), 'utf8')
  expect(stdout).toContain('.demo/preview.html')

  const titles = [...page.matchAll(/<h1>(.*?)<\/h1>/g)].map(([, title]) => title)
  expect(titles).toEqual(['Critical', 'Warning', 'Info', 'Good', 'How a card grows', 'Suppressed by the rules'])

  const cards = kindsInRecordings().size + countStages()
  expect(page.match(/<article /g)).toHaveLength(cards)
  const captioned = /<p class="caption">[^<]+ · [\d,]+ characters<\/p><article /g
  expect(page.match(captioned)).toHaveLength(cards)
  expect(stdout).toContain(`${cards} cards: `)
  expect(stdout).toMatch(/longest: .+ · [\d,]+ characters\nmean: \d+ characters\n$/)

  // Markup in an event is escaped.
  expect(page).toContain('&#60;script&#62;alert(1)')
  expect(page).not.toMatch(/<script>alert|<img/)
})

test('says which languages there are', async () => {
  const { code, stderr } = await run('lib/cli/preview/preview.ts', [], { CARD_LANGUAGE: 'fr' })
  expect(code).toBe(1)
  expect(stderr).toContain('CARD_LANGUAGE')
})

test.each([
  ['a folder without the file', (folder: string) => folder],
  ['no folder', (folder: string) => join(folder, 'nowhere')],
])('says that CORPUS is %s', async (_, corpusOf) => {
  const { code, stdout, stderr } = await run('lib/cli/preview/preview.ts', [], { CORPUS: corpusOf(temporaryFolder()) })
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/real-events\.jsonl: no such file\n$/)
})

function kindsInRecordings(): Set<string> {
  const values = recordingNames().flatMap((name) => readRecording(name).map(({ value }) => value))
  const kinds = values.flatMap((value) => {
    const decoded = decode(value === null ? null : Buffer.from(value).toString('base64'))
    return 'event' in decoded ? JSON.stringify([decoded.event.reason, decoded.event.involvedObject.kind]) : []
  })
  return new Set(kinds)
}

function countStages(): number {
  const renderer = createRenderer({ timeZone: 'UTC', words: en })
  return stages(renderer, renderer, 'prod-eu').length
}
