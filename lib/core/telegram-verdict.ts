/** How a request to the Bot API ended, as lib/adapters/telegram/client.ts reports it. */
export type BotApiAnswer =
  | { kind: 'ok'; messageId: number | undefined; chat?: string }
  | { kind: 'refused'; code: number; description: string; retryAfter?: number; migratedTo?: string }
  /** No Bot API answer. `isWritten`: the request, or a part of it, may have reached Telegram. */
  | { kind: 'failed'; isWritten: boolean; reason: string }

/** What an answer means for the record, its target and what to do next. */
export type Verdict =
  | { verdict: 'sent' }
  | { verdict: 'wait'; seconds: number }
  /** Certainly not accepted; another try may help. */
  | { verdict: 'again'; why: 'unreachable' | 'Telegram error' }
  /** The text is the reason: once more without parse mode. */
  | { verdict: 'text refused' }
  /** What was to be edited is not there any more, or can't be edited. */
  | { verdict: 'message gone' }
  /** The message shows this text already. */
  | { verdict: 'not modified' }
  | { verdict: 'thread gone' }
  | { verdict: 'moved'; chat: string }
  | { verdict: 'target broken' }
  /** A 400 that no rule knows: the text's or the target's. */
  | { verdict: 'refused' }
  | { verdict: 'unknown' }
  /** Bad token or wrong API root: never the record's fault. */
  | { verdict: 'token refused' }

/** Judges the answer to a sendMessage or an editMessageText. Pure and total; each rule's source is Telegram's own text of the refusal (tdlib/telegram-bot-api Client.cpp). */
export function judge(answer: BotApiAnswer): Verdict {
  if (answer.kind === 'ok') return { verdict: 'sent' }
  if (answer.kind === 'failed')
    return answer.isWritten ? { verdict: 'unknown' } : { verdict: 'again', why: 'unreachable' }
  return judgeRefusal(answer)
}

type Refusal = Extract<BotApiAnswer, { kind: 'refused' }>

function judgeRefusal({ code, description, retryAfter, migratedTo }: Refusal): Verdict {
  switch (code) {
    case 429:
      return {
        verdict: 'wait',
        seconds: retryAfter !== undefined && retryAfter > 0 ? Math.min(retryAfter, aDay) : defaultRetryAfter,
      }
    case 500:
      return { verdict: 'again', why: 'Telegram error' }
    case 401:
    case 404:
      return { verdict: 'token refused' }
    case 403:
      return { verdict: 'target broken' }
    case 400:
      if (migratedTo !== undefined) return { verdict: 'moved', chat: migratedTo }
      return { verdict: refusals.find(([pattern]) => pattern.test(description))?.[1] ?? 'refused' }
    default:
      // 502 to 504 in JSON, or a code that the Bot API does not document: a front end speaks, and nobody knows what lies behind it.
      return { verdict: 'unknown' }
  }
}

// Query.cpp always sends retry_after with a 429; a proxy's 429 may lack it.
const defaultRetryAfter = 5
// Far above any that was seen (18,053 s, telegraf issue 1046): a broken number must not silence a chat for good.
const aDay = 24 * 3_600

/**
 * 400s by what they refuse, first match wins. One that no rule knows is neither taken for the text's, which might lose every record, nor
 * for the target's, which would let one odd record hold up all others.
 */
const refusals: [RegExp, 'text refused' | 'message gone' | 'not modified' | 'thread gone' | 'target broken'][] = [
  [/message is not modified|MESSAGE_NOT_MODIFIED/, 'not modified'],
  [
    /message to edit not found|message can't be edited|no text in the message to edit|MESSAGE_ID_INVALID/,
    'message gone',
  ],
  [/message thread not found|TOPIC_(CLOSED|DELETED|ID_INVALID)/, 'thread gone'],
  [/can't parse|unsupported parse_mode|strings? must be encoded|text must be/i, 'text refused'],
  [/message is too long|text is too long|MESSAGE_TOO_LONG|message text is empty|MESSAGE_EMPTY/, 'text refused'],
  [/entity|ENTITY_|ENTITIES_/, 'text refused'],
  [/BUTTON_|button|reply markup|REPLY_MARKUP/, 'text refused'],
  [/WEBPAGE_|URL_INVALID|Wrong HTTP URL|URL host is empty/i, 'text refused'],
  [/chat not found|chat_id is empty|not a member|chat was deleted|upgraded to a supergroup/, 'target broken'],
  [/not enough rights|need administrator rights|no write access|was kicked|was blocked/, 'target broken'],
  [
    /CHAT_(WRITE_FORBIDDEN|RESTRICTED|ADMIN_REQUIRED|SEND_\w+_FORBIDDEN)|CHANNEL_PRIVATE|PEER_ID_INVALID|USER_BANNED_IN_CHANNEL/,
    'target broken',
  ],
]
