import { buttonsOf } from './buttons.ts'
import { type Cell, cellsOf, wrapCells } from './cells.ts'
import type { Chat, Message } from './chats.ts'
import { type Entity, runsOf } from './entity.ts'
import { plainText } from './plain.ts'
import { dayOf, timeOf } from './when.ts'

export interface TerminalOptions {
  width?: number
  hasColor?: boolean
  botName?: string
  formatTime?: (milliseconds: number) => string
  formatDay?: (milliseconds: number) => string
}

type View = Required<TerminalOptions>

/** The chats as a reader sees them. No control character of a text reaches the terminal. */
export function renderTerminal(
  chats: readonly Chat[],
  {
    width = 80,
    hasColor = false,
    botName = 'kube-eventer',
    formatTime = timeOf,
    formatDay = dayOf,
  }: TerminalOptions = {},
): string {
  const view = { width: Math.max(width, 24), hasColor, botName, formatTime, formatDay }
  return `${chats.map((chat) => renderChat(chat, view)).join('\n\n')}\n`
}

function renderChat({ setup, messages }: Chat, view: View): string {
  const title = paint(label(setup.title), ['1'], view)
  const lines = messages.flatMap((message, index) => {
    const day = view.formatDay(message.date)
    const previous = messages[index - 1]
    const isNewDay = !previous || view.formatDay(previous.date) !== day
    return [...(isNewDay ? ['', rule(` ${day} `, view)] : []), '', ...renderMessage(message, setup, view)]
  })
  return [
    `${title} ${paint(`(${setup.type})`, ['2'], view)}`,
    ...(lines.length > 0 ? lines : ['', 'No messages yet']),
  ].join('\n')
}

function rule(label: string, view: View): string {
  const side = Math.max(2, Math.floor((view.width - label.length) / 2))
  return paint('─'.repeat(side) + label + '─'.repeat(side), ['2'], view)
}

function renderMessage(message: Message, { threads }: Chat['setup'], view: View): string[] {
  const { threadId, date, editedAt, isSilent, text, entities, replyMarkup } = message
  const thread = threadId === undefined ? '' : label(threads?.[threadId]?.title ?? `Thread ${threadId}`)
  const head = paint(label(view.botName), ['1', '36'], view) + (thread && paint(`  # ${thread}`, ['36'], view))
  const edited = editedAt === undefined ? '' : ` · edited ${view.formatTime(editedAt)}`
  const foot = paint(`${view.formatTime(date)}${edited}${isSilent ? ' · silent' : ''}`, ['2'], view)
  const keys = (buttonsOf(replyMarkup) ?? []).map((row) => row.map((button) => `[ ${label(button.text)} ]`).join(' '))
  const buttons = keys.flatMap((row) =>
    wrapCells(cellsOf(row, ['34']), view.width - 2).map((line) => print(line, view)),
  )
  return [head, ...renderText(text, entities, view), ...buttons, foot].map(
    (line) => `${paint('▌', ['36'], view)} ${line}`,
  )
}

function renderText(text: string, entities: readonly Entity[], view: View): string[] {
  const cells = runsOf(text, entities).flatMap((run) => [
    ...cellsOf(plainText(run.text), stylesOf(run.entities)),
    ...linkTarget(run.text, run.entities),
  ])
  return linesOf(cells).flatMap((line) => {
    const isQuoted = line[0]?.styles.includes(quoted) ?? false
    const wrapped = wrapCells(line, view.width - (isQuoted ? 4 : 2))
    return wrapped.map((part) => (isQuoted ? paint('┃ ', ['32'], view) : '') + print(part, view))
  })
}

/** Marks a quoted cell; no terminal code. */
const quoted = 'quoted'

function stylesOf(entities: readonly Entity[]): string[] {
  return entities.flatMap(({ type }) => codes[type] ?? [])
}

const codes: Partial<Record<Entity['type'], string>> = {
  bold: '1',
  italic: '3',
  underline: '4',
  strikethrough: '9',
  spoiler: '2',
  code: '33',
  pre: '33',
  text_link: '4',
  blockquote: quoted,
  expandable_blockquote: quoted,
}

/** A terminal cannot be clicked: behind a link comes where it leads. */
function linkTarget(text: string, entities: readonly Entity[]): Cell[] {
  const { url } = entities.find(({ type }) => type === 'text_link') ?? {}
  return url === undefined || url.includes(text) ? [] : cellsOf(plainText(` (${url})`), ['2'])
}

function linesOf(cells: readonly Cell[]): Cell[][] {
  const lines: Cell[][] = [[]]
  for (const cell of cells) {
    if (cell.text === '\n') lines.push([])
    else lines.at(-1)?.push(cell)
  }
  return lines
}

function print(cells: readonly Cell[], view: View): string {
  let output = ''
  for (let index = 0; index < cells.length; ) {
    const { styles = [] } = cells[index] ?? {}
    const end = cells.findIndex((cell, at) => at > index && cell.styles.join() !== styles.join())
    const next = end < 0 ? cells.length : end
    const text = cells.slice(index, next).map((cell) => cell.text)
    output += paint(text.join(''), styles, view)
    index = next
  }
  return output
}

function paint(text: string, styles: readonly string[], { hasColor }: View): string {
  const shown = styles.filter((style) => style !== quoted)
  return hasColor && shown.length > 0 ? `\x1b[${shown.join(';')}m${text}\x1b[0m` : text
}

function label(text: string): string {
  return plainText(text).replaceAll('\n', ' ')
}
