import type { ChatSetup } from './chats.ts'
import { botUser } from './json.ts'

/** What a method wants to do in a chat (telegram-bot-api Client.cpp, AccessRights). */
export type Access = 'write' | 'read' | 'read members'

/** True where a chat that takes no message still lets itself be looked at (Client.cpp, check_chat_access). */
export function isReadable({ type, state, migratedTo, username }: ChatSetup, access: Access): boolean {
  if (access === 'write' || state === 'not found' || state === 'never started') return false
  const isOut = state === 'kicked' || state === 'not a member' || state === 'deleted'
  // A group that was left, deleted or upgraded is still shown, but not who is in it.
  if (type === 'group') return access === 'read' || !(isOut || migratedTo !== undefined)
  return !isOut || (state === 'not a member' && username !== undefined)
}

/** What getChat says of who may write. */
export function permissionsJson({ type, state, bot, slowModeSeconds }: ChatSetup): object {
  if (type !== 'group' && type !== 'supergroup') return {}
  return {
    permissions: { can_send_messages: mayWrite(state) || bot === 'restricted' },
    ...(slowModeSeconds !== undefined && { slow_mode_delay: slowModeSeconds }),
  }
}

/** What getChatMember says of the bot itself. */
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
