import { createClient } from '../../adapters/telegram/client.ts'
import { isLoud } from '../../core/event/severity.ts'
import { startEmulator } from '../../emulator/server.ts'
import { codePointCount } from '../../emulator/text.ts'
import { renderPage } from '../../emulator/view/page.ts'
import { virtualClock } from '../../emulator/virtual-clock.ts'
import { UserError } from '../command.ts'
import type { Card } from './gallery.ts'

export interface Section {
  title: string
  cards: Card[]
}

export interface Preview {
  html: string
  /** In the order of the cards. */
  shown: { caption: string; characters: number }[]
}

interface Options {
  title: string
  timeZone: string
  hasCaptions: boolean
}

/** 24 November 2026, 14:12 UTC. */
const shownAt = 1_795_529_520_000
const timeoutMilliseconds = 10_000

/** A page with one chat per section. Every card is sent to a Telegram emulator; throws a UserError if it refuses one. */
export async function renderPreview(
  sections: readonly Section[],
  { title, timeZone, hasCaptions }: Options,
): Promise<Preview> {
  const clock = virtualClock(shownAt)
  const chats = sections.map((section, index) => ({
    id: -1_001_234_567_890 - index,
    type: 'group' as const,
    title: section.title,
  }))
  const emulator = await startEmulator({ clock: clock.server, chats, isPaced: false })
  const { token, apiRoot } = emulator
  const client = createClient({ token, apiRoot, clock })
  try {
    for (const [index, { cards }] of sections.entries()) {
      const chat = String(chats[index]?.id)
      for (const { about, severity, text, isHtml, buttons } of cards) {
        const message = { chat, threadId: undefined, text, isHtml, buttons, isSilent: !isLoud(severity) }
        const answer = await client.send(message, timeoutMilliseconds)
        if (answer.kind === 'ok') continue
        const why = answer.kind === 'refused' ? answer.description : answer.reason
        throw new UserError(`${about}: ${why}\n${text}`)
      }
    }
  } finally {
    client.close()
    await emulator.close()
  }
  const shownChats = [...emulator.chats.values()]
  const captions = new Map<unknown, { caption: string; characters: number }>()
  for (const [index, { messages }] of shownChats.entries()) {
    for (const [place, message] of messages.entries()) {
      const about = sections[index]?.cards[place]?.about ?? ''
      const characters = codePointCount(message.text)
      const caption = `${about} · ${characters.toLocaleString('en')} characters`
      captions.set(message, { caption, characters })
    }
  }
  const clockFace = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
  const calendar = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'long' })
  const html = renderPage({
    chats: shownChats,
    title,
    formatTime: (milliseconds) => clockFace.format(milliseconds),
    formatDay: (milliseconds) => calendar.format(milliseconds),
    ...(hasCaptions && { captionOf: (message) => captions.get(message)?.caption }),
  })
  return { html, shown: [...captions.values()] }
}
