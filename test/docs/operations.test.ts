import { describe, expect, it } from 'vitest'
import { alarms } from '../../infra/aws/template/alarms.ts'
import { openMetrics } from '../../lib/app/health/metrics.ts'
import type { OutcomeName, Rejected, Sent, Skipped, UndeliveredWhy } from '../../lib/core/outcome.ts'
import type { Measured } from '../../lib/pipeline/ports.ts'
import { cli } from '../cli/spawn.ts'
import { diverting, onDemand } from '../infra/watch-inputs.ts'
import { firstColumn, pages, pageText, sectionOf } from './pages.ts'

const page = 'docs/operations.md'

// The compiler keeps these lists complete; the tests compare them with the page.
const outcomes: Record<OutcomeName, true> = {
  sent: true,
  skipped: true,
  pending: true,
  returned: true,
  rejected: true,
}
const sent: Record<Sent['why'], true> = {
  shown: true,
  updated: true,
  'already covered': true,
  'shown as plain text': true,
  'shown without thread': true,
  'possibly repeated': true,
}
const skipped: Record<Skipped['why'], true> = {
  'already shown': true,
  'ended before': true,
  'dropped by rule': true,
  muted: true,
  'below atLeast': true,
  recovery: true,
}
const rejected: Record<Rejected['why'], true> = {
  empty: true,
  'not base64': true,
  'not UTF-8': true,
  'not JSON': true,
  'no EventValue': true,
  'EventValue not JSON': true,
  'not an Event': true,
  unreadable: true,
  'text refused': true,
}
const unshown: Record<UndeliveredWhy, true> = {
  throttled: true,
  'quiet hours': true,
  'rate limit': true,
  'next sweep': true,
  'cool-down': true,
  leased: true,
  'message gone': true,
  deadline: true,
  'retry later': true,
  unreachable: true,
  'Telegram error': true,
  unknown: true,
  'target broken': true,
  refused: true,
  'token refused': true,
  'state unavailable': true,
  behind: true,
}
const cloudWatch: Record<keyof Measured, true> = {
  Records: true,
  Sent: true,
  Skipped: true,
  Pending: true,
  Rejected: true,
  Returned: true,
  OldestSent: true,
  PendingIncidents: true,
  OldestPending: true,
  Requests: true,
  Edits: true,
  RateLimited: true,
  PossibleRepeats: true,
}

describe('docs/operations.md has each', () => {
  it.each([
    ['sent', sent],
    ['skipped', skipped],
    ['rejected', rejected],
    ['pending or returned', unshown],
    ['CloudWatch', cloudWatch],
  ])('%s, and no other', (heading, list) => {
    expect(firstColumn(sectionOf(page, heading)).sort()).toEqual(Object.keys(list).sort())
  })

  it('alarm, and no other', () => {
    const ids = new Set([diverting, onDemand].flatMap((input) => Object.keys(alarms(input).Resources)))
    const names = [...ids].map((id) => id.replace(/^NotifyEventSource.*[0-9a-f]{8}/, '…').replace(/Alarm$/, ''))
    const named = firstColumn(sectionOf(page, 'Alarms')).filter((name) => /^[…A-Z]/.test(name))
    expect(named.sort()).toEqual(names.sort())
  })

  it('outcome, and no other', () => {
    const [table = ''] = sectionOf(page, 'Outcomes').split('### ')
    expect(firstColumn(table).sort()).toEqual(Object.keys(outcomes).sort())
  })

  it('metric of the worker, and no other', async () => {
    const looked = { now: 0, isInGroup: true, lags: [], pending: undefined, slotsInUse: undefined }
    const text = await openMetrics('0.0.0').render(looked)
    const made = [...text.matchAll(/^# TYPE kube_eventer_telegram_(\w+)/gm)].map(([, name]) => name)
    const named = firstColumn(sectionOf(page, "The worker's health and metrics")).filter(
      (name) => !name.startsWith('/'),
    )
    expect(named.map((name) => name.replace(/\{.*/, '')).sort()).toEqual(made.sort())
  })
})

describe('commands', async () => {
  const { stdout } = await cli(['--help'])
  const [, list = ''] = /^Usage:[^\n]*\n\n((?: {2}\S.*\n)+)/.exec(stdout) ?? []
  const commands = [...list.matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help')
  const helps = new Map(
    await Promise.all(commands.map(async (name) => [name, (await cli([name, '--help'])).stdout] as const)),
  )

  it('are those of the program', () => {
    expect(commands.length).toBeGreaterThan(5)
    expect(firstColumn(sectionOf(page, 'Commands')).sort()).toEqual(commands.sort())
  })

  it.each(pages)('have the options that %s names', (name) => {
    const used = [...pageText(name).matchAll(/^[^#\n]*\bkube-eventer-telegram ([a-z-]+) ([^#`\n]*)/gm)]
    for (const [line, command = '', rest = ''] of used) {
      if (!helps.has(command)) continue
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(helps.get(command), line).toContain(option)
    }
  })
})
