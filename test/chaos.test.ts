import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { apply } from '../lib/incident/apply.ts'
import type { Incident } from '../lib/incident/incident.ts'
import { mostAcceptedIn } from '../lib/standin/journal.ts'
import { openStore } from '../lib/state/open.ts'
import { chatId } from './support/app.ts'
import { type Aftermath, afterChaos } from './support/chaos.ts'
import { changesOf, renderer } from './support/incidents.ts'
import { lastingText } from './support/records.ts'
import { textOf } from './support/rights.ts'

// More of them with SEEDS=200; one of them alone with -t 'seed 17:'.
const seeds = Array.from({ length: Number(process.env.SEEDS ?? 12) }, (_, index) => index + 1)
const mark = '↻ possibly repeated\n'

it.each(seeds)(
  'seed %i: whatever happens, in the end all is shown, nothing is owed or doubled, and no limit was exceeded',
  async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), 'chaos-'))
    const file = join(folder, 'state.db')
    const newState = async () => ({
      environment: { STATE: `sqlite:${file}` },
      remove: async () => rmSync(folder, { recursive: true }),
    })
    await afterChaos(seed, newState, async (aftermath) => {
      await expectAllShown(aftermath, file)
      expectNothingDoubled(aftermath)
      expectLimitsKept(aftermath)
    })
  },
  60_000,
)

/** What is written is merged, and each incident's living message shows exactly what its state says. */
async function expectAllShown({ standin, clock, events }: Aftermath, file: string) {
  const store = await openStore({ kind: 'sqlite', file }, { clock })
  const changes = changesOf(events, 'test')
  const incidents = await store.readIncidents(changes.map(({ key }) => key))
  const owed = await store.countOwed()
  store.close()
  expect(owed).toMatchObject({ count: 0 })
  for (const change of changes) {
    const incident = incidents.get(change.key) as Incident
    const { shown, generation, merged } = incident
    const { body } = apply(change, undefined, renderer, clock.now())
    expect(merged.lastAt).toBe(body.merged.lastAt)
    // An incident that has not ended in between has forgotten nothing.
    if (generation === 1) expect(textOf(incident)).toBe(textOf(body))
    if (incident.refused === renderer.text(incident).hash) continue
    const message = standin.messages(chatId).find(({ id }) => id === shown?.messageId)
    expect(lastingText(message?.text ?? '')).toBe((shown?.isRepeat ? mark : '') + textOf(incident))
  }
}

/** Without a mark each message is there once, and none ever goes back. */
function expectNothingDoubled({ standin, rights }: Aftermath) {
  const messages = standin.messages(chatId)
  const unmarked = messages.flatMap(({ revisions: [first] }) =>
    first && !first.text.startsWith(mark) ? rights.sends.get(lastingText(first.text)) : [],
  )
  expect(unmarked).toEqual([...new Set(unmarked)])
  expect(unmarked).not.toContain(undefined)
  for (const { revisions } of messages) {
    const totals = revisions.flatMap(({ text }) => /×([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '') ?? []).map(Number)
    expect(totals).toEqual(totals.toSorted((a, b) => a - b))
  }
}

/** Telegram's limits by its own counting, and what a process was told, or could read, when it asked. */
function expectLimitsKept({ standin: { journal }, rights: { broken, requests } }: Aftermath) {
  expect(mostAcceptedIn(journal, chatId, 60_000)).toBeLessThanOrEqual(20)
  expect(broken).toEqual([])
  for (const { at, endedAt, description = '' } of journal.filter(({ status }) => status === 429)) {
    const until = endedAt + 1_000 * Number(/retry after (\d+)/.exec(description)?.[1])
    const told = requests.find((request) => request.at === at)?.lane
    expect(requests.filter(({ lane, at: later }) => lane === told && later > at && later < until)).toEqual([])
  }
}
