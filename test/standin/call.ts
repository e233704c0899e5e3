import { afterEach } from 'vitest'
import { type Standin, type StandinOptions, startStandin } from '../../lib/standin/server.ts'
import { leapingClock } from './clock.ts'

export const chat = -1001234567890
const running: Standin[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((standin) => standin.close()))
})

export async function start(options: StandinOptions = {}): Promise<Standin> {
  const standin = await startStandin({ clock: leapingClock(), ...options })
  running.push(standin)
  return standin
}

export interface Reply {
  status: number
  ok: boolean
  result: Record<string, unknown>
  description: string
  parameters?: Record<string, unknown>
}

export async function call(
  standin: Standin,
  method: string,
  parameters: object = {},
  token = standin.token,
): Promise<Reply> {
  const body = JSON.stringify(parameters)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${standin.apiRoot}/bot${token}/${method}`, { method: 'POST', headers, body })
  return { status: response.status, ...((await response.json()) as Omit<Reply, 'status'>) }
}

export const send = (standin: Standin, text = 'hello', more: object = {}) =>
  call(standin, 'sendMessage', { chat_id: chat, text, ...more })
