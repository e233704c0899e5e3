import { expect, it } from 'vitest'
import { StateUnavailable, type Store } from '../../../lib/pipeline/ports.ts'
import { openApps, textsIn } from '../../support/crashes.ts'
import { nameOf, pod } from '../../support/pods.ts'
import { at, minutes, pass } from '../../support/rules.ts'

const { start, newFolder } = openApps()
const hour = 3_600_000

const oncall = { id: -1001, type: 'supergroup' as const, title: 'oncall', state: 'kicked' as const }
const ops = { id: -1002, type: 'supergroup' as const, title: 'ops' }

it('incidents that a chat refuses for a day become one line, however often it was probed', {
  timeout: 60_000,
}, async () => {
  const rules = '{ defaults: false, targets: { oncall: -1001, ops: -1002 }, routes: [{ to: oncall }], fallback: ops }'
  const app = await start({ rules, chats: [{ ...oncall }, ops] })
  await app.notify(Array.from({ length: 12 }, (_, number) => at(app, number, pod(nameOf(number)))))
  for (let sweeps = 0; sweeps < 12 * 30; sweeps += 1) {
    await app.sweep()
    await minutes(app, 5)
  }
  expect(textsIn(app, -1002).filter((text) => text.includes('NotDelivered'))).toEqual([expect.stringContaining('×12')])
  expect((await app.sweep()).pending).toBe(0)
})

it('incidents that are pending for a removed target that refuses become one line after a day', {
  timeout: 60_000,
}, async () => {
  const folder = newFolder()
  const before = await start({ targets: ['-1001'], chats: [{ ...oncall }, ops] }, folder)
  await before.notify([0, 1, 2].map((number) => at(before, number, pod(nameOf(number)))))
  const after = await start({ targets: ['-1002'], beside: before }, folder)
  for (let sweeps = 0; sweeps < 12 * 30; sweeps += 1) {
    await after.sweep()
    await minutes(after, 5)
  }
  expect(textsIn(after, -1002)).toEqual([expect.stringContaining('×3')])
  expect((await after.sweep()).pending).toBe(0)
})

it('the line counts each incident once, even if the store fails while they are given up', async () => {
  const folder = newFolder()
  const chats = [ops, { id: -1003, type: 'supergroup' as const, title: 'oncall' }]
  const rules = (name: string) => `{ defaults: false, targets: { ${name}: -1003 }, routes: [{ to: ${name} }] }`
  const before = await start({ rules: rules('oncall'), targets: ['-1002'], chats }, folder)
  await before.notify(
    Array.from({ length: 40 }, (_, number) => at(before, number, pod(nameOf(number)))),
    11_000,
  )
  let left = Number.POSITIVE_INFINITY
  const after = await start(
    {
      ...{ rules: rules('ops'), targets: ['-1002'], beside: before },
      decorate: (store): Store => {
        const { saveBody } = store
        const failing: typeof saveBody = (key, body, ...words) => {
          if (body.identity.target === 'oncall') left -= 1
          return left < 0 ? Promise.reject(new StateUnavailable('a test')) : saveBody(key, body, ...words)
        }
        return { ...store, saveBody: failing }
      },
    },
    folder,
  )
  await after.clock.sleep(24 * hour + 60_000)
  left = 16
  await after.sweep()
  left = Number.POSITIVE_INFINITY
  await pass(5, after)
  expect(textsIn(after, -1002)).toEqual([expect.stringContaining('×40')])
})

it('a process whose clock is a day ahead gives up no pending incident', async () => {
  const folder = newFolder()
  const app = await start({ targets: ['-1001'], chats: [{ ...oncall }, ops] }, folder)
  await app.notify([0, 1].map((number) => at(app, number, pod(nameOf(number)))))
  await minutes(app, 2)
  const ahead = { ...app.clock, now: () => app.clock.now() + 24 * hour }
  const wrong = await start({ targets: ['-1001'], beside: { ...app, clock: ahead } }, folder)
  await wrong.sweep()
  delete app.emulator.chats.get(-1001)?.setup.state
  await pass(10, app)
  expect(textsIn(app, -1001)).toHaveLength(2)
})
