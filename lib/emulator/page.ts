import { escapeHtml, initialOf, renderColumn, type View } from './bubble.ts'
import type { Chat, Message } from './chats.ts'
import { captionStyle, script, style } from './look.ts'
import { momentsOf, renderStepper, stepperScript, stepperStyle } from './stepper.ts'
import { dayOf, momentOf, timeOf } from './when.ts'

export interface PageOptions {
  chats: readonly Chat[]
  title?: string
  botName?: string
  formatTime?: (milliseconds: number) => string
  formatMoment?: (milliseconds: number) => string
  formatDay?: (milliseconds: number) => string
  /** What stands above a message, outside its bubble. */
  captionOf?: (message: Message) => string | undefined
}

interface ChatView extends View {
  formatDay: (milliseconds: number) => string
  captionOf: PageOptions['captionOf']
  /** The times at which something changed in a chat. */
  moments: readonly number[]
  /** Ids of messages are unique in a chat only. */
  chatIndex: number
}

/**
 * The chats as one HTML file without outside resources, looking like Telegram, with a bar to step through time where there is more than
 * one moment; without scripts it shows the end. Every text is untrusted and escaped.
 */
export function renderPage({
  chats,
  title = 'Telegram emulator',
  botName = 'kube-eventer',
  formatTime = timeOf,
  formatMoment = momentOf,
  formatDay = dayOf,
  captionOf,
}: PageOptions): string {
  const moments = momentsOf(chats)
  const isSteppable = moments.length > 1
  const times = moments.map(({ at }) => at)
  const view = (chatIndex: number) => ({ botName, formatTime, formatDay, captionOf, moments: times, chatIndex })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}${isSteppable ? stepperStyle : ''}${captionOf ? captionStyle : ''}</style>
</head>
<body>
<button id="theme" type="button" aria-label="Switch between light and dark">◐</button>
<main>${chats.map((chat, index) => renderChat(chat, view(index))).join('\n')}</main>
${isSteppable ? renderStepper(moments, formatMoment) : ''}<script>${script}${isSteppable ? stepperScript : ''}</script>
</body>
</html>
`
}

function renderChat(chat: Chat, view: ChatView): string {
  const { setup, messages } = chat
  const { title, type, threads } = setup
  const kind = threads ? 'forum' : type
  return `
<section class="chat">
<header><span class="avatar group">${initialOf(title)}</span><div><h1>${escapeHtml(title)}</h1><p>${kind} · <span class="count">${messages.length} ${messages.length === 1 ? 'message' : 'messages'}</span></p></div></header>
<div class="messages">${messages.map((message, index) => renderMessage(message, messages[index - 1], chat, view)).join('')}${messages.length === 0 ? '<p class="day">No messages yet</p>' : ''}
</div>
</section>`
}

/** What it shows at the end stands in the page, what it showed before in templates that the stepper takes it from. */
function renderMessage(message: Message, previous: Message | undefined, chat: Chat, view: ChatView): string {
  const { id, date, threadId, revisions } = message
  const { botName, formatDay, captionOf, moments, chatIndex } = view
  const caption = captionOf?.(message)
  const day = formatDay(date)
  const isNewDay = !previous || formatDay(previous.date) !== day
  const isFirst = isNewDay || previous.threadId !== threadId
  const anchorOf = (messageId: number) => `c${chatIndex}m${messageId}`
  const columns = revisions.map((revision) => {
    const step = moments.indexOf(revision.at)
    return `<div class="column" data-step="${step}">${renderColumn({ message, revision, chat, anchorOf }, view)}</div>`
  })
  const earlier = columns.slice(0, -1).map((column) => `<template>${column}</template>\n`)
  return `
${isNewDay ? `<p class="day">${escapeHtml(day)}</p>` : ''}${caption === undefined ? '' : `<p class="caption">${escapeHtml(caption)}</p>`}<article id="${anchorOf(id)}"${isFirst ? ' class="first"' : ''}>
<span class="avatar">${initialOf(botName)}</span>
${earlier.join('')}${columns.at(-1) ?? ''}
</article>`
}
