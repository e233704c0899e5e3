import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../../lib/emulator/chats.ts'
import { endsOf, openApps } from '../../support/crashes.ts'
import { at, minutes, node } from '../../support/rules.ts'

const { start } = openApps()

describe('quiet hours', () => {
  // The clock begins at midnight.
  const rules = (action: string) => `
defaults: false
quiet: [{ from: 22:00, to: 07:00, zone: Europe/Berlin, action: ${action} }]`

  it('make messages silent', async () => {
    const app = await start({ rules: rules('silent') })
    await app.notify([at(app, 0)])
    await minutes(app, 7 * 60)
    await app.notify([at(app, 1, { involvedObject: { kind: 'Pod', namespace: 'shop', name: 'other' } })])
    expect(app.emulator.messages().map(({ isSilent }: ChatMessage) => isSilent)).toEqual([true, false])
  })

  it('delay messages until the morning, except critical ones', async () => {
    const app = await start({ rules: rules('delay'), environment: { LOG_LEVEL: 'debug' } })
    const critical = {
      involvedObject: node,
      reason: 'NodeNotReady',
      message: 'Node worker-1 status is now: NodeNotReady',
    }
    await app.notify([at(app, 0), at(app, 1, critical)])
    expect(endsOf(app)).toEqual(['pending: quiet hours', 'sent: shown'])
    await minutes(app, 5 * 60 + 58)
    await app.sweep()
    expect(app.emulator.messages()).toHaveLength(1)
    // The alarm is for overdue messages, and this one is not overdue.
    expect(app.log.at(-1)).toMatchObject({ message: 'sweep', PendingIncidents: 1, OldestPending: 0 })
    await minutes(app, 2)
    await app.sweep()
    expect(app.emulator.messages()).toHaveLength(2)
  })

  it('with STATE=memory, make messages silent and warn at start', async () => {
    const app = await start({ rules: rules('delay'), environment: { STATE: 'memory' } })
    await app.notify([at(app, 0)])
    expect(app.emulator.messages().map(({ isSilent }: ChatMessage) => isSilent)).toEqual([true])
    expect(app.log.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'rules.yml, line 3, quiet[0].action: delay needs STATE=sqlite:<file> or STATE=dynamodb:<table>; messages are sent silently instead',
    ])
  })
})
