import { type Button, buttonsOf } from './buttons.ts'
import type { Chat, Message } from './chats.ts'
import { type Entity, runsOf } from './entity.ts'
import { script, style } from './look.ts'
import { dayOf, timeOf } from './when.ts'

export interface PageOptions {
  chats: readonly Chat[]
  title?: string
  botName?: string
  formatTime?: (milliseconds: number) => string
  formatDay?: (milliseconds: number) => string
}

type View = Required<Omit<PageOptions, 'chats' | 'title'>>

/** The chats as one HTML file without outside resources, looking like Telegram. Every text is untrusted and escaped. */
export function renderPage({
  chats,
  title = 'Telegram stand-in',
  botName = 'kube-eventer',
  formatTime = timeOf,
  formatDay = dayOf,
}: PageOptions): string {
  const view = { botName, formatTime, formatDay }
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<button id="theme" type="button" aria-label="Switch between light and dark">◐</button>
<main>${chats.map((chat) => renderChat(chat, view)).join('\n')}</main>
<script>${script}</script>
</body>
</html>
`
}

function renderChat({ setup, messages }: Chat, view: View): string {
  const { title, type, threads } = setup
  const kind = threads ? 'forum' : type
  return `
<section class="chat">
<header><span class="avatar group">${initial(title)}</span><div><h1>${escapeHtml(title)}</h1><p>${kind} · ${messages.length} ${messages.length === 1 ? 'message' : 'messages'}</p></div></header>
<div class="messages">${messages.map((message, index) => renderMessage(message, messages[index - 1], setup, view)).join('')}${messages.length === 0 ? '<p class="day">No messages yet</p>' : ''}
</div>
</section>`
}

function renderMessage(
  message: Message,
  previous: Message | undefined,
  { threads }: Chat['setup'],
  view: View,
): string {
  const { botName, formatTime, formatDay } = view
  const { id, date, editedAt, threadId, text, entities, isSilent, replyMarkup } = message
  const day = formatDay(date)
  const isNewDay = !previous || formatDay(previous.date) !== day
  const isFirst = isNewDay || previous.threadId !== threadId
  const thread = threadId === undefined ? '' : (threads?.[threadId]?.title ?? `Thread ${threadId}`)
  const marks = [
    isSilent ? '<span class="silent" title="sent without sound">🔕</span>' : '',
    edited(editedAt, formatTime),
  ]
  return `
${isNewDay ? `<p class="day">${escapeHtml(day)}</p>` : ''}<article id="m${id}"${isFirst ? ' class="first"' : ''}>
<span class="avatar">${initial(botName)}</span>
<div class="column"><div class="bubble">
<p class="name">${escapeHtml(botName)}<span class="bot">bot</span>${thread && `<span class="thread"># ${escapeHtml(thread)}</span>`}</p>
<div class="text">${renderText(text, entities, formatTime)}</div>
<p class="meta">${marks.join('')}<time>${escapeHtml(formatTime(date))}</time></p>
</div>${renderButtons(buttonsOf(replyMarkup) ?? [])}</div>
</article>`
}

function edited(editedAt: number | undefined, formatTime: View['formatTime']): string {
  return editedAt === undefined ? '' : `<span title="edited at ${escapeHtml(formatTime(editedAt))}">edited</span>`
}

/** Opens and closes elements between runs; line breaks that only part a block from its neighbours are left out. */
function renderText(text: string, entities: readonly Entity[], formatTime: View['formatTime']): string {
  const open: Entity[] = []
  let html = ''
  let isBehindBlock = false
  for (const run of [...runsOf(text, entities), { text: '', entities: [] }]) {
    const kept = open.findIndex((entity, index) => entity !== run.entities[index])
    const closing = kept < 0 ? [] : open.splice(kept).reverse()
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

function elementOf(entity: Entity, formatTime: View['formatTime']): readonly [string, string] {
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

function renderButtons(rows: readonly Button[][]): string {
  if (rows.length === 0) return ''
  const button = ({ text, url, copyText }: Button) => {
    const mark = url === undefined ? (copyText === undefined ? '' : '❐') : '↗'
    return `<span class="button" title="${escapeHtml(url ?? copyText ?? '')}">${escapeHtml(text)}${mark && `<sup>${mark}</sup>`}</span>`
  }
  return `<div class="keyboard">${rows.map((row) => `<div>${row.map(button).join('')}</div>`).join('')}</div>`
}

function initial(name: string): string {
  return escapeHtml([...name.toUpperCase()][0] ?? '')
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
