import { describe, expect, it } from 'vitest'
import { mostAcceptedIn } from '../../../lib/emulator/journal.ts'
import { openApps, textsIn } from '../../support/crashes.ts'
import { again, nameOf, pod } from '../../support/pods.ts'
import { at, minutes, pass } from '../../support/rules.ts'

const { start, newFolder } = openApps()

describe('a group that was upgraded', () => {
  const setUp = () => [
    { id: -55, type: 'group' as const, title: 'Ops' },
    { id: -1007, type: 'supergroup' as const, title: 'Ops' },
  ]

  it.each(['', ':42'])(
    'and configured with its new id is the same target: no open incident is shown again (thread “%s”)',
    async (thread) => {
      const folder = newFolder()
      const chats = setUp().map((chat) =>
        thread === '' || chat.id === -55
          ? chat
          : { ...chat, threads: { 42: { title: 'alerts', state: 'open' as const } } },
      )
      const before = await start({ targets: [`-55${thread === '' ? '' : thread}`], chats }, folder)
      await before.notify([at(before, 0, pod(nameOf(0)))])
      const group = before.emulator.chats.get(-55)
      if (group) group.setup.migratedTo = -1007
      await minutes(before, 1)
      // Both come as new messages: the group's are out of reach.
      await before.notify([at(before, 1, again(nameOf(0), 5)), at(before, 2, pod(nameOf(1)))])
      expect(textsIn(before, -1007)).toHaveLength(2)
      expect(before.output.join()).toContain('set that in the configuration')

      const after = await start({ targets: [`-1007${thread}`], beside: before }, folder)
      await minutes(after, 1)
      await after.notify([
        at(after, 3, again(nameOf(0), 9)),
        at(after, 4, again(nameOf(1), 9)),
        at(after, 5, pod(nameOf(2))),
      ])
      await after.sweepUntilDelivered()
      const texts = textsIn(after, -1007)
      expect(texts).toHaveLength(3)
      expect(texts.slice(0, 2)).toEqual([expect.stringContaining('×9'), expect.stringContaining('×9')])
    },
  )

  it('has one rate limit under both ids', async () => {
    const folder = newFolder()
    const before = await start({ targets: ['-55'], chats: setUp(), isPaced: true }, folder)
    const group = before.emulator.chats.get(-55)
    if (group) group.setup.migratedTo = -1007
    await before.notify([at(before, 0, pod(nameOf(0)))])
    const after = await start({ targets: ['-1007'], beside: before }, folder)
    for (let number = 1; number < 25; number += 1)
      await (number % 2 === 0 ? before : after).notify([at(before, number, pod(nameOf(number)))])
    expect(mostAcceptedIn(before.emulator.journal, -1007, 60_000)).toBeLessThanOrEqual(20)
    expect(before.emulator.journal.filter(({ status }) => status === 429)).toEqual([])
    await after.sweepUntilDelivered()
    expect(textsIn(after, -1007)).toHaveLength(25)
  })
})

describe('a channel', () => {
  const chats = () => [{ id: -1009, type: 'channel' as const, title: 'Ops', username: '@alerts' }]

  it('that is configured by its name, then by its id, stays the same target', async () => {
    const folder = newFolder()
    const before = await start({ targets: ['@alerts'], chats: chats() }, folder)
    await before.notify([at(before, 0, pod(nameOf(0)))])
    const after = await start({ targets: ['-1009'], beside: before }, folder)
    await minutes(after, 1)
    await after.notify([at(after, 1, again(nameOf(0), 9))])
    await after.sweepUntilDelivered()
    expect(textsIn(after, -1009)).toEqual([expect.stringContaining('×9')])
  })

  it('that is made private, and configured by its id, gets its messages', async () => {
    const folder = newFolder()
    const before = await start({ targets: ['@alerts'], chats: chats() }, folder)
    await before.notify([at(before, 0, pod(nameOf(0)))])
    delete before.emulator.chats.get(-1009)?.setup.username
    const after = await start({ targets: ['-1009'], beside: before }, folder)
    await minutes(after, 1)
    await after.notify([at(after, 1, pod(nameOf(1))), at(after, 2, again(nameOf(0), 9))])
    await pass(3, after)
    expect(textsIn(after, -1009)).toEqual([expect.stringContaining('×9'), expect.anything()])
  })

  it('that is renamed gets its messages, and a channel that takes the old name does not', async () => {
    const folder = newFolder()
    const stranger = { id: -1008, type: 'channel' as const, title: 'Other' }
    const before = await start({ targets: ['@alerts'], chats: [...chats(), stranger] }, folder)
    await before.notify([at(before, 0, pod(nameOf(0)))])
    Object.assign(before.emulator.chats.get(-1009)?.setup ?? {}, { username: '@opsteam' })
    Object.assign(before.emulator.chats.get(-1008)?.setup ?? {}, { username: '@alerts' })
    const after = await start({ targets: ['@opsteam'], beside: before }, folder)
    for (const number of [1, 2, 3]) {
      await minutes(after, 1)
      await after.notify([at(after, number, pod(nameOf(number)))])
    }
    await pass(3, after)
    expect([textsIn(after, -1009).length, textsIn(after, -1008).length]).toEqual([4, 0])
  })

  it('that is two targets without names has one rate limit, even for incidents that were pending before that was known', async () => {
    const app = await start({ targets: ['@alerts', '-1009'], chats: chats(), isPaced: true })
    await app.notify(Array.from({ length: 40 }, (_, number) => at(app, number, pod(nameOf(number)))))
    const from = app.emulator.journal.length
    await minutes(app, 2)
    await pass(6, app)
    expect(app.emulator.journal.slice(from).filter(({ status }) => status === 429)).toEqual([])
  })

  it('has one rate limit even in a process that ran a sweep before that was known', async () => {
    const folder = newFolder()
    const rules = "{ defaults: false, targets: { a: '@alerts', b: '-1009' }, routes: [{ to: [a, b] }] }"
    const sweeper = await start({ rules, chats: chats(), isPaced: true }, folder)
    await sweeper.sweep()
    const app = await start({ rules, beside: sweeper, isPaced: true }, folder)
    await app.notify([at(app, 0, pod(nameOf(0)))])
    await minutes(app, 2)
    await app.notify(Array.from({ length: 40 }, (_, number) => at(app, number, pod(nameOf(number)))))
    const from = app.emulator.journal.length
    await minutes(app, 2)
    for (let sweeps = 0; sweeps < 4; sweeps += 1) await sweeper.sweep()
    expect(app.emulator.journal.slice(from).filter(({ status }) => status === 429)).toEqual([])
  })

  it.each([
    ['@alerts', -1009],
    [-1009, '@alerts'],
  ])('that is two targets, %s and %s, has one rate limit across batches', async (first, second) => {
    const rules = `{ defaults: false, targets: { a: '${first}', b: '${second}' }, routes: [{ to: [a, b] }] }`
    const app = await start({ rules, chats: chats(), isPaced: true })
    await app.notify([at(app, 0, pod(nameOf(0)))])
    await minutes(app, 1)
    const from = app.emulator.journal.length
    for (let batch = 0; batch < 5; batch += 1)
      await app.notify([1, 2, 3, 4].map((number) => at(app, 4 * batch + number, pod(nameOf(4 * batch + number)))))
    const journal = app.emulator.journal.slice(from)
    expect(journal.filter(({ status }) => status === 429)).toEqual([])
    expect(mostAcceptedIn(journal, -1009, 60_000)).toBeLessThanOrEqual(20)
    await app.sweepUntilDelivered()
    expect(textsIn(app, -1009)).toHaveLength(2 * 21)
  })
})

describe('a named target that moves while an incident is open', () => {
  const chats = () => [-1001, -1002].map((id) => ({ id, type: 'supergroup' as const, title: String(id) }))
  const rules = (chat: number) => `{ defaults: false, targets: { oncall: ${chat} }, routes: [{ to: oncall }] }`

  it('shows new events in its new chat, and the old message points there', async () => {
    const folder = newFolder()
    const before = await start({ rules: rules(-1001), chats: chats() }, folder)
    await before.notify([at(before, 0, pod(nameOf(0))), at(before, 1, pod(nameOf(1)))])
    const after = await start({ rules: rules(-1002), beside: before }, folder)
    await minutes(after, 1)
    await after.notify([at(after, 2, again(nameOf(0), 9))])
    await after.sweepUntilDelivered()
    expect(textsIn(after, -1002)).toEqual([expect.stringContaining('×9')])
    const [moved, quiet] = textsIn(after, -1001)
    expect(moved).toContain('↓ continues in a newer message')
    expect(quiet).not.toContain('↓')
    expect(await after.sweep()).toEqual({ pending: 0, retryAt: undefined })
  })

  it('from a chat that the bot has left leaves nothing pending, and the new chat is not marked as broken', async () => {
    const folder = newFolder()
    const before = await start({ rules: rules(-1001), chats: chats() }, folder)
    await before.notify([at(before, 0, pod(nameOf(0)))])
    const old = before.emulator.chats.get(-1001)
    if (old) old.setup.state = 'kicked'
    const after = await start({ rules: rules(-1002), beside: before }, folder)
    await minutes(after, 1)
    await after.notify([at(after, 1, again(nameOf(0), 9))])
    await pass(2, after)
    expect(textsIn(after, -1002)).toEqual([expect.stringContaining('×9')])
    expect(await after.sweep()).toEqual({ pending: 0, retryAt: undefined })
    await after.notify([at(after, 2, pod(nameOf(1)))])
    expect(textsIn(after, -1002)).toHaveLength(2)
  })
  it('waits as long as Telegram says, even if it says so for the old chat', async () => {
    const folder = newFolder()
    const before = await start({ rules: rules(-1001), chats: chats() }, folder)
    await before.notify([at(before, 0, pod(nameOf(0))), at(before, 1, pod(nameOf(1)))])
    const after = await start({ rules: rules(-1002), beside: before }, folder)
    await minutes(after, 1)
    await after.notify([at(after, 2, again(nameOf(0), 9)), at(after, 3, again(nameOf(1), 9))], 13_000)
    after.emulator.inject({ kind: 'too many requests', retryAfter: 70, chatId: -1001 })
    await after.sweepUntilDelivered()
    const refused = after.emulator.journal.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(1)
    const until = (refused[0]?.endedAt ?? 0) + 70_000
    expect(after.emulator.journal.filter(({ at: time }) => time > (refused[0]?.at ?? 0) && time < until)).toEqual([])
    expect(textsIn(after, -1001)).toEqual([expect.stringContaining('↓'), expect.stringContaining('↓')])
  })
})
