import { createRequire } from 'node:module'
import { withoutCombinedPrefix } from '../../lib/core/event/event.ts'
import { clusterWide } from '../../lib/core/event/kinds.ts'
import type { Body, Button, Renderer } from '../../lib/core/incident/incident.ts'
import { type View, viewOf } from '../../lib/core/incident/view.ts'
import { replacedCard } from '../../lib/core/message/card.ts'
import { plainText } from '../../lib/core/message/html.ts'
import { type LinkTemplate, parseLinkTemplate } from '../../lib/core/message/link.ts'
import { createRenderer, plainMessage } from '../../lib/core/message/render.ts'
import { codePoints } from '../../lib/core/message/text/clip.ts'
import type { Words } from '../../lib/core/message/words/en.ts'
import { languages } from '../../lib/core/message/words/languages.ts'
import { loadTdlib } from './tdlib.ts'

/** How cards are made: in which language, with which link. */
export interface Look {
  words: Words
  link: LinkTemplate | undefined
  renderer: Renderer
}

const query = 'c={cluster}&n={namespace}&w={workload}&x={cause}&k={kind}&o={name}&t={container}&h={node}&r={reason}'
const templates = [
  '',
  `https://grafana.example.com/d/pods?${query}&from={from}&to={to}`,
  'https://10.0.0.1:3000/{namespace}/{name}#{reason}',
]

const timeZone = 'Asia/Kathmandu'

export const looks: Look[] = Object.values(languages).flatMap((words) =>
  templates.map((template) => {
    const link = parseLinkTemplate(template)
    return { words, link, renderer: createRenderer({ timeZone, words, link }) }
  }),
)

type Entity = { offset: number; length: number; type: { _: string } }
type Execute = (request: object) => { text: string; entities: Entity[] }

const parse = loadTdlib()
const execute: Execute | undefined = parse && createRequire(import.meta.url)('tdl').execute

/** Telegram's own parser is not installed. */
export const isWithoutTdlib = parse === undefined

/** What is wrong with all that an incident may show, by Telegram's own measures. */
export function faultsOf(body: Body, { words, link, renderer }: Look): string[] {
  const view = viewOf(body)
  const { markup, buttons = [] } = renderer.text(body)
  const lateMilliseconds = 40 * 365 * 86_400_000
  const times = { firstAt: view.lastAt, lastAt: view.lastAt, sentAt: view.lastAt + lateMilliseconds }
  const latest = { isRepeat: true, lateMilliseconds, times }
  const newer = { chat: '-1001234567890', messageId: 42, threadId: 7 }
  const head = plainText(replacedCard(view, { timeZone, words }))
  return [
    ...faultsOfText(markup),
    ...faultsOfText(renderer.marked(markup, latest)),
    ...[renderer.last(body).markup, renderer.replaced(body), renderer.linked(renderer.replaced(body), newer)].flatMap(
      (text) => [...faultsOfText(text), ...faultsOfText(renderer.marked(text, latest))],
    ),
    ...unshown(view, plainText({ markup })),
    ...buttons.flatMap((button) => faultsOfButton(button, link)),
    ...faultsOfPlain(plainMessage(renderer.marked(markup, latest), buttons), head, buttons),
  ]
}

const kinds: Record<string, string> = {
  '<b>': 'Bold',
  '<i>': 'Italic',
  '<code>': 'Code',
  '<blockquote>': 'BlockQuote',
  '<blockquote expandable>': 'ExpandableBlockQuote',
  '<tg-time': 'DateTime',
  '<a': 'TextUrl',
}

/** What Telegram makes of a text that it should not, or refuses. */
export function faultsOfText(markup: string): string[] {
  if (!parse || !execute) throw new Error('no TDLib')
  const parsed = parse(markup)
  if ('error' in parsed) return [`${parsed.error}: ${markup}`]
  const { text, entities } = parsed
  const tags = (markup.match(/<[a-z][^ >]*(?: expandable)?>?/g) ?? []).map((tag) => kinds[tag] ?? tag)
  const found = entities.map(({ type }) => type._.replace('textEntityType', ''))
  return [
    ...(text === plainText({ markup }) ? [] : [`reads otherwise: ${text} for ${markup}`]),
    ...(text.trim() === '' ? ['empty'] : []),
    ...(execute({ _: 'getMarkdownText', text: { _: 'formattedText', text, entities: [] } }).text === text
      ? []
      : [`cleaned by Telegram: ${JSON.stringify(text)}`]),
    ...([...text].length <= 4_096 ? [] : [`too long: ${[...text].length}`]),
    ...(Buffer.byteLength(markup) <= 32_768 ? [] : ['too many bytes']),
    ...(entities.length <= 100 ? [] : [`too many entities: ${entities.length}`]),
    ...(found.toSorted().join() === tags.toSorted().join() ? [] : [`entities ${found} for ${markup}`]),
    ...linked(text, entities),
  ]
}

// TDLib drops entities that it finds itself if they overlap code (MessageEntity.cpp, merge_entities). Texts that look like a time become media timestamps.
function linked(text: string, entities: Entity[]): string[] {
  const isWithin = ({ type }: Entity) => /Code|DateTime|TextUrl/.test(type._)
  const places = entities.filter(isWithin).map(({ offset, length }) => [offset, offset + length] as const)
  const found = execute?.({ _: 'getTextEntities', text }).entities ?? []
  return found
    .filter(({ type }) => type._ !== 'textEntityTypeMediaTimestamp')
    .filter(({ offset, length }) => !places.some(([start, end]) => offset < end && start < offset + length))
    .map(({ offset, length, type }) => `${type._}: ${text.slice(offset, offset + length)} in ${text}`)
}

// What need not be quoted, since all that it names stands elsewhere.
const repeats = [/^Node (\S+) status is now: (\w+)$/, /^Back-off restarting failed container(?: (\S+) in pod \S+)?$/]

// What a card never cuts.
const alwaysWhole = 100

/** Values that a card should tell and does not, letter by letter. */
function unshown(view: View, text: string): string[] {
  const { latest, identity, objects, nodes } = view
  const message = withoutCombinedPrefix(latest.message)
  const isCounted = identity.cause === 'scheduling' && text.includes('⚖️')
  const repeated = repeats.map((pattern) => pattern.exec(message)).find((match) => match !== null)
  const isOne = objects.count <= 1
  const isWhole = latest.missing === 0 && codePoints(message + latest.tail) <= 600
  const quoted = isWhole
    ? [message + latest.tail]
    : [[...message].slice(0, 10).join(''), [...latest.tail].slice(-10).join('')]
  const values = [
    identity.cluster,
    latest.reason,
    ...(repeated ? repeated.slice(1) : isCounted ? [] : quoted),
    ...(['Warning', 'Normal'].includes(latest.type) ? [] : [latest.type]),
    ...(latest.related ? Object.values(latest.related) : []),
    ...(nodes.count <= 1 ? [latest.host] : nodes.names.slice(0, 2)),
    ...(latest.objectName === '' ? [] : [identity.workload.name]),
    ...(latest.objectName === '' || (isOne && clusterWide.has(latest.kind.toLowerCase())) ? [] : [identity.namespace]),
    ...(isOne ? [latest.objectName, latest.container] : []),
  ]
  return values
    .filter((value = '') => (codePoints(value) <= alwaysWhole || value === message) && !text.includes(value))
    .map((value) => `not shown: ${JSON.stringify(value)} in ${JSON.stringify(text)}`)
}

/** What Telegram makes of a text that is sent as one piece of code, where it finds nothing to tap. */
function faultsOfCode(text: string): string[] {
  const { length } = text
  const entity = { _: 'textEntity', offset: 0, length, type: { _: 'textEntityTypePre' } }
  const read = execute?.({ _: 'getMarkdownText', text: { _: 'formattedText', text, entities: [entity] } })
  const isMarked = read?.text === `\`\`\`\n${text}\`\`\``
  // Where the text has such marks itself, TDLib leaves it as it is.
  const [code] = read?.entities ?? []
  const isWhole = read?.text === text && code?.offset === 0 && code.length === length
  return isMarked || isWhole ? [] : [`plain text is not one piece of code: ${JSON.stringify(read)}`]
}

function faultsOfButton(button: Button, link: LinkTemplate | undefined): string[] {
  const isLabel = button.text.trim() !== '' && codePoints(button.text) <= 64
  const label = isLabel ? [] : [`label: ${button.text}`]
  if ('copy' in button) {
    const isCommand = /^kubectl [A-Za-z0-9 .,:=/_-]{1,248}$/.test(button.copy)
    return isCommand ? label : [...label, `command: ${button.copy}`]
  }
  const url = URL.parse(button.url)
  const filled = new URL((link?.template ?? '').replaceAll(/[{}]/g, ''))
  const keys = ({ searchParams }: URL) => [...searchParams.keys()].join()
  const depth = ({ pathname }: URL) => pathname.split('/').length
  const isMeant =
    url !== null &&
    url.origin === filled.origin &&
    url.host === link?.host &&
    keys(url) === keys(filled) &&
    depth(url) === depth(filled)
  return isMeant ? label : [...label, `address: ${button.url}`]
}

function faultsOfPlain(text: string, head: string, buttons: Button[]): string[] {
  const commands = buttons.flatMap((button) => ('copy' in button ? button.copy : []))
  const addresses = buttons.flatMap((button) => ('url' in button ? button.url : []))
  return [
    ...(codePoints(text) <= 4_096 ? [] : [`plain text too long: ${codePoints(text)}`]),
    ...[head, ...commands].filter((part) => !text.includes(part)).map((part) => `plain text without ${part}`),
    ...faultsOfCode(text),
    // Telegram would make a link of half of it, too.
    ...addresses
      .filter((url) => text.includes(new URL(url).origin) && !text.includes(url))
      .map((url) => `plain text with a part of ${url}`),
  ]
}
