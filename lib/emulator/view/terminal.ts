import { styleText } from 'node:util'
import { keyboardRows } from '../buttons.ts'
import type { Chat, ChatMessage } from '../chats.ts'
import { type Entity, runsOf } from '../entity.ts'
import { type ChatFormat, chatKind, defaultFormat, newDay, threadTitle } from './format.ts'
import { terminalText, wrapLines } from './terminal-text.ts'

interface TerminalOptions extends ChatFormat {
  width: number
  hasColor: boolean
}

type TextStyle = 'bold' | 'italic' | 'underline' | 'strikethrough' | 'dim' | 'yellow' | 'green' | 'cyan' | 'blue'

/** The chats as their readers see them, for a terminal. Control characters in texts are removed. */
export function renderTerminal(chats: readonly Chat[], options: Partial<TerminalOptions> = {}): string {
  const view = { hasColor: false, ...defaultFormat, ...options, width: Math.max(options.width ?? 80, 24) }
  return `${chats.map((chat) => renderChat(chat, view)).join('\n\n')}\n`
}

function renderChat({ setup, messages }: Chat, view: TerminalOptions): string {
  const lines = messages.flatMap((message, index) => {
    const day = newDay(message, messages[index - 1], view)
    return [...(day === undefined ? [] : ['', rule(` ${day} `, view)]), '', ...renderMessage(message, setup, view)]
  })
  return [
    `${paint(oneLine(setup.title), ['bold'], view)} ${paint(`(${chatKind(setup)})`, ['dim'], view)}`,
    ...(lines.length > 0 ? lines : ['', 'No messages yet']),
  ].join('\n')
}

function rule(label: string, view: TerminalOptions): string {
  const side = '─'.repeat(Math.max(2, Math.floor((view.width - label.length) / 2)))
  return paint(side + label + side, ['dim'], view)
}

function renderMessage(message: ChatMessage, setup: Chat['setup'], view: TerminalOptions): string[] {
  const { date, editedAt, isSilent, text, entities, replyMarkup } = message
  const thread = threadTitle(setup, message)
  const head =
    paint(oneLine(view.botName), ['bold', 'cyan'], view) +
    (thread === undefined ? '' : paint(`  # ${oneLine(thread)}`, ['cyan'], view))
  const edited = editedAt === undefined ? '' : ` · edited ${view.formatTime(editedAt)}`
  const foot = paint(`${view.formatTime(date)}${edited}${isSilent ? ' · silent' : ''}`, ['dim'], view)
  const buttons = (keyboardRows(replyMarkup) ?? []).flatMap((row) => {
    const labels = row.map((button) => `[ ${oneLine(button.text)} ]`).join(' ')
    return wrapLines(paint(labels, ['blue'], view), view.width - 2)
  })
  return [head, ...renderText(text, entities, view), ...buttons, foot].map(
    (line) => `${paint('▌', ['cyan'], view)} ${line}`,
  )
}

function renderText(text: string, entities: readonly Entity[], view: TerminalOptions): string[] {
  const lines = [{ text: '', isQuoted: false }]
  for (const run of runsOf(text, entities)) {
    const isQuoted = run.entities.some(({ type }) => type.endsWith('blockquote'))
    const styles = run.entities.flatMap(({ type }) => stylesOf[type] ?? [])
    const parts = terminalText(run.text).split('\n')
    for (const [index, part] of parts.entries()) {
      if (index > 0) lines.push({ text: '', isQuoted: false })
      const line = lines.at(-1)
      if (!line) continue
      if (line.text === '') line.isQuoted = isQuoted
      line.text += paint(part, styles, view)
      if (index === parts.length - 1) line.text += linkTarget(run.text, run.entities, view)
    }
  }
  return lines.flatMap((line) => {
    const quoteMark = line.isQuoted ? paint('┃ ', ['green'], view) : ''
    return wrapLines(line.text, view.width - (line.isQuoted ? 4 : 2)).map((part) => quoteMark + part)
  })
}

const stylesOf: Partial<Record<Entity['type'], TextStyle>> = {
  bold: 'bold',
  italic: 'italic',
  underline: 'underline',
  strikethrough: 'strikethrough',
  spoiler: 'dim',
  code: 'yellow',
  pre: 'yellow',
  text_link: 'underline',
}

/** A link cannot be clicked in every terminal, so its address follows its text. */
function linkTarget(text: string, entities: readonly Entity[], view: TerminalOptions): string {
  const { url } = entities.find(({ type }) => type === 'text_link') ?? {}
  return url === undefined || url.includes(text) ? '' : paint(terminalText(` (${url})`), ['dim'], view)
}

function paint(text: string, styles: TextStyle[], { hasColor }: TerminalOptions): string {
  return hasColor && text !== '' && styles.length > 0 ? styleText(styles, text, { validateStream: false }) : text
}

function oneLine(text: string): string {
  return terminalText(text).replaceAll('\n', ' ')
}
