import type { Bot } from '../../adapters/telegram/inspect.ts'
import { plainLine } from '../inspect/words.ts'
import { type BotConnection, type ChatPlace, chatTrouble, connectionTrouble, type Failure } from './advice.ts'
import type { Placed } from './report.ts'

/** Something that was found out by asking. */
export interface Finding {
  /** `warning`: it works, though not as well as it could. `note`: nothing is known to be wrong. */
  level: 'fine' | 'note' | 'warning' | 'problem'
  about: string
  says: string
  /** What to do about it. */
  advice: string | null
}

/** Something that Telegram told. */
export interface TelegramFinding extends Finding {
  about: 'bot' | 'chat' | 'thread' | 'test message'
  /** Of the targets that it is about. */
  targets: string[]
  chat: string | null
  messageId?: number
}

/** `isLast`: whatever is asked next would meet the same. */
export type Step = TelegramFinding & { isLast?: boolean }

/** What a request about a chat has failed on. */
export function failed(
  failure: Failure,
  place: ChatPlace,
  about: Pick<TelegramFinding, 'about' | 'targets' | 'chat'>,
  connection: BotConnection,
): Step {
  const general = connectionTrouble(failure, connection)
  return { level: 'problem', ...about, ...(general ?? chatTrouble(failure, place)), isLast: general !== undefined }
}

/** Where targets of one chat are, in Telegram and in the configuration. */
export function chatPlaceOf(targets: Placed[], bot: Bot, type?: ChatPlace['type']): ChatPlace {
  const { chat = '', threadId } = targets[0]?.target ?? {}
  return { chat, threadId, type, places: targets.flatMap(({ places }) => places), bot: handleOf(bot) }
}

export function handleOf({ username, name }: Bot): string {
  return username === '' ? plainLine(name) : `@${plainLine(username)}`
}
