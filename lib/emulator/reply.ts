import type { Chat, Message } from './chats.ts'

export type ReadReply =
  | { kind: 'read'; messageId: number | undefined; isOptional: boolean }
  | { kind: 'refused'; why: string }

/** `reply_parameters` as JSON or, in a form, as its text (Client.cpp, get_reply_parameters). */
export function readReply(given: unknown): ReadReply {
  if (given === undefined || given === null || given === '')
    return { kind: 'read', messageId: undefined, isOptional: true }
  const parameters = typeof given === 'string' ? parse(given) : given
  if (parameters === undefined) return { kind: 'refused', why: "can't parse reply parameters JSON object" }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters))
    return { kind: 'refused', why: 'object expected as reply parameters' }
  const { message_id, allow_sending_without_reply: isOptional } = parameters as Record<string, unknown>
  if (message_id === undefined) return { kind: 'refused', why: 'can\'t find field "message_id"' }
  return { kind: 'read', messageId: Number(message_id), isOptional: isOptional === true || isOptional === 'true' }
}

/** The message that is answered; `why` where it is gone and the sender minds (Client.cpp:8516). */
export function findReplied(
  { messages }: Chat,
  { messageId, isOptional }: Extract<ReadReply, { kind: 'read' }>,
): { replied?: Message; why?: string } {
  if (messageId === undefined) return {}
  const replied = messages.find(({ id }) => id === messageId)
  if (replied) return { replied }
  return isOptional ? {} : { why: 'message to be replied not found' }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
