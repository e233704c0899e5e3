import { describe, expect, it } from 'vitest'
import type { TestApp } from '../support/app.ts'
import { crash, endsOf, openApps, startAt, textsIn } from '../support/crashes.ts'

const { start } = openApps()
const minute = 60
const pods = (number: number) => `web-7d9f8c6b5-${'bcdfghjklm'[number % 10]}${'bcdfghjklm'[Math.floor(number / 10)]}bbb`

/** A crash of this moment in which every time field has another time. */
function forged(number: number, time: string, text = 'forged', name = `forged-${number}`) {
  const fields = {
    metadata: { name, uid: name, resourceVersion: String(number) },
    message: `Back-off restarting failed container ${text}`,
    firstTimestamp: time,
    lastTimestamp: time,
    eventTime: time,
  }
  return crash(number, { fields })
}

const wait = ({ clock }: TestApp, seconds: number) => clock.sleep(seconds * 1_000)
const refused = ({ emulator }: TestApp) => emulator.journal.flatMap(({ description }) => description ?? [])

describe('forged events with times in the future', () => {
  const often = 'rules: [{ name: often, match: { reason: BackOff }, atLeast: 3, within: 10m }]'

  it.each(['2035-01-01', '9999-12-31'])('do not hide a real crash behind its threshold (%s)', async (day) => {
    const app = await start({ rules: often })
    const forgeries = Array.from({ length: 32 }, (_, second) =>
      forged(second, `${day}T00:00:${String(second).padStart(2, '0')}Z`, 'forged', 'forged'),
    )
    await app.notify(forgeries)
    for (let number = 0; number < 120; number += 1) {
      const pod = pods(number % 7)
      await app.notify([crash(100 + number, { at: number * 90, count: 1 + Math.floor(number / 7), pod })])
      await wait(app, 90)
    }
    expect(textsIn(app)).toEqual([expect.stringContaining('8 pods')])
  })

  it('do not reach a threshold by themselves', async () => {
    const app = await start({ rules: often })
    await app.notify(Array.from({ length: 32 }, (_, number) => forged(number, '2035-01-01T00:00:00Z')))
    expect(textsIn(app)).toEqual([])
  })

  it.each([6 * minute, 20 * minute, 400 * 24 * 60 * minute, 9 * 366 * 24 * 60 * minute])(
    'of %i seconds put no date and no link into a message',
    async (seconds) => {
      const app = await start()
      const time = new Date(startAt + seconds * 1_000).toISOString()
      await app.notify([forged(0, time, '@team https://evil.example')])
      await wait(app, 40 * minute)
      await app.notify([crash(1, { at: 40 * minute, count: 3 })])
      await app.sweepUntilDelivered()
      expect(textsIn(app)).toHaveLength(2)
      expect(textsIn(app)[0]).toContain('@team https://evil.example')
      expect(textsIn(app).join('\n')).not.toContain(
        time.slice(0, 10) === '2026-11-24' ? time.slice(11, 19) : time.slice(0, 10),
      )
      expect(refused(app)).toEqual([])
      for (const { entities } of app.emulator.messages()) expect(entities.map(({ type }) => type)).toContain('code')
    },
  )

  it('neither change the order of events nor end an incident', async () => {
    const app = await start()
    await app.notify([crash(0)])
    await app.notify([forged(1, '2035-01-01T00:00:00Z')])
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toHaveLength(1)
    expect(textsIn(app)[0]).not.toContain('forged')
    expect(textsIn(app)[0]).toContain('×2')
  })
})

describe('a node whose clock is ahead by ten minutes', () => {
  const ahead = (number: number, at: number, count: number) => crash(number, { at: at + 10 * minute, count })

  it.each([0, 11 * minute, 50 * minute])(
    'causes no change if its record is delivered again after %i seconds',
    async (seconds) => {
      const app = await start()
      const batch = [ahead(0, 0, 1), ahead(1, 20, 4)]
      await app.notify(batch)
      await app.sweepUntilDelivered()
      const texts = textsIn(app)
      const requests = app.emulator.journal.length
      await wait(app, seconds)
      for (const again of [batch, ...batch.map((one) => [one])]) await app.notify(again)
      await app.sweepUntilDelivered()
      expect(textsIn(app)).toEqual(texts)
      expect(app.emulator.journal).toHaveLength(requests)
      expect(endsOf(app).slice(2)).toEqual(Array.from({ length: 4 }, () => 'skipped: already shown'))
    },
  )

  it('causes no change if its record is delivered again after its incident ended and the next began', async () => {
    const app = await start()
    const batch = [ahead(0, 0, 1), ahead(1, 20, 4)]
    await app.notify(batch)
    await wait(app, 45 * minute)
    await app.notify([crash(2, { at: 45 * minute, count: 5 })])
    await app.sweepUntilDelivered()
    const texts = textsIn(app)
    expect(texts).toHaveLength(2)
    for (const again of [batch, ...batch.map((one) => [one])]) await app.notify(again)
    await app.sweepUntilDelivered()
    expect(textsIn(app)).toEqual(texts)
    expect(endsOf(app).slice(3)).toEqual(Array.from({ length: 4 }, () => 'skipped: ended before'))
  })

  it('causes a message without a time, and not marked as late', async () => {
    const app = await start()
    const fields = { firstTimestamp: '2026-11-22T00:00:00Z' }
    await app.notify([crash(0, { at: 10 * minute, count: 7, fields })])
    expect(endsOf(app)).toEqual(['sent: shown'])
    expect(textsIn(app)[0]).toContain('×7')
    expect(textsIn(app)[0]).not.toMatch(/2026|late/)
  })

  it('is reported in the log once per batch', async () => {
    const app = await start()
    await app.notify([ahead(0, 0, 1), ahead(1, 20, 4), crash(2, { pod: pods(1) })])
    await app.notify([crash(3, { pod: pods(2) })])
    await app.notify([ahead(4, 30, 5)])
    const check = 'dated more than 5 minutes in the future: check the clocks of the nodes and of this machine'
    expect(app.log.flatMap(({ level, message }) => (level === 'warn' ? [message] : []))).toEqual([
      `2 records are ${check}`,
      `1 record is ${check}`,
    ])
  })

  it('is trusted if it is ahead by less than five minutes', async () => {
    const app = await start()
    await app.notify([crash(0, { at: 299, count: 4 })])
    expect(textsIn(app)[0]).toContain('×4 in 5 min · 00:00 – 00:04')
    expect(app.log.filter(({ level }) => level === 'warn')).toEqual([])
  })
})
