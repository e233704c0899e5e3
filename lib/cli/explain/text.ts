import type { ChatMessage } from '../../emulator/chats.ts'
import { readText, tidyText } from '../../emulator/text.ts'
import { renderTerminal } from '../../emulator/view/terminal.ts'
import { wrapLines } from '../../emulator/view/terminal-text.ts'
import { oneLine, type Paint, painter, styles } from '../inspect/words.ts'
import type { Explanation } from './record.ts'
import type { Trial } from './routing.ts'
import type { ShownMessage, TargetExplanation } from './target.ts'

interface Look {
  hasColor: boolean
  /** Columns. */
  width: number
}

const labelWidth = 10

/** An explanation for people, in a terminal. */
export function renderExplanation(explanation: Explanation, look: Look): string {
  const { event, problem, cause, severity, workload, cluster, tried, decided, resolves, targets, outcome } = explanation
  const paint = painter(look.hasColor)
  const row = rowsOf(look, paint)
  const kind = event && [event.type, event.reason, event.object].filter((part) => part !== '').join(' ')
  const decision =
    decided && [decided.name ?? decided.kind, ...(decided.isDefault ? ['(of the defaults)'] : [])].join(' ')
  return [
    `${paint(explanation.place, styles.bold)}${kind ? `  ${kind}` : ''}`,
    ...row('', problem?.value || event?.message || ''),
    ...(event?.claimedAt ? row('time', `${event.claimedAt} lies in the future: it counts as without a time`) : []),
    ...(event ? row('cause', `${cause} (${severity}) · ${workload} · cluster ${cluster}`) : []),
    ...triedLines(tried).flatMap((line, index) => row(index === 0 ? 'tried' : '', line)),
    ...(decided ? row('decided', `${decision}: ${decided.says}`) : []),
    ...resolves.flatMap(({ target, incident, state, ...resolved }, index) =>
      row(index === 0 ? 'resolves' : '', `${resolved.cause} in ${target}, incident ${incident}: ${state}`),
    ),
    ...targets.flatMap((target, index) => row(index === 0 ? 'for' : '', leadOf(target))),
    ...(outcome === null ? [] : row('outcome', outcome, colorOf(outcome))),
    ...explanation.deliveries.flatMap((delivery, index) =>
      deliveryLines(delivery, explanation.deliveries[index - 1], look, row),
    ),
  ].join('\n')
}

type Row = (label: string, text: string, style?: number) => string[]

function rowsOf({ width }: Look, paint: Paint): Row {
  return (label, text, style) =>
    text === ''
      ? []
      : wrapLines(text, Math.max(30, width - labelWidth - 2)).map((line, index) => {
          const name = index === 0 ? label : ''
          return `  ${paint(name.padEnd(labelWidth), styles.dim)}${style === undefined ? line : paint(line, style)}`
        })
}

/** What failed on one condition is told together. */
function triedLines(tried: Trial[]): string[] {
  const failed = tried.filter(({ why }) => why !== null)
  return [...Map.groupBy(failed, ({ why }) => why)].map(
    ([why, group]) => `${why}: ${group.map(({ kind, name }) => (kind === 'mute' ? `mute ${name}` : name)).join(', ')}`,
  )
}

function leadOf({ target, routes }: { target: string; routes: string[] }): string {
  return `${target} (${routes.length === 0 ? 'the default: no route matches' : routes.join(', ')})`
}

function deliveryLines(
  delivery: TargetExplanation,
  before: TargetExplanation | undefined,
  look: Look,
  row: Row,
): string[] {
  const { incident, state, outcome, chat, message } = delivery
  const isSame = message !== null && message.text === before?.message?.text
  return [
    ...row('for', leadOf(delivery)),
    ...row('incident', `${incident}: ${state}`),
    ...row('chat', chat ?? '', styles.red),
    ...row('outcome', `${outcome}${isSame ? ', the same text' : ''}`, colorOf(outcome)),
    ...(message && !isSame ? ['', ...messageLines(message, whenOf(delivery), look), ''] : []),
  ]
}

function colorOf(outcome: string): number {
  if (outcome.startsWith('sent')) return styles.green
  if (outcome.startsWith('skipped')) return styles.yellow
  return outcome.startsWith('pending') ? styles.cyan : styles.red
}

function whenOf({ outcome, message }: TargetExplanation): string {
  const isLater = /^(pending|returned)/.test(outcome)
  return `${isLater ? 'to be ' : ''}${message?.isEdit ? 'edited' : 'sent'}`
}

/** As the emulator shows its chats, without what the moment of showing adds. */
function messageLines({ markup, buttons, isSilent }: ShownMessage, when: string, { hasColor, width }: Look): string[] {
  const read = readText(markup, 'HTML')
  const tidied = read.kind === 'read' ? tidyText(read.formatted) : read
  const content = tidied.kind === 'read' ? tidied.formatted : { text: oneLine(markup, 4_096), entities: [] }
  const keys = buttons.map((button) => [
    { ...button, ...('copy' in button ? { copy_text: { text: button.copy } } : {}) },
  ])
  const message: ChatMessage = {
    ...{ id: 1, chatId: 1, date: 0, linkPreviewDisabled: true, isSilent, revisions: [] },
    ...content,
    replyMarkup: { inline_keyboard: keys },
  }
  const chat = { setup: { id: 1, type: 'group' as const, title: '' }, messages: [message], nextMessageId: 2 }
  return renderTerminal([chat], { width: width - 2, hasColor, formatTime: () => when, formatDay: () => '' })
    .trimEnd()
    .split('\n')
    .slice(linesOfChat)
    .map((line) => `  ${line}`)
}

// Its title, and the day.
const linesOfChat = 4
