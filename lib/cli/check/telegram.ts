import type { Bot, ChatFacts, ChatMembership, Inspector } from '../../adapters/telegram/inspect.ts'
import type { TelegramClient } from '../../pipeline/ports.ts'
import { plainLine } from '../inspect/words.ts'
import {
  type BotConnection,
  banned,
  type ChatPlace,
  type Diagnosis,
  diagnoseConnection,
  notAllowed,
  notMember,
} from './advice.ts'
import { chatPlaceOf, failed, handleOf, type Step, type TelegramFinding } from './finding.ts'
import { sendTest } from './send.ts'
import type { PlacedTarget } from './summary.ts'

interface Questions extends BotConnection {
  inspector: Inspector
  targets: PlacedTarget[]
  /** Sends a test message to each target; undefined: send nothing. */
  send: TelegramClient['send'] | undefined
}

/** Asks Telegram about the bot and all chats, one request at a time. Stops at a failure that every further request would meet too. */
export async function* askTelegram({
  inspector,
  targets,
  send,
  ...connection
}: Questions): AsyncGenerator<TelegramFinding, undefined> {
  const about = { about: 'bot' as const, targets: [], chat: null }
  const asked = await inspector.bot()
  if (asked.kind !== 'ok') {
    const said = asked.kind === 'refused' ? `${asked.code} ${plainLine(asked.description)}` : asked.reason
    const odd = { says: `Telegram does not tell the bot's name (${said})`, advice: 'check TELEGRAM_API_ROOT' }
    yield { level: 'problem', ...about, ...(diagnoseConnection(asked, connection) ?? odd) }
    return
  }
  const bot = asked.value
  yield {
    level: 'fine',
    ...about,
    says: `the token belongs to ${handleOf(bot)}, “${plainLine(bot.name)}”`,
    advice: null,
  }
  for (const some of Map.groupBy(targets, ({ target }) => target.chat).values()) {
    for await (const { isLast, ...finding } of askAbout(some, bot, { inspector, send, connection })) {
      yield finding
      if (isLast) return
    }
  }
}

/** Checks a chat, then sends a test message to each target in it. */
async function* askAbout(targets: PlacedTarget[], bot: Bot, context: Context): AsyncGenerator<Step, undefined> {
  const { send, connection } = context
  let advice: string | null = null
  for await (const step of lookAt(targets, bot, context)) {
    if (step.level === 'problem' && step.about === 'chat') advice = step.advice
    yield step
  }
  for (const placed of send ? targets : []) {
    if (!send) return
    const step = await sendTest(placed, bot, send, connection)
    // The advice for the chat itself need not be repeated.
    yield step.advice === advice ? { ...step, advice: null } : step
    if (step.isLast) return
  }
}

interface Context extends Pick<Questions, 'inspector' | 'send'> {
  connection: BotConnection
}

/** Checks a chat once for all targets in it. */
async function* lookAt(targets: PlacedTarget[], bot: Bot, context: Context): AsyncGenerator<Step, undefined> {
  const { inspector, connection } = context
  const isTested = context.send !== undefined
  const { chat, ...place } = chatPlaceOf(targets, bot)
  const about = { about: 'chat' as const, targets: targets.map(({ name }) => name), chat }
  const found = await inspector.chat(chat)
  if (found.kind !== 'ok') {
    yield failed(found, { chat, ...place }, about, connection)
    return
  }
  const facts = found.value
  const typed = { chat, ...place, type: facts.type }
  if (facts.type === 'private') {
    const says = `${describe(facts)}${isTested ? '' : '; only a test message shows whether this person blocked the bot'}`
    yield isTested
      ? { level: 'fine', ...about, says, advice: null }
      : { level: 'note', ...about, says, advice: '--send-test' }
  } else {
    const member = await inspector.membership(chat, bot.id)
    if (member.kind !== 'ok') {
      yield failed(member, typed, about, connection)
      return
    }
    const diagnosis = diagnoseRights(facts, member.value, typed)
    yield diagnosis
      ? { level: 'problem', ...about, says: `${describe(facts)}; ${diagnosis.says}`, advice: diagnosis.advice }
      : { level: 'fine', ...about, says: `${describe(facts)}; ${roleOf(member.value)}`, advice: null }
    if (!diagnosis && facts.slowModeSeconds > 0 && !isAdministrator(member.value))
      yield {
        level: 'warning',
        ...about,
        says: `slow mode lets the bot write only every ${facts.slowModeSeconds} s`,
        advice: `make ${place.bot} an administrator; slow mode does not apply to administrators`,
      }
  }
  const threaded = targets.filter(({ target }) => target.threadId !== undefined)
  if (threaded.length === 0) return
  if (facts.type !== 'private' && !facts.isForum) for (const placed of threaded) yield noThreads(placed, facts)
  else if (!isTested) yield threadNote(threaded, chat)
}

function diagnoseRights(
  { type, mayMembersWrite }: ChatFacts,
  member: ChatMembership,
  place: ChatPlace,
): Diagnosis | undefined {
  const { status, isMember, mayWrite } = member
  if (status === 'kicked') return banned(place)
  if (!isMember) return notMember(place)
  if (type === 'channel') return isAdministrator(member) && mayWrite ? undefined : notAllowed(place)
  if (isAdministrator(member)) return undefined
  if (!mayWrite) return notAllowed(place, 'bot')
  return mayMembersWrite ? undefined : notAllowed(place, 'members')
}

/**
 * Only a message shows whether a thread exists: the Bot API has no method that looks one up, and sendChatAction answers true for a deleted
 * one (telegram-bot-api issue 732).
 */
function threadNote(targets: PlacedTarget[], chat: string): TelegramFinding {
  const ids = [...new Set(targets.map(({ target }) => target.threadId))]
  const what = ids.length === 1 ? `thread ${ids[0]} exists` : `threads ${ids.join(', ')} exist`
  return {
    level: 'note',
    about: 'thread',
    targets: targets.map(({ name }) => name),
    chat,
    says: `only a test message shows whether ${what}`,
    advice: '--send-test',
  }
}

function noThreads({ name, target, places }: PlacedTarget, { type }: ChatFacts): TelegramFinding {
  const { threadId, chat } = target
  const out = `remove “:${threadId}” from ${places.join(', ')}`
  const isChannel = type === 'channel'
  return {
    level: 'problem',
    about: 'thread',
    targets: [name],
    chat,
    says: isChannel
      ? `thread ${threadId} does not exist: channels have no threads`
      : `thread ${threadId} does not exist: the group has no topics`,
    advice: isChannel ? out : `turn on topics in the group settings and use the number of one, or ${out}`,
  }
}

function describe({ title, type, isForum }: ChatFacts): string {
  return `“${plainLine(title)}”, a ${type === 'private' ? 'private chat' : type}${isForum ? ' with topics' : ''}`
}

function isAdministrator({ status }: ChatMembership): boolean {
  return status === 'administrator' || status === 'creator'
}

function roleOf(member: ChatMembership): string {
  return isAdministrator(member) ? 'the bot is an administrator' : 'the bot is a member and may write'
}
