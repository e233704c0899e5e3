import { isObject, parseJson } from '../core/json.ts'
import type { Clock } from '../pipeline/ports.ts'
import { dataProblem, readMarkup, urlProblem } from './buttons.ts'
import type { ChatQueues } from './chat-queue.ts'
import { type Chat, type ChatMessage, type Content, findChat, threadProblem } from './chats.ts'
import { dateProblem } from './entity.ts'
import { type ApiAnswer, badRequest, refuse, succeed, tooManyRequests } from './http.ts'
import { botUser, chatJson, memberJson, messageJson, permissionsJson } from './objects.ts'
import { codePointCount, type FormattedText, readText, tidyText } from './text.ts'

export type Parameters = Readonly<Record<string, unknown>>

export interface Server {
  chats: Map<number, Chat>
  queues: ChatQueues
  clock: Clock
  isPaced: boolean
  botId: number
  signal: AbortSignal
}

export interface Done {
  answer: ApiAnswer
  /** A message was stored, changed or deleted. */
  isAccepted: boolean
}

export type Method = (server: Server, parameters: Parameters) => Promise<Done>

/** Method names are case-insensitive in the Bot API. */
export function findMethod(name: string): Method | undefined {
  return methods.get(name.toLowerCase())
}

const methods: ReadonlyMap<string, Method> = new Map([
  ['getme', getMe],
  ['getchat', getChat],
  ['getchatmember', getChatMember],
  ['sendmessage', sendMessage],
  ['editmessagetext', editMessageText],
  ['deletemessage', deleteMessage],
])

async function getMe({ botId }: Server): Promise<Done> {
  return shown(succeed(botUser(botId)))
}

async function getChat({ chats }: Server, { chat_id }: Parameters): Promise<Done> {
  const found = findChat(chats, chat_id, 'read')
  if (found.kind === 'refused') return shown(refusal(found.answer))
  const { setup } = found.chat
  return shown(succeed({ ...chatJson(setup), ...permissionsJson(setup) }))
}

/** The only known user is the bot itself. */
async function getChatMember({ chats, botId }: Server, { chat_id, user_id }: Parameters): Promise<Done> {
  const userId = Number(user_id ?? 0)
  if (!Number.isSafeInteger(userId) || userId <= 0) return shown(badRequest('invalid user_id specified'))
  const found = findChat(chats, chat_id, 'read members')
  if (found.kind === 'refused') return shown(refusal(found.answer))
  return shown(userId === botId ? succeed(memberJson(found.chat.setup, botId)) : badRequest('user not found'))
}

/** The checks are in Telegram's order (Client.cpp:12884-12898; MessagesManager.cpp:21595-21640). */
async function sendMessage(server: Server, parameters: Parameters): Promise<Done> {
  const draft = readDraft(parameters)
  if (draft.kind === 'refused') return shown(badRequest(draft.why))
  const reply = readReply(parameters.reply_parameters)
  if (reply.kind === 'refused') return shown(badRequest(reply.why))
  const found = findChat(server.chats, parameters.chat_id)
  if (found.kind === 'refused') return shown(refusal(found.answer))
  const { chat } = found
  const threadId = Number(parameters.message_thread_id ?? 0) || undefined
  const content = fitContent(draft)
  const { replied, ...problem } = findReplied(chat, reply)
  const why = threadProblem(chat, threadId) ?? problem.why ?? content.why
  if (why !== undefined) return shown(badRequest(why))
  if (codePointCount(content.formatted.text) > maxCodePoints) return shown(badRequest('message is too long'))
  const limited = await waitForTurn(server, chat)
  if (limited) return shown(limited)
  const isClosed = threadId !== undefined && chat.setup.threads?.[threadId]?.state === 'closed'
  const date = server.clock.now()
  const late = isClosed ? 'TOPIC_CLOSED' : (dateProblem(content.formatted, date) ?? dataProblem(draft.rows))
  if (late) return shown(badRequest(late))
  const shownContent = contentOf(content.formatted, draft)
  const message: ChatMessage = {
    id: chat.nextMessageId++,
    chatId: chat.setup.id,
    date,
    ...shownContent,
    revisions: [{ at: date, ...shownContent }],
    isSilent: isTrue(parameters.disable_notification),
    linkPreviewDisabled: isLinkPreviewDisabled(parameters),
    ...(threadId !== undefined && { threadId }),
    ...(replied && { replyToId: replied.id }),
  }
  chat.messages.push(message)
  return accepted(server, chat, message)
}

async function editMessageText(server: Server, parameters: Parameters): Promise<Done> {
  const draft = readDraft(parameters)
  if (draft.kind === 'refused') return shown(badRequest(draft.why))
  const found = findChat(server.chats, parameters.chat_id)
  if (found.kind === 'refused') return shown(refusal(found.answer))
  const { chat } = found
  const message = chat.messages.find(({ id }) => id === Number(parameters.message_id))
  if (!message) return shown(badRequest('message to edit not found'))
  const content = fitContent(draft)
  if (content.why !== undefined) return shown(badRequest(content.why))
  const limited = await waitForTurn(server, chat)
  if (limited) return shown(limited)
  // The length of an edit is checked by Telegram's servers, not by TDLib, so the description differs.
  const isTooLong = codePointCount(content.formatted.text) > maxCodePoints
  const editedAt = server.clock.now()
  const late = isTooLong ? 'MESSAGE_TOO_LONG' : (dateProblem(content.formatted, editedAt) ?? dataProblem(draft.rows))
  if (late) return shown(badRequest(late))
  if (isSame(message, content.formatted, draft.markup)) return shown(badRequest(notModified))
  const linkPreviewDisabled = isLinkPreviewDisabled(parameters)
  Object.assign(message, content.formatted, { editedAt, linkPreviewDisabled, replyMarkup: draft.markup })
  message.revisions.push({ at: editedAt, ...contentOf(content.formatted, draft) })
  return accepted(server, chat, message)
}

async function deleteMessage(server: Server, parameters: Parameters): Promise<Done> {
  const found = findChat(server.chats, parameters.chat_id)
  if (found.kind === 'refused') return shown(refusal(found.answer))
  const { messages } = found.chat
  const index = messages.findIndex(({ id }) => id === Number(parameters.message_id))
  if (index < 0) return shown(badRequest('message to delete not found'))
  messages.splice(index, 1)
  return { answer: succeed(true), isAccepted: true }
}

const maxCodePoints = 4096
const notModified =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'

type Draft = { kind: 'read'; formatted: FormattedText } & Pick<ReadKeyboard, 'rows' | 'markup'>
type ReadKeyboard = Extract<ReturnType<typeof readMarkup>, { kind: 'read' }>

/** Reads what is checked before the chat: a parse error takes precedence over "kicked". */
function readDraft({ text, parse_mode, entities, reply_markup }: Parameters): Draft | { kind: 'refused'; why: string } {
  const read = readText(String(text ?? ''), String(parse_mode ?? ''), entities)
  if (read.kind === 'refused') return read
  const keyboard = readMarkup(reply_markup)
  return keyboard.kind === 'refused' ? keyboard : { ...read, rows: keyboard.rows, markup: keyboard.markup }
}

function fitContent({ formatted, rows }: Draft): { formatted: FormattedText; why?: string } {
  const tidied = tidyText(formatted)
  const why = urlProblem(rows) ?? (tidied.kind === 'refused' ? tidied.why : undefined)
  return { formatted: tidied.kind === 'read' ? tidied.formatted : formatted, ...(why !== undefined && { why }) }
}

function contentOf(formatted: FormattedText, { markup }: Draft): Content {
  return { ...formatted, ...(markup !== undefined && { replyMarkup: markup }) }
}

async function waitForTurn({ queues, clock, isPaced, signal }: Server, chat: Chat): Promise<ApiAnswer | undefined> {
  if (!isPaced) return undefined
  const turn = queues(chat.setup.id).rateLimit.next()
  if (turn.kind === 'wait') await clock.sleep(turn.milliseconds, signal)
  return turn.kind === 'too many' ? tooManyRequests(turn.retryAfter) : undefined
}

function accepted({ queues, botId }: Server, chat: Chat, message: ChatMessage): Done {
  queues(chat.setup.id).rateLimit.count()
  return { answer: succeed(messageJson(message, chat, botId)), isAccepted: true }
}

function shown(answer: ApiAnswer): Done {
  return { answer, isAccepted: false }
}

function refusal({ status, description, parameters }: { status: number; description: string; parameters?: object }) {
  return refuse(status, description, parameters)
}

function isSame(message: ChatMessage, { text, entities }: FormattedText, markup: unknown): boolean {
  const content = (...parts: unknown[]) => JSON.stringify(parts)
  return content(message.text, message.entities, message.replyMarkup) === content(text, entities, markup)
}

function isLinkPreviewDisabled({ link_preview_options, disable_web_page_preview }: Parameters): boolean {
  const options = typeof link_preview_options === 'string' ? link_preview_options : JSON.stringify(link_preview_options)
  return isTrue(disable_web_page_preview) || /"is_disabled":\s*true/.test(options ?? '')
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1
}

type ReadReply = { kind: 'read'; messageId: number | undefined; isOptional: boolean } | { kind: 'refused'; why: string }

/** Reads `reply_parameters`: JSON, or JSON as text in a form (Client.cpp, get_reply_parameters). */
function readReply(given: unknown): ReadReply {
  if (given === undefined || given === null || given === '')
    return { kind: 'read', messageId: undefined, isOptional: true }
  const parameters = typeof given === 'string' ? parseJson(given) : given
  if (parameters === undefined) return { kind: 'refused', why: "can't parse reply parameters JSON object" }
  if (!isObject(parameters)) return { kind: 'refused', why: 'object expected as reply parameters' }
  const { message_id, allow_sending_without_reply: isOptional } = parameters
  if (message_id === undefined) return { kind: 'refused', why: 'can\'t find field "message_id"' }
  return { kind: 'read', messageId: Number(message_id), isOptional: isOptional === true || isOptional === 'true' }
}

/** The message that is replied to. `why` if it is missing and required (Client.cpp:8516). */
function findReplied(
  { messages }: Chat,
  { messageId, isOptional }: Extract<ReadReply, { kind: 'read' }>,
): { replied?: ChatMessage; why?: string } {
  if (messageId === undefined) return {}
  const replied = messages.find(({ id }) => id === messageId)
  if (replied) return { replied }
  return isOptional ? {} : { why: 'message to be replied not found' }
}
