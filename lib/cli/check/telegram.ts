import type { Bot, ChatFacts, ChatMembership, Inspector } from '../../adapters/telegram/inspect.ts'
import type { TelegramClient } from '../../pipeline/ports.ts'
import { plainLine } from '../inspect/words.ts'
import {
  absence,
  type BotConnection,
  ban,
  type ChatPlace,
  connectionTrouble,
  type Diagnosis,
  muteness,
} from './advice.ts'
import { chatPlaceOf, failed, handleOf, type Step, type TelegramFinding } from './finding.ts'
import type { Placed } from './report.ts'
import { sendTest } from './send.ts'

interface Questions extends BotConnection {
  inspector: Inspector
  targets: Placed[]
  /** To each target a message is sent; undefined: nothing is sent. */
  send: TelegramClient['send'] | undefined
}

/** Asks Telegram about the bot and all its chats, one request after another, and ends with what would only be met again. */
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
    const odd = { says: `Telegram does not say who the bot is (${said})`, advice: 'check TELEGRAM_API_ROOT' }
    yield { level: 'problem', ...about, ...(connectionTrouble(asked, connection) ?? odd) }
    return
  }
  const bot = asked.value
  yield {
    level: 'fine',
    ...about,
    says: `the token is that of ${handleOf(bot)}, “${plainLine(bot.name)}”`,
    advice: null,
  }
  for (const some of Map.groupBy(targets, ({ target }) => target.chat).values()) {
    for await (const { isLast, ...finding } of askAbout(some, bot, { inspector, send, connection })) {
      yield finding
      if (isLast) return
    }
  }
}

/** A chat, and then a message for each target in it. */
async function* askAbout(targets: Placed[], bot: Bot, context: Context): AsyncGenerator<Step, undefined> {
  const { send, connection } = context
  let advice: string | null = null
  for await (const step of lookAt(targets, bot, context)) {
    if (step.level === 'problem' && step.about === 'chat') advice = step.advice
    yield step
  }
  for (const placed of send ? targets : []) {
    if (!send) return
    const step = await sendTest(placed, bot, send, connection)
    // Once is enough.
    yield step.advice === advice ? { ...step, advice: null } : step
    if (step.isLast) return
  }
}

interface Context extends Pick<Questions, 'inspector' | 'send'> {
  connection: BotConnection
}

/** A chat, for all targets in it. */
async function* lookAt(targets: Placed[], bot: Bot, context: Context): AsyncGenerator<Step, undefined> {
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
    const says = `${describe(facts)}${isTested ? '' : '; whether they blocked the bot, only a message can tell'}`
    yield isTested
      ? { level: 'fine', ...about, says, advice: null }
      : { level: 'note', ...about, says, advice: '--send-test' }
  } else {
    const member = await inspector.membership(chat, bot.id)
    if (member.kind !== 'ok') {
      yield failed(member, typed, about, connection)
      return
    }
    const trouble = rightsTrouble(facts, member.value, typed)
    yield trouble
      ? { level: 'problem', ...about, says: `${describe(facts)}; but ${trouble.says}`, advice: trouble.advice }
      : { level: 'fine', ...about, says: `${describe(facts)}; ${roleOf(member.value)}`, advice: null }
    if (!trouble && facts.slowModeSeconds > 0 && !isAdministrator(member.value))
      yield {
        level: 'warning',
        ...about,
        says: `slow mode lets the bot say something every ${facts.slowModeSeconds} s only`,
        advice: `make ${place.bot} an administrator: slow mode does not hold for those`,
      }
  }
  const threaded = targets.filter(({ target }) => target.threadId !== undefined)
  if (threaded.length === 0) return
  if (facts.type !== 'private' && !facts.isForum) for (const placed of threaded) yield noThreads(placed, facts)
  else if (!isTested) yield threadNote(threaded, chat)
}

function rightsTrouble(
  { type, mayMembersWrite }: ChatFacts,
  member: ChatMembership,
  place: ChatPlace,
): Diagnosis | undefined {
  const { status, isMember, mayWrite } = member
  if (status === 'kicked') return ban(place)
  if (!isMember) return absence(place)
  if (type === 'channel') return isAdministrator(member) && mayWrite ? undefined : muteness(place)
  if (isAdministrator(member)) return undefined
  if (!mayWrite) return muteness(place, 'bot')
  return mayMembersWrite ? undefined : muteness(place, 'members')
}

/**
 * Nothing but a message tells whether a thread is there: the Bot API has no method that looks one up, and sendChatAction answers true for
 * one that was deleted (telegram-bot-api issue 732).
 */
function threadNote(targets: Placed[], chat: string): TelegramFinding {
  const ids = [...new Set(targets.map(({ target }) => target.threadId))]
  const what = ids.length === 1 ? `thread ${ids[0]} is` : `threads ${ids.join(', ')} are`
  return {
    level: 'note',
    about: 'thread',
    targets: targets.map(({ name }) => name),
    chat,
    says: `whether ${what} there, only a message can tell`,
    advice: '--send-test',
  }
}

function noThreads({ name, target, places }: Placed, { type }: ChatFacts): TelegramFinding {
  const { threadId, chat } = target
  const out = `take “:${threadId}” out of ${places.join(', ')}`
  const isChannel = type === 'channel'
  return {
    level: 'problem',
    about: 'thread',
    targets: [name],
    chat,
    says: isChannel
      ? `a channel has no threads, as ${threadId} would be`
      : `there is no thread ${threadId}: the group has no topics`,
    advice: isChannel ? out : `turn on topics in its settings and name one of them, or ${out}`,
  }
}

function describe({ title, type, isForum }: ChatFacts): string {
  return `“${plainLine(title)}”, a ${type === 'private' ? 'private chat' : type}${isForum ? ' with topics' : ''}`
}

function isAdministrator({ status }: ChatMembership): boolean {
  return status === 'administrator' || status === 'creator'
}

function roleOf(member: ChatMembership): string {
  return isAdministrator(member) ? 'the bot is an administrator' : 'the bot is in it and may write'
}
