import type { Spread } from '../incident/view.ts'
import { code, type Html, html, lines, word } from './html.ts'
import type { Words } from './words/en.ts'

type CardWords = Words['card']

// A reader needs examples, not all of them.
const mostNames = 3

/** `pods`, `ReplicaSets`; `objects` if they are of several kinds. */
export function nounOf({ names }: Spread, words: CardWords): string {
  const kind = kindOf(names)
  if (kind === undefined) return words.objects
  return kind === 'Pod' ? words.pods : words.ofKind(kind)
}

/** Some of their names: `a, b and 3 more`. */
export function listObjects(spread: Spread, words: CardWords): Html {
  const isOneKind = kindOf(spread.names) !== undefined
  return list(spread, words, (text) => {
    const { kind, name } = kindAndName(text)
    return isOneKind || kind === '' ? code(name) : html`${word(kind)} ${code(name)}`
  })
}

export function listNodes(spread: Spread, words: CardWords): Html {
  return list(spread, words, code)
}

function list({ names, count, isEstimate }: Spread, words: CardWords, show: (name: string) => Html): Html {
  const shown = names.slice(0, mostNames).map((name) => show(name))
  const others = count - shown.length
  const rest = others > 0 ? ` ${words.andMore(spreadText({ count: others, isEstimate }, words))}` : ''
  return html`${lines(shown, ', ')}${rest}`
}

export function spreadText({ count, isEstimate }: Pick<Spread, 'count' | 'isEstimate'>, words: CardWords): string {
  const digits = formatNumber(count, words)
  return isEstimate ? words.about(digits) : digits
}

/** `1,234,567`. Not by toLocaleString, which alone takes as long as the rest of a card. */
export function formatNumber(value: number, { thousandsSeparator }: Pick<CardWords, 'thousandsSeparator'>): string {
  return value < 1_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, thousandsSeparator)
}

/** The kind, if all have the same. */
function kindOf(names: string[]): string | undefined {
  const kinds = new Set(names.map((name) => kindAndName(name).kind))
  const [kind = ''] = kinds
  return kinds.size === 1 && plainKind.test(kind) ? kind : undefined
}

const plainKind = /^[A-Z][A-Za-z]{1,40}$/

function kindAndName(text: string): { kind: string; name: string } {
  const space = text.indexOf(' ')
  return space < 0 ? { kind: '', name: text } : { kind: text.slice(0, space), name: text.slice(space + 1) }
}
