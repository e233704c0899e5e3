import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { run } from './spawn.ts'

// Without a network: nothing but this machine can be reached through it.
const noNetwork = { HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' }

describe('npm start', () => {
  test('shows a chat with growing incidents, and ends', async () => {
    const { code, stdout, stderr } = await run('lib/cli/demo.ts', [], noNetwork)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [, incidents, messages, edits] =
      /(\d+) incidents in (\d+) messages; \d+ requests to Telegram, including (\d+) edits/.exec(stdout) ?? []
    expect(Number(incidents)).toBeGreaterThanOrEqual(8)
    expect(Number(messages)).toBeLessThanOrEqual(20)
    expect(Number(edits)).toBeGreaterThan(20)
    expect(stdout).toContain('🔴')
    expect(stdout).not.toMatch(/refused by Telegram|still pending|still in Kafka/)
    expect(stdout).toContain('.demo/chat.html')
    expect(stdout).toContain('--to telegram')
    expect(readFileSync(new URL('../../.demo/chat.html', import.meta.url), 'utf8')).toContain('<nav id="stepper"')
  })

  test.each([
    ['test/batches/poison.json', 0, /rejected +3/],
    ['test/recordings/stub-growing.ndjson.gz', 0, /196 records/],
    ['nope.json', 1, /nope\.json: no such file/],
  ])('-- %s', async (file, expected, part) => {
    const { code, stdout, stderr } = await run('lib/cli/demo.ts', [file])
    expect(stdout + stderr).toMatch(part)
    expect(code).toBe(expected)
  })
})
