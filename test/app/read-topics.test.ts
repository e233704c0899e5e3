import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../lib/adapters/clock.ts'
import { openStore } from '../../lib/app/open-store.ts'
import { openReadTopics } from '../../lib/app/read-topics.ts'
import { StateUnavailable } from '../../lib/pipeline/ports.ts'
import { temporaryFolder } from '../cli/spawn.ts'

const hour = 3_600_000

async function openSqlite() {
  const file = join(temporaryFolder(), 'state.db')
  let now = 0
  const clock = { ...systemClock, now: () => now }
  const store = await openStore({ kind: 'sqlite', file }, { clock })
  onTestFinished(() => store.close())
  const open = (group: string) => openReadTopics(group, async () => store, clock)
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { store, open, pass }
}

test('what a group has read is known to another process, and of another group it is not', async () => {
  const { open } = await openSqlite()
  await open('mine').add(['events', 'more'])
  expect(await open('mine').among(['events', 'others', 'more'])).toEqual(new Set(['events', 'more']))
  expect(await open('yours').among(['events'])).toEqual(new Set())
})

test('it is known for as long as the group reads, and for a week after that', async () => {
  const { open, pass } = await openSqlite()
  const topics = open('mine')
  for (let hours = 0; hours < 24 * 8; hours += 1) {
    await topics.add(['events'])
    pass(hour)
  }
  pass(6 * 24 * hour)
  expect(await open('mine').among(['events'])).toEqual(new Set(['events']))
  pass(2 * 24 * hour)
  expect(await open('mine').among(['events'])).toEqual(new Set())
})

test('without the state nothing is known, and that is no answer; what could not be kept is kept later', async () => {
  const { store } = await openSqlite()
  let isThere = false
  const state = async () => {
    if (!isThere) throw new StateUnavailable('a test')
    return store
  }
  const topics = openReadTopics('mine', state, systemClock)
  await expect(topics.among(['events'])).rejects.toThrow('the state is not available')
  await topics.add(['events'])
  isThere = true
  await topics.add(['events'])
  expect(await topics.among(['events'])).toEqual(new Set(['events']))
})
