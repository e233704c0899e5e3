import { describe, expect, test } from 'vitest'
import { type BotApiAnswer, judge } from '../../lib/core/telegram-verdict.ts'

// Telegram's literal answers (tdlib/telegram-bot-api Client.cpp, Query.cpp; tdlib/td MessageEntity.cpp, MessageContent.cpp).
const refusals: [
  string,
  { error_code: number; description: string; parameters?: { retry_after?: number; migrate_to_chat_id?: number } },
  unknown,
][] = [
  [
    'flood',
    { error_code: 429, description: 'Too Many Requests: retry after 7', parameters: { retry_after: 7 } },
    { verdict: 'wait', seconds: 7 },
  ],
  ['a 429 without retry_after', { error_code: 429, description: 'Too Many Requests' }, { verdict: 'wait', seconds: 5 }],
  [
    'restart',
    { error_code: 500, description: 'Internal Server Error: restart' },
    { verdict: 'again', why: 'Telegram error' },
  ],
  ['token revoked', { error_code: 401, description: 'Unauthorized' }, { verdict: 'token refused' }],
  [
    'token malformed',
    { error_code: 401, description: 'Unauthorized: invalid token specified' },
    { verdict: 'token refused' },
  ],
  ['wrong API root', { error_code: 404, description: 'Not Found' }, { verdict: 'token refused' }],
  [
    'kicked',
    { error_code: 403, description: 'Forbidden: bot was kicked from the supergroup chat' },
    { verdict: 'target broken' },
  ],
  ['blocked', { error_code: 403, description: 'Forbidden: bot was blocked by the user' }, { verdict: 'target broken' }],
  ['chat unknown', { error_code: 400, description: 'Bad Request: chat not found' }, { verdict: 'target broken' }],
  ['chat id empty', { error_code: 400, description: 'Bad Request: chat_id is empty' }, { verdict: 'target broken' }],
  [
    'no rights',
    { error_code: 400, description: 'Bad Request: not enough rights to send text messages to the chat' },
    { verdict: 'target broken' },
  ],
  [
    'not admin',
    { error_code: 400, description: 'Bad Request: need administrator rights in the channel chat' },
    { verdict: 'target broken' },
  ],
  [
    'no write access',
    { error_code: 400, description: 'Bad Request: CHAT_WRITE_FORBIDDEN' },
    { verdict: 'target broken' },
  ],
  ['a 400 that nobody knows', { error_code: 400, description: 'Bad Request: SOMETHING_NEW' }, { verdict: 'refused' }],
  [
    'group upgraded',
    {
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: -1009 },
    },
    { verdict: 'moved', chat: '-1009' },
  ],
  ['thread closed', { error_code: 400, description: 'Bad Request: TOPIC_CLOSED' }, { verdict: 'thread gone' }],
  [
    'thread deleted',
    { error_code: 400, description: 'Bad Request: message thread not found' },
    { verdict: 'thread gone' },
  ],
  [
    'unknown tag',
    {
      error_code: 400,
      description: 'Bad Request: can\'t parse entities: Unsupported start tag "none" at byte offset 2',
    },
    { verdict: 'text refused' },
  ],
  [
    'open tag',
    {
      error_code: 400,
      description: 'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
    },
    { verdict: 'text refused' },
  ],
  ['too long', { error_code: 400, description: 'Bad Request: message is too long' }, { verdict: 'text refused' }],
  ['raw text too long', { error_code: 400, description: 'Bad Request: text is too long' }, { verdict: 'text refused' }],
  ['empty', { error_code: 400, description: 'Bad Request: message text is empty' }, { verdict: 'text refused' }],
  ['blank', { error_code: 400, description: 'Bad Request: text must be non-empty' }, { verdict: 'text refused' }],
  [
    'lone surrogate',
    { error_code: 400, description: 'Bad Request: strings must be encoded in UTF-8' },
    { verdict: 'text refused' },
  ],
  [
    'lone surrogate with parse mode',
    { error_code: 400, description: 'Bad Request: text must be encoded in UTF-8' },
    { verdict: 'text refused' },
  ],
  ['date too far', { error_code: 400, description: 'Bad Request: ENTITY_DATE_INVALID' }, { verdict: 'text refused' }],
  [
    'entity bounds',
    { error_code: 400, description: 'Bad Request: entity begins after the end of the text at UTF-16 offset 9' },
    { verdict: 'text refused' },
  ],
  [
    'bad button',
    {
      error_code: 400,
      description: "Bad Request: inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
    },
    { verdict: 'text refused' },
  ],
  ['button data', { error_code: 400, description: 'Bad Request: BUTTON_DATA_INVALID' }, { verdict: 'text refused' }],
  ['JSON of a front end', { error_code: 502, description: 'Bad Gateway' }, { verdict: 'unknown' }],
  ['gateway timeout', { error_code: 504, description: 'Gateway Timeout' }, { verdict: 'unknown' }],
]

describe('judges Telegram’s answers', () => {
  test.each(refusals)('%s', (_, { error_code, description, parameters = {} }, verdict) => {
    const answer: BotApiAnswer = {
      kind: 'refused',
      code: error_code,
      description,
      ...(parameters.retry_after === undefined ? {} : { retryAfter: parameters.retry_after }),
      ...(parameters.migrate_to_chat_id === undefined ? {} : { migratedTo: String(parameters.migrate_to_chat_id) }),
    }
    expect(judge(answer)).toEqual(verdict)
  })

  test.each([
    ['an answer', { kind: 'ok', messageId: 5 }, { verdict: 'sent' }],
    ['a request that was written', { kind: 'failed', isWritten: true, reason: 'ECONNRESET' }, { verdict: 'unknown' }],
    [
      'a request that was not',
      { kind: 'failed', isWritten: false, reason: 'ECONNREFUSED' },
      { verdict: 'again', why: 'unreachable' },
    ],
  ] as const)('%s', (_, answer, verdict) => {
    expect(judge(answer)).toEqual(verdict)
  })
})
