import { type BotApiAnswer, judge } from '../../core/telegram-verdict.ts'
import { plainLine } from '../inspect/words.ts'

/** What is wrong and how to fix it. */
export interface Diagnosis {
  says: string
  advice: string
}

export type Failure = Exclude<BotApiAnswer, { kind: 'ok' }>

export interface BotConnection {
  apiRoot: string
  /** The variable that has the token or names its place in AWS. */
  tokenVariable: string
}

/** A failure that every further request would meet too; undefined if it concerns one chat only. */
export function diagnoseConnection(failure: Failure, { apiRoot, tokenVariable }: BotConnection): Diagnosis | undefined {
  const verdict = judge(failure)
  const said = failure.kind === 'refused' ? `${failure.code} ${plainLine(failure.description)}` : failure.reason
  switch (verdict.verdict) {
    case 'token refused':
      return failure.kind === 'refused' && failure.code === 404
        ? {
            says: `no Bot API at ${apiRoot} knows this token (${said})`,
            advice: `check TELEGRAM_API_ROOT, and check that ${tokenVariable} has the complete token`,
          }
        : {
            says: `Telegram rejects the bot token (${said})`,
            advice: `check ${tokenVariable}; @BotFather shows the token (/mybots, API Token)`,
          }
    case 'wait':
      return {
        says: `Telegram's rate limit asks to wait ${verdict.seconds} s (${said})`,
        advice: 'run the check again after that',
      }
    case 'again':
      return verdict.why === 'unreachable'
        ? {
            says: `${apiRoot} is unreachable (${said})`,
            advice: 'check TELEGRAM_API_ROOT and the network on this machine',
          }
        : { says: `Telegram has an internal error (${said})`, advice: 'run the check again in a minute' }
    case 'unknown':
      return /^HTTP|^JSON/.test(said)
        ? {
            says: `the server at ${apiRoot} is not the Bot API (${said})`,
            advice: 'check TELEGRAM_API_ROOT and any proxy in between; if Telegram is down, try again later',
          }
        : {
            says: `the connection to ${apiRoot} broke before the answer (${said})`,
            advice: 'run the check again; if this repeats, check the network on this machine',
          }
    default:
      return undefined
  }
}

export interface ChatPlace {
  /** As configured. */
  chat: string
  threadId: number | undefined
  type: 'private' | 'group' | 'supergroup' | 'channel' | undefined
  /** The places in the configuration that name it. */
  places: string[]
  /** With the @. */
  bot: string
}

/** What a refusal that concerns one chat means. */
export function diagnoseChat(failure: Failure, place: ChatPlace): Diagnosis {
  const verdict = judge(failure)
  const { chat, places } = place
  if (verdict.verdict === 'moved')
    return {
      says: 'the group was upgraded to a supergroup and has a new id',
      advice: `replace ${chat} with ${verdict.chat} in ${places.join(', ')}`,
    }
  const said = failure.kind === 'refused' ? failure.description : failure.reason
  const known = refusals.find(([pattern]) => pattern.test(said))?.[1]
  return (
    known?.({ ...place, type: place.type ?? typeIn(said) }) ?? {
      says: `Telegram answers: ${plainLine(said)}`,
      advice: `check the chat and the bot's rights in it (${places.join(', ')})`,
    }
  )
}

/** The bot is not a member. */
export function notMember({ type, bot }: ChatPlace): Diagnosis {
  return type === 'channel'
    ? {
        says: 'the bot is not in the channel',
        advice: `add ${bot} to the channel as an administrator with the right to post messages`,
      }
    : { says: 'the bot is not in the group', advice: `add ${bot} to the group` }
}

export function banned({ type, bot }: ChatPlace): Diagnosis {
  const chat = type === 'channel' ? 'channel' : 'group'
  return {
    says: `the bot was kicked from the ${chat}`,
    advice: `remove ${bot} from the removed users (${chat} settings, Permissions), then add it to the ${chat} again`,
  }
}

/** The bot is a member but may not write; `why` if it is known. */
export function notAllowed({ type, bot }: ChatPlace, why?: 'members' | 'bot'): Diagnosis {
  if (type === 'channel')
    return {
      says: 'the bot may not post in the channel',
      advice: `make ${bot} an administrator with the right to post messages`,
    }
  if (why === 'bot')
    return {
      says: 'the bot is restricted and may not write',
      advice: `remove the restriction of ${bot}, or make it an administrator`,
    }
  return {
    says: why
      ? 'the bot may not write: members are not allowed to send messages'
      : 'the bot may not write in the group',
    advice: `make ${bot} an administrator, or let members send messages (the group's settings, Permissions)`,
  }
}

const refusals: [RegExp, (place: ChatPlace) => Diagnosis][] = [
  [/chat not found|PEER_ID_INVALID/, unknownChat],
  [/chat was deleted/, gone('the group was deleted')],
  [/user is deactivated/, gone('the account was deleted')],
  [/was kicked/, banned],
  [/not a member|CHANNEL_PRIVATE/, notMember],
  [
    /was blocked/,
    ({ bot }) => ({ says: 'this person has blocked the bot', advice: `they must unblock ${bot} in Telegram` }),
  ],
  [
    /can't initiate/,
    ({ bot }) => ({ says: 'this person has never started the bot', advice: `they must open ${bot} and press Start` }),
  ],
  [/need administrator rights|CHAT_ADMIN_REQUIRED/, (place) => notAllowed({ ...place, type: 'channel' })],
  [/not enough rights|no write access|CHAT_\w*(FORBIDDEN|RESTRICTED)/, (place) => notAllowed(place)],
  [/message thread not found|TOPIC_(DELETED|ID_INVALID)/, missingThread],
  [
    /TOPIC_CLOSED/,
    ({ bot, threadId }) => ({
      says: `thread ${threadId} is closed`,
      advice: `reopen it, or make ${bot} an administrator with the right to manage topics`,
    }),
  ],
]

function gone(says: string) {
  return ({ places }: ChatPlace): Diagnosis => ({ says, advice: `replace the chat in ${places.join(', ')}` })
}

/** `Forbidden: bot is not a member of the channel chat` */
function typeIn(description: string): ChatPlace['type'] {
  const [, type] = /the (group|supergroup|channel) chat/.exec(description) ?? []
  return type === undefined ? undefined : type === 'channel' ? 'channel' : 'group'
}

function missingThread({ threadId, places }: ChatPlace): Diagnosis {
  return {
    says: `thread ${threadId} does not exist: it was deleted, or the number is wrong`,
    advice: `correct ${places.join(', ')}; the link to a topic ends with its number (https://t.me/c/…/<thread>). Until then, messages go to the chat without a thread`,
  }
}

function unknownChat({ chat, places, bot }: ChatPlace): Diagnosis {
  const where = places.join(', ')
  if (chat.startsWith('@'))
    return {
      says: `no public group or channel is named ${chat}`,
      advice: `correct ${where}; use the id of a private chat, for example -1001234567890`,
    }
  if (!chat.startsWith('-'))
    return {
      says: 'the id is wrong, or this person has never started the bot',
      advice: `they must open ${bot} and press Start; ids of groups and channels begin with a minus sign (${where})`,
    }
  const hint = /^-(?!100)\d{9,}$/.test(chat) ? '; ids of supergroups and channels begin with -100' : ''
  return {
    says: 'the chat id is wrong, or the bot was never in the chat',
    advice: `add ${bot} to the chat, or correct ${chat} in ${where}${hint}`,
  }
}
