import { afterEach } from 'vitest'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../lib/emulator/server.ts'
import { leapingClock } from './clock.ts'

export const chat = -1001234567890
const running: Emulator[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()))
})

export async function start(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ clock: leapingClock(), ...options })
  running.push(emulator)
  return emulator
}

export interface Reply {
  status: number
  ok: boolean
  result: Record<string, unknown>
  description: string
  parameters?: Record<string, unknown>
}

export async function call(
  emulator: Emulator,
  method: string,
  parameters: object = {},
  token = emulator.token,
): Promise<Reply> {
  const body = JSON.stringify(parameters)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${emulator.apiRoot}/bot${token}/${method}`, { method: 'POST', headers, body })
  return { status: response.status, ...((await response.json()) as Omit<Reply, 'status'>) }
}

export const send = (emulator: Emulator, text = 'hello', more: object = {}) =>
  call(emulator, 'sendMessage', { chat_id: chat, text, ...more })
