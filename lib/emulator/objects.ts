import type { Chat, ChatMessage, ChatSetup } from './chats.ts'
import { entityJson } from './entity.ts'

/** The Bot API's objects. */
export function botUser(id: number): object {
  return { id, is_bot: true, first_name: 'Emulator', username: 'emulator_bot' }
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

export function messageJson(message: ChatMessage, { setup, messages }: Chat, botId: number): object {
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

/** The access that a method needs (telegram-bot-api Client.cpp, AccessRights). */
export type Access = 'write' | 'read' | 'read members'

/** Whether a chat can be read although it may refuse messages (Client.cpp, check_chat_access). */
export function isReadable({ type, state, migratedTo, username }: ChatSetup, access: Access): boolean {
  if (access === 'write' || state === 'not found' || state === 'never started') return false
  const isOut = state === 'kicked' || state === 'not a member' || state === 'deleted'
  // A former, deleted or upgraded group can be read, but not its members.
  if (type === 'group') return access === 'read' || !(isOut || migratedTo !== undefined)
  return !isOut || (state === 'not a member' && username !== undefined)
}

/** The permissions in getChat. */
export function permissionsJson({ type, state, bot, slowModeSeconds }: ChatSetup): object {
  if (type !== 'group' && type !== 'supergroup') return {}
  return {
    permissions: { can_send_messages: mayWrite(state) || bot === 'restricted' },
    ...(slowModeSeconds !== undefined && { slow_mode_delay: slowModeSeconds }),
  }
}

/** The bot itself in getChatMember. */
export function memberJson(setup: ChatSetup, botId: number): object {
  const { type, state, bot = type === 'channel' ? 'administrator' : 'member' } = setup
  const user = botUser(botId)
  if (state === 'not a member') return { user, status: 'left' }
  if (bot === 'administrator')
    return {
      user,
      status: bot,
      can_manage_chat: true,
      ...(type === 'channel' && { can_post_messages: state !== 'not admin', can_edit_messages: state !== 'not admin' }),
    }
  if (bot === 'restricted')
    return { user, status: bot, until_date: 0, can_send_messages: mayWrite(state), is_member: true }
  return { user, status: bot }
}

function mayWrite(state: ChatSetup['state']): boolean {
  return state !== 'no rights' && state !== 'no write access'
}
