import { Api, GrammyError, HttpError } from 'grammy/web'
import type { BotApiAnswer } from '../../core/telegram-verdict.ts'
import type { Clock, TelegramClient, TelegramMessage } from '../../pipeline/ports.ts'
import { openConnection, type RequestState } from './https.ts'

/** The answer to a request whose result is of use. */
export type ValueAnswer<Value> = { kind: 'ok'; value: Value } | Exclude<BotApiAnswer, { kind: 'ok' }>

export interface Reach {
  token: string
  apiRoot: string
  clock: Clock
}

/** A Bot API client: grammY over one keep-alive connection, its exceptions turned into answers. */
export function createClient(reach: Reach): TelegramClient {
  const { call, close } = openApi(reach)

  async function answer(
    request: (raw: Raw, signal: Signal) => Promise<{ message_id?: number; chat?: { id?: number } } | true>,
    timeoutMilliseconds: number,
  ): Promise<BotApiAnswer> {
    const result = await call(request, timeoutMilliseconds)
    if (result.kind !== 'ok') return result
    if (result.value === true) return { kind: 'ok', messageId: undefined }
    const { message_id: messageId, chat } = result.value ?? {}
    return { kind: 'ok', messageId, ...(Number.isSafeInteger(chat?.id) ? { chat: String(chat?.id) } : {}) }
  }

  return {
    send: (message, milliseconds) =>
      answer(
        (raw, signal) =>
          raw.sendMessage(
            {
              ...body(message),
              ...(message.isSilent ? { disable_notification: true } : {}),
              ...(message.threadId === undefined ? {} : { message_thread_id: message.threadId }),
              ...(message.replyTo === undefined
                ? {}
                : { reply_parameters: { message_id: message.replyTo, allow_sending_without_reply: true } }),
            },
            signal,
          ),
        milliseconds,
      ),
    edit: (messageId, message, milliseconds) =>
      answer((raw, signal) => raw.editMessageText({ ...body(message), message_id: messageId }, signal), milliseconds),
    close,
  }
}

/** Requests to the Bot API, each made once and given up after its time-out. */
export function openApi({ token, apiRoot, clock }: Reach) {
  const connection = openConnection()
  const { raw } = new Api(token, { apiRoot, fetch: fetchBy(connection.post) })

  async function call<Value>(
    request: (raw: Raw, signal: Signal) => Promise<Value>,
    timeoutMilliseconds: number,
  ): Promise<ValueAnswer<Value>> {
    const timeout = new AbortController()
    const cancel = clock.after(timeoutMilliseconds, () => timeout.abort())
    try {
      // The types name the abort-controller package's signal; grammY only calls addEventListener.
      return { kind: 'ok', value: await request(raw, timeout.signal as unknown as Signal) }
    } catch (error) {
      const answer = toAnswer(error)
      const isTimeout = answer.kind === 'failed' && timeout.signal.aborted
      return isTimeout ? { ...answer, reason: `no answer within ${timeoutMilliseconds / 1_000} s` } : answer
    } finally {
      cancel()
    }
  }

  return { call, close: connection.close }
}

type Raw = Api['raw']
type Signal = Parameters<Raw['sendMessage']>[1]

function body({ chat, text, isHtml, buttons }: TelegramMessage) {
  const rows = buttons.map((button) => [
    'url' in button ? { text: button.text, url: button.url } : { text: button.text, copy_text: { text: button.copy } },
  ])
  return {
    chat_id: chat,
    text,
    link_preview_options: { is_disabled: true },
    ...(isHtml
      ? { parse_mode: 'HTML' as const }
      : { entities: [{ type: 'pre' as const, offset: 0, length: text.length }] }),
    ...(rows.length > 0 ? { reply_markup: { inline_keyboard: rows } } : {}),
  }
}

type Fetch = NonNullable<NonNullable<ConstructorParameters<typeof Api>[1]>['fetch']>

// Of fetch's answer grammY only calls json(); it never looks at the status (grammY client.ts).
function fetchBy(post: (url: string, body: string, signal: AbortSignal) => Promise<unknown>): Fetch {
  const fetch = async (url: string, { body, signal }: { body: string; signal: AbortSignal }) => {
    const value = await post(url, body, signal)
    if (!isBotApi(value)) throw new Error('not a Bot API answer', { cause: notBotApi })
    return { json: async () => value }
  }
  return fetch as unknown as Fetch
}

const notBotApi: RequestState = { isWritten: true, code: 'JSON, but not a Bot API answer' }

// Between us and Telegram there may be a proxy that answers in JSON of its own.
function isBotApi(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false
  return value.ok === true || (value.ok === false && 'error_code' in value && typeof value.error_code === 'number')
}

function toAnswer(error: unknown): Exclude<BotApiAnswer, { kind: 'ok' }> {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error
    const { retry_after, migrate_to_chat_id } = parameters ?? {}
    return {
      kind: 'refused',
      code,
      description: String(description),
      ...(Number.isFinite(retry_after) ? { retryAfter: Number(retry_after) } : {}),
      ...(Number.isSafeInteger(migrate_to_chat_id) ? { migratedTo: String(migrate_to_chat_id) } : {}),
    }
  }
  if (error instanceof HttpError) {
    const state = (error.error as Error | undefined)?.cause as RequestState | undefined
    return { kind: 'failed', isWritten: state?.isWritten ?? true, reason: state?.code ?? 'no answer' }
  }
  throw error
}
