import type { Bot } from '../../adapters/telegram/inspect.ts'
import { plainLine } from '../inspect/words.ts'
import { type BotConnection, type ChatPlace, diagnoseChat, diagnoseConnection, type Failure } from './advice.ts'
import type { PlacedTarget } from './summary.ts'

/** One result of asking Telegram, Kafka or AWS. */
export interface Finding {
  /** `warning`: it works, but could work better. `note`: nothing is wrong as far as known. */
  level: 'fine' | 'note' | 'warning' | 'problem'
  about: string
  says: string
  /** How to fix it. */
  advice: string | null
}

/** A result that needs nothing to be done. */
export function fine<About extends Pick<Finding, 'about'>>(about: About, says: string) {
  return { level: 'fine', ...about, says, advice: null } as const
}

/** One result of asking Telegram. */
export interface TelegramFinding extends Finding {
  about: 'bot' | 'chat' | 'thread' | 'test message'
  /** Names of the targets that it concerns. */
  targets: string[]
  chat: string | null
  messageId?: number
}

/** `isLast`: every further request would fail in the same way. */
export type Step = TelegramFinding & { isLast?: boolean }

/** A failed request about a chat. */
export function failed(
  failure: Failure,
  place: ChatPlace,
  about: Pick<TelegramFinding, 'about' | 'targets' | 'chat'>,
  connection: BotConnection,
): Step {
  const general = diagnoseConnection(failure, connection)
  return { level: 'problem', ...about, ...(general ?? diagnoseChat(failure, place)), isLast: general !== undefined }
}

/** One chat in Telegram and in the configuration. */
export function chatPlaceOf(targets: PlacedTarget[], bot: Bot, type?: ChatPlace['type']): ChatPlace {
  const { chat = '', threadId } = targets[0]?.target ?? {}
  return { chat, threadId, type, places: targets.flatMap(({ places }) => places), bot: handleOf(bot) }
}

export function handleOf({ username, name }: Bot): string {
  return username === '' ? plainLine(name) : `@${plainLine(username)}`
}
