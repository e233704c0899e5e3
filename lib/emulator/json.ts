import type { Chat, ChatSetup, Message } from './chats.ts'
import { entityJson } from './entity.ts'

/** The Bot API's own objects, in its field names. */
export function botUser(id: number): object {
  return { id, is_bot: true, first_name: 'Emulator', username: 'standin_bot' }
}

export function chatJson({ id, type, title, username, threads }: ChatSetup): object {
  return {
    id,
    type,
    ...(type === 'private' ? { first_name: title } : { title }),
    ...(username !== undefined && { username: username.replace('@', '') }),
    ...(threads && { is_forum: true }),
  }
}

export function messageJson(message: Message, { setup, messages }: Chat, botId: number): object {
  const { id, threadId, replyToId, date, editedAt, text, entities, linkPreviewDisabled, replyMarkup } = message
  const chat = chatJson(setup)
  const sender = setup.type === 'channel' ? { sender_chat: chat } : { from: botUser(botId) }
  const replied = messages.find((other) => other.id === replyToId)
  return {
    message_id: id,
    ...sender,
    chat,
    date: seconds(date),
    ...(replied && {
      reply_to_message: { message_id: replied.id, ...sender, chat, date: seconds(replied.date), text: replied.text },
    }),
    ...(editedAt !== undefined && { edit_date: seconds(editedAt) }),
    ...(threadId !== undefined && { message_thread_id: threadId, is_topic_message: true }),
    text,
    ...(entities.length > 0 && { entities: entities.map(entityJson) }),
    ...(linkPreviewDisabled && { link_preview_options: { is_disabled: true } }),
    ...(replyMarkup !== undefined && { reply_markup: replyMarkup }),
  }
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
