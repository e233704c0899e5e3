import { type BotApiAnswer, judge } from '../../core/verdict.ts'
import { plainLine } from '../inspect/words.ts'

/** What is wrong, and what to do about it. */
export interface Diagnosis {
  says: string
  advice: string
}

export type Failure = Exclude<BotApiAnswer, { kind: 'ok' }>

export interface BotConnection {
  apiRoot: string
  /** The variable that says where the token is. */
  tokenVariable: string
}

/** Diagnosis that has nothing to do with a chat, and that further requests would only meet again; undefined if it is a chat's. */
export function connectionTrouble(failure: Failure, { apiRoot, tokenVariable }: BotConnection): Diagnosis | undefined {
  const verdict = judge(failure)
  const said = failure.kind === 'refused' ? `${failure.code} ${plainLine(failure.description)}` : failure.reason
  switch (verdict.verdict) {
    case 'token refused':
      return failure.kind === 'refused' && failure.code === 404
        ? {
            says: `no Bot API, or none that knows this token, is at ${apiRoot} (${said})`,
            advice: `check TELEGRAM_API_ROOT, and that ${tokenVariable} has the whole token`,
          }
        : {
            says: `Telegram refuses the bot token (${said})`,
            advice: `check ${tokenVariable}; the right token is shown by @BotFather (/mybots, API Token)`,
          }
    case 'wait':
      return {
        says: `Telegram asks to wait for ${verdict.seconds} s (${said})`,
        advice: 'run this again then',
      }
    case 'again':
      return verdict.why === 'unreachable'
        ? {
            says: `${apiRoot} can't be reached (${said})`,
            advice: 'check TELEGRAM_API_ROOT, and the network from here',
          }
        : { says: `Telegram has trouble of its own (${said})`, advice: 'run this again in a minute' }
    case 'unknown':
      return /^HTTP|^JSON/.test(said)
        ? {
            says: `what answers at ${apiRoot} is not the Bot API (${said})`,
            advice: 'check TELEGRAM_API_ROOT, and what lies in between, as a proxy; or Telegram is down: try again',
          }
        : {
            says: `what ${apiRoot} answered is not known (${said})`,
            advice: 'run this again; if it stays so, check the network from here',
          }
    default:
      return undefined
  }
}

export interface ChatPlace {
  /** As it was configured. */
  chat: string
  threadId: number | undefined
  type: 'private' | 'group' | 'supergroup' | 'channel' | undefined
  /** Where in the configuration. */
  places: string[]
  /** With the at sign. */
  bot: string
}

/** What a chat's refusal means. */
export function chatTrouble(failure: Failure, place: ChatPlace): Diagnosis {
  const verdict = judge(failure)
  const { chat, places } = place
  if (verdict.verdict === 'moved')
    return {
      says: 'the group was upgraded to a supergroup, and has a new id',
      advice: `replace ${chat} by ${verdict.chat} in ${places.join(', ')}`,
    }
  const said = failure.kind === 'refused' ? failure.description : failure.reason
  const known = refusals.find(([pattern]) => pattern.test(said))?.[1]
  return (
    known?.({ ...place, type: place.type ?? typeIn(said) }) ?? {
      says: `Telegram refuses: ${plainLine(said)}`,
      advice: `check the chat and the bot's rights there (${places.join(', ')})`,
    }
  )
}

/** The bot is not there. */
export function absence({ type, bot }: ChatPlace): Diagnosis {
  return type === 'channel'
    ? {
        says: 'the bot is not in the channel',
        advice: `add ${bot} to the channel as an administrator with the right to post messages`,
      }
    : { says: 'the bot is not in the group', advice: `add ${bot} to the group` }
}

export function ban({ type, bot }: ChatPlace): Diagnosis {
  const chat = type === 'channel' ? 'channel' : 'group'
  return {
    says: `the bot was kicked from the ${chat}`,
    advice: `take ${bot} off the list of removed users (its settings, Permissions), then add it to the ${chat} again`,
  }
}

/** It is there, but may not say anything; `why` if it is known. */
export function muteness({ type, bot }: ChatPlace, why?: 'members' | 'bot'): Diagnosis {
  if (type === 'channel')
    return {
      says: 'the bot may not post in the channel',
      advice: `make ${bot} an administrator with the right to post messages`,
    }
  if (why === 'bot')
    return {
      says: 'the bot is restricted, and may not write',
      advice: `lift the restriction of ${bot}, or make it an administrator`,
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
  [/was kicked/, ban],
  [/not a member|CHANNEL_PRIVATE/, absence],
  [
    /was blocked/,
    ({ bot }) => ({ says: 'this person has blocked the bot', advice: `they have to unblock ${bot} in Telegram` }),
  ],
  [
    /can't initiate/,
    ({ bot }) => ({ says: 'this person never wrote to the bot', advice: `they have to open ${bot} and press Start` }),
  ],
  [/need administrator rights|CHAT_ADMIN_REQUIRED/, (place) => muteness({ ...place, type: 'channel' })],
  [/not enough rights|no write access|CHAT_\w*(FORBIDDEN|RESTRICTED)/, (place) => muteness(place)],
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
  return ({ places }: ChatPlace): Diagnosis => ({ says, advice: `put another chat into ${places.join(', ')}` })
}

/** `Forbidden: bot is not a member of the channel chat` */
function typeIn(description: string): ChatPlace['type'] {
  const [, type] = /the (group|supergroup|channel) chat/.exec(description) ?? []
  return type === undefined ? undefined : type === 'channel' ? 'channel' : 'group'
}

function missingThread({ threadId, places }: ChatPlace): Diagnosis {
  return {
    says: `thread ${threadId} is not there: it was deleted, or the number is wrong`,
    advice: `correct ${places.join(', ')}: the number stands in the link to the topic, https://t.me/c/…/<thread>. Until then messages go to the chat without a thread`,
  }
}

function unknownChat({ chat, places, bot }: ChatPlace): Diagnosis {
  const where = places.join(', ')
  if (chat.startsWith('@'))
    return {
      says: `there is no public group or channel ${chat}`,
      advice: `correct ${where}; a private one is named by its id, as -1001234567890`,
    }
  if (!chat.startsWith('-'))
    return {
      says: 'the id is wrong, or this person never wrote to the bot',
      advice: `they have to open ${bot} and press Start; ids of groups and channels begin with a minus (${where})`,
    }
  const hint = /^-(?!100)\d{9,}$/.test(chat) ? '; ids of supergroups and channels begin with -100' : ''
  return {
    says: 'the chat id is wrong, or the bot never was there',
    advice: `add ${bot} to the chat, or correct ${chat} in ${where}${hint}`,
  }
}
