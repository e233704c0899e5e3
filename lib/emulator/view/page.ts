import { type KeyboardButton, keyboardRows } from '../buttons.ts'
import type { Chat, ChatMessage, Revision } from '../chats.ts'
import { type Entity, runsOf } from '../entity.ts'
import { type ChatFormat, chatKind, defaultFormat, newDay, threadTitle } from './format.ts'
import { captionStyle, escapeHtml, liveScript, script, style } from './page-parts.ts'
import { chatMoments, renderStepper, stepperScript, stepperStyle } from './stepper.ts'

export interface PageOptions extends Partial<ChatFormat> {
  chats: readonly Chat[]
  title?: string
  formatMoment?: (milliseconds: number) => string
  /** A text above a message, outside its bubble. */
  captionOf?: (message: ChatMessage) => string | undefined
  /** The page asks its server for changes, instead of stepping through time. */
  isLive?: boolean
}

interface PageView extends ChatFormat {
  captionOf: PageOptions['captionOf']
  /** The times at which a chat changed. Empty: only the latest revision of each message is in the page. */
  moments: readonly number[]
  /** Message ids are unique only within a chat. */
  chatIndex: number
}

const moment = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/**
 * The chats as one HTML file without external resources, styled like Telegram. If the chats changed more than once, a bar steps through
 * time; without JavaScript the page shows the end. All texts are untrusted and escaped.
 */
export function renderPage({
  chats,
  title = 'Telegram emulator',
  formatMoment = (milliseconds) => moment.format(milliseconds),
  captionOf,
  isLive = false,
  ...format
}: PageOptions): string {
  const changes = isLive ? [] : chatMoments(chats)
  const moments = changes.map(({ at }) => at)
  const isSteppable = changes.length > 1
  const view = (chatIndex: number) => ({ ...defaultFormat, ...format, captionOf, moments, chatIndex })
  const scripts = [script, isSteppable ? stepperScript : '', isLive ? liveScript : '']
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'${isLive ? "; connect-src 'self'" : ''}">
<title>${escapeHtml(title)}</title>
<style>${style}${isSteppable ? stepperStyle : ''}${captionOf ? captionStyle : ''}</style>
</head>
<body>
<button id="theme" type="button" aria-label="Switch between light and dark">◐</button>
<main>${chats.map((chat, index) => renderChat(chat, view(index))).join('\n')}</main>
${isSteppable ? renderStepper(changes, formatMoment) : ''}<script>${scripts.join('')}</script>
</body>
</html>
`
}

function renderChat(chat: Chat, view: PageView): string {
  const { setup, messages } = chat
  const { title } = setup
  return `
<section class="chat">
<header><span class="avatar group">${initialOf(title)}</span><div><h1>${escapeHtml(title)}</h1><p>${chatKind(setup)} · <span class="count">${messages.length} ${messages.length === 1 ? 'message' : 'messages'}</span></p></div></header>
<div class="messages">${messages.map((message, index) => renderMessage(message, messages[index - 1], chat, view)).join('')}${messages.length === 0 ? '<p class="day">No messages yet</p>' : ''}
</div>
</section>`
}

/** The latest revision is in the page itself, earlier ones are in templates for the stepper. */
function renderMessage(message: ChatMessage, previous: ChatMessage | undefined, chat: Chat, view: PageView): string {
  const { id, threadId, revisions } = message
  const { botName, captionOf, moments, chatIndex } = view
  const caption = captionOf?.(message)
  const day = newDay(message, previous, view)
  const isFirst = day !== undefined || previous?.threadId !== threadId
  const anchorOf = (messageId: number) => `c${chatIndex}m${messageId}`
  const columns = (moments.length === 0 ? revisions.slice(-1) : revisions).map((revision) => {
    const step = moments.indexOf(revision.at)
    return `<div class="column" data-step="${step}">${renderColumn({ message, revision, chat, anchorOf }, view)}</div>`
  })
  const earlier = columns.slice(0, -1).map((column) => `<template>${column}</template>\n`)
  return `
${day === undefined ? '' : `<p class="day">${escapeHtml(day)}</p>`}${caption === undefined ? '' : `<p class="caption">${escapeHtml(caption)}</p>`}<article id="${anchorOf(id)}"${isFirst ? ' class="first"' : ''}>
<span class="avatar">${initialOf(botName)}</span>
${earlier.join('')}${columns.at(-1) ?? ''}
</article>`
}

interface ShownRevision {
  message: ChatMessage
  revision: Revision
  chat: Chat
  /** The id of a message's element in the page. */
  anchorOf: (messageId: number) => string
}

/** A message's bubble and buttons at one of its revisions. */
function renderColumn(
  { message, revision, chat, anchorOf }: ShownRevision,
  { botName, formatTime }: ChatFormat,
): string {
  const { date, isSilent, replyToId, revisions } = message
  const thread = threadTitle(chat.setup, message)
  const marks = [
    isSilent ? '<span class="silent" title="sent without sound">🔕</span>' : '',
    revision === revisions[0] ? '' : `<span title="edited at ${escapeHtml(formatTime(revision.at))}">edited</span>`,
  ]
  const replied = chat.messages.find(({ id }) => id === replyToId)
  const quote = replyToId === undefined ? '' : renderQuote(replied, revision.at, botName, anchorOf(replyToId))
  return `<div class="bubble">
<p class="name">${escapeHtml(botName)}<span class="bot">bot</span>${thread === undefined ? '' : `<span class="thread"># ${escapeHtml(thread)}</span>`}</p>${quote}
<div class="text">${renderText(revision.text, revision.entities, formatTime)}</div>
<p class="meta">${marks.join('')}<time>${escapeHtml(formatTime(date))}</time></p>
</div>${renderButtons(keyboardRows(revision.replyMarkup) ?? [])}`
}

function initialOf(name: string): string {
  return escapeHtml([...name.toUpperCase()][0] ?? '')
}

/** The beginning of the message that is replied to, as it was at that time. */
function renderQuote(replied: ChatMessage | undefined, at: number, botName: string, anchor: string): string {
  if (!replied) return '<p class="answered"><i>Deleted message</i></p>'
  const { text } = replied.revisions.findLast((revision) => revision.at <= at) ?? replied
  const beginning = [...text.slice(0, 200)].slice(0, 100).join('').replaceAll('\n', ' ')
  return `<a class="answered" href="#${anchor}"><b>${escapeHtml(botName)}</b>${escapeHtml(beginning)}</a>`
}

/** Opens and closes elements between runs. Line breaks next to a block are left out, since a block starts on its own line. */
function renderText(text: string, entities: readonly Entity[], formatTime: ChatFormat['formatTime']): string {
  const open: Entity[] = []
  let html = ''
  let isBehindBlock = false
  for (const run of [...runsOf(text, entities), { text: '', entities: [] }]) {
    const firstClosed = open.findIndex((entity, index) => entity !== run.entities[index])
    const closing = firstClosed < 0 ? [] : open.splice(firstClosed).reverse()
    html += closing.map((entity) => elementOf(entity, formatTime)[1]).join('')
    const opening = run.entities.slice(open.length)
    isBehindBlock = closing.some(isBlock) || (isBehindBlock && run.text === '')
    if (opening.some(isBlock)) html = html.replace(/\n$/, '')
    html += opening.map((entity) => elementOf(entity, formatTime)[0]).join('')
    html += escapeHtml(isBehindBlock ? run.text.replace(/^\n/, '') : run.text)
    open.push(...opening)
  }
  return html
}

function isBlock({ type }: Entity): boolean {
  return type === 'pre' || type.endsWith('blockquote')
}

function elementOf(entity: Entity, formatTime: ChatFormat['formatTime']): readonly [string, string] {
  const { type, url = '', language, unix = 0 } = entity
  switch (type) {
    case 'text_link':
      return /^(https?|tg|ton|tonsite):\/\//.test(url)
        ? [`<a href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">`, '</a>']
        : ['', '']
    case 'pre':
      return [`<pre>${language === undefined ? '' : `<span class="language">${escapeHtml(language)}</span>`}`, '</pre>']
    case 'date_time':
      return [`<span class="date" title="${escapeHtml(formatTime(unix * 1000))}">`, '</span>']
    case 'expandable_blockquote':
      return ['<blockquote class="folded" tabindex="0">', '</blockquote>']
    default:
      return elements[type]
  }
}

const elements = {
  bold: ['<b>', '</b>'],
  italic: ['<i>', '</i>'],
  underline: ['<u>', '</u>'],
  strikethrough: ['<s>', '</s>'],
  code: ['<code>', '</code>'],
  blockquote: ['<blockquote>', '</blockquote>'],
  spoiler: ['<span class="spoiler" tabindex="0">', '</span>'],
  text_mention: ['<span class="mention">', '</span>'],
  custom_emoji: ['', ''],
} as const

function renderButtons(rows: readonly KeyboardButton[][]): string {
  if (rows.length === 0) return ''
  const button = ({ text, url, copyText }: KeyboardButton) => {
    const mark = url === undefined ? (copyText === undefined ? '' : '❐') : '↗'
    return `<span class="button" title="${escapeHtml(url ?? copyText ?? '')}">${escapeHtml(text)}${mark && `<sup>${mark}</sup>`}</span>`
  }
  return `<div class="keyboard">${rows.map((row) => `<div>${row.map(button).join('')}</div>`).join('')}</div>`
}
