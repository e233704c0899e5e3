import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ChatSetup } from '../../../lib/emulator/chats.ts'
import type { Fault } from '../../../lib/emulator/faults.ts'
import { startEmulator } from '../../../lib/emulator/server.ts'
import { temporaryFolder } from '../spawn.ts'

export const chat = -1001234567890
export const token = '123456789:AAE-not-to-be-seen-anywhere_0123456'
export const environment = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_CHAT_ID: String(chat) }

export function fileOf(yaml: string): string {
  const file = join(temporaryFolder(), 'rules.yml')
  writeFileSync(file, yaml)
  return file
}

export interface Output {
  problems: string[]
  warnings: string[]
  notes: string[]
  tokenFrom: string
  targets: { name: string; chat: string | null; thread: number | null; places: string[] }[]
  routes: { if: string; to: string[]; continue: boolean }[]
  rules: { name: string; isDefault: boolean; if: string; does: string }[]
  telegram: {
    level: string
    about: string
    targets: string[]
    says: string
    advice: string | null
    messageId?: number
  }[]
}

export async function withEmulator(chats: ChatSetup[], faults: Fault[] = []) {
  const emulator = await startEmulator({ token, chats, isPaced: false })
  onTestFinished(() => emulator.close())
  for (const fault of faults) emulator.inject(fault)
  return { emulator, env: { ...environment, TELEGRAM_API_ROOT: emulator.apiRoot } }
}

export const supergroup: ChatSetup = { id: chat, type: 'supergroup', title: 'Cluster alerts' }
export const forum: ChatSetup = {
  ...supergroup,
  threads: {
    42: { title: 'a', state: 'open' },
    43: { title: 'b', state: 'deleted' },
    44: { title: 'c', state: 'closed' },
  },
}

/** The Telegram part of the output of `check`, without line wrapping. */
export const unwrapped = (stdout: string) => stdout.slice(stdout.indexOf('\nTelegram, ')).replace(/\n {4}(?!→)/g, ' ')
