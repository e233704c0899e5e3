import type { Bot } from '../../adapters/telegram/inspect.ts'
import { html } from '../../core/message/html.ts'
import type { TelegramClient } from '../../pipeline/ports.ts'
import type { BotConnection } from './advice.ts'
import { chatPlaceOf, failed, type Step } from './finding.ts'
import { defaultName, type Placed } from './report.ts'

// Telegram holds a request back for as long as eight seconds before it says 429 (tdlib/td NetQueryDelayer.cpp).
const timeoutMilliseconds = 15_000

/** Sends a message to a target that says what it is, without a sound. */
export async function sendTest(
  placed: Placed,
  bot: Bot,
  send: TelegramClient['send'],
  connection: BotConnection,
): Promise<Step> {
  const { name, target } = placed
  const { chat, threadId } = target
  const about = { about: 'test message' as const, targets: [name], chat }
  const where = name === defaultName ? 'to the default target' : `to target ${name}`
  const { markup } =
    html`A test of kube-eventer-telegram: what goes ${where} arrives here. Nothing has happened in the cluster.`
  const message = { chat, threadId, text: markup, isHtml: true, buttons: [], isSilent: true }
  const answer = await send(message, timeoutMilliseconds)
  if (answer.kind !== 'ok') {
    const step = failed(answer, chatPlaceOf([placed], bot), about, connection)
    if (!step.isLast) return { ...step, says: `the test message was refused: ${step.says}` }
    const isUnknown = answer.kind === 'failed' && answer.isWritten
    return isUnknown ? { ...step, says: `${step.says}; the test message may have been sent all the same` } : step
  }
  const { messageId } = answer
  const thread = threadId === undefined ? '' : ` to thread ${threadId}`
  return {
    level: 'fine',
    ...about,
    says: `test message ${messageId ?? ''} was sent${thread}, without a sound`,
    advice: null,
    ...(messageId === undefined ? {} : { messageId }),
  }
}
