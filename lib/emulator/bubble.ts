import { type Button, buttonsOf } from './buttons.ts'
import type { Chat, Message, Revision } from './chats.ts'
import { type Entity, runsOf } from './entity.ts'

export interface View {
  botName: string
  formatTime: (milliseconds: number) => string
}

interface Shown {
  message: Message
  revision: Revision
  chat: Chat
  /** The fragment of the page at which a message stands. */
  anchorOf: (messageId: number) => string
}

/** A message's bubble and buttons as HTML, as they were at one of its revisions. */
export function renderColumn({ message, revision, chat, anchorOf }: Shown, { botName, formatTime }: View): string {
  const { date, threadId, isSilent, replyToId, revisions } = message
  const thread = threadId === undefined ? '' : (chat.setup.threads?.[threadId]?.title ?? `Thread ${threadId}`)
  const marks = [
    isSilent ? '<span class="silent" title="sent without sound">🔕</span>' : '',
    revision === revisions[0] ? '' : `<span title="edited at ${escapeHtml(formatTime(revision.at))}">edited</span>`,
  ]
  const answered =
    replyToId === undefined
      ? ''
      : renderQuote(
          chat.messages.find(({ id }) => id === replyToId),
          revision.at,
          { botName, anchorOf },
        )
  return `<div class="bubble">
<p class="name">${escapeHtml(botName)}<span class="bot">bot</span>${thread && `<span class="thread"># ${escapeHtml(thread)}</span>`}</p>${answered}
<div class="text">${renderText(revision.text, revision.entities, formatTime)}</div>
<p class="meta">${marks.join('')}<time>${escapeHtml(formatTime(date))}</time></p>
</div>${renderButtons(buttonsOf(revision.replyMarkup) ?? [])}`
}

export function initialOf(name: string): string {
  return escapeHtml([...name.toUpperCase()][0] ?? '')
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The beginning of what is answered, as it was then. */
function renderQuote(
  replied: Message | undefined,
  at: number,
  { botName, anchorOf }: Pick<View, 'botName'> & Pick<Shown, 'anchorOf'>,
): string {
  if (!replied) return '<p class="answered"><i>Deleted message</i></p>'
  const { text } = replied.revisions.findLast((revision) => revision.at <= at) ?? replied
  const beginning = [...text.slice(0, 200)].slice(0, 100).join('').replaceAll('\n', ' ')
  return `<a class="answered" href="#${anchorOf(replied.id)}"><b>${escapeHtml(botName)}</b>${escapeHtml(beginning)}</a>`
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
