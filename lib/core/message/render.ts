import { isLoud } from '../event/severity.ts'
import { sha256 } from '../hash.ts'
import type { Button, Renderer, ShownBody, Text } from '../incident/incident.ts'
import { type View, viewOf } from '../incident/view.ts'
import type { CompiledRule } from '../routing/ruleset.ts'
import { type CardContext, card, lastCard, replacedCard } from './card.ts'
import { commandOf, labelOf } from './command.ts'
import { hintOf } from './hints.ts'
import { type Html, html, lines, link, plainText, stored } from './html.ts'
import { type LinkTemplate, linkButton, messageAddress, parseLinkTemplate } from './link.ts'
import { clip, codePoints } from './text/clip.ts'
import { dayMark, duration } from './times.ts'

// Up to four of these texts are saved with an incident (incident.ts, DeliveryState); nearly every card is shorter.
const maxSavedBytes = 900

const mostTexts = 500

// Less is usual: kube-eventer sends every half minute, and edits come up to ten minutes apart.
const lateFromMilliseconds = 15 * 60_000

interface RenderContext extends CardContext {
  /** What a button of each card opens. */
  link?: LinkTemplate | undefined
  /** The links of rules, by the rule's name. */
  links?: ReadonlyMap<string, LinkTemplate>
}

/** Renders the texts of incidents. Equal texts have equal hashes. */
export function createRenderer(context: RenderContext): Renderer {
  const words = context.words.card
  const continued = html`${words.continued}`
  // Saving, delivering and recording ask for the same text. The number is limited, since a batch may have thousands of incidents.
  let texts = new WeakMap<ShownBody, Text>()
  let rendered = 0
  const hashOf = (text: string) => sha256(text).slice(0, 16)
  const firstSmall = (candidates: Html[]) =>
    candidates.map(({ markup }) => markup).find((text) => Buffer.byteLength(text) <= maxSavedBytes) ?? ''
  return {
    text(body) {
      const known = texts.get(body)
      if (known) return known
      const view = viewOf(body)
      const { markup } = card(view, context)
      const buttons = buttonsOf(view, context.links?.get(view.latest.rule) ?? context.link)
      const text = { markup, buttons, hash: hashOf(markup + JSON.stringify(buttons)) }
      rendered += 1
      if (rendered % mostTexts === 0) texts = new WeakMap()
      texts.set(body, text)
      return text
    },
    last(body) {
      const view = viewOf(body)
      const markup = firstSmall([card(view, context), lastCard(view, context), html`${words.over}`])
      return { markup, hash: hashOf(markup) }
    },
    replaced(body) {
      return firstSmall([lines([replacedCard(viewOf(body), context), continued]), continued])
    },
    linked(markup, { chat, messageId, threadId }) {
      const address = messageAddress(chat, messageId, threadId)
      if (address === undefined || !markup.endsWith(continued.markup)) return markup
      return markup.slice(0, -continued.markup.length) + link(address, words.continued).markup
    },
    marked(markup, { isRepeat, lateMilliseconds, times }) {
      const late = words.late(duration(Math.floor(lateMilliseconds / 1_000), words))
      const day = times && dayMark(times, context.timeZone)
      return lines([
        isRepeat ? html`${words.possiblyRepeated}` : undefined,
        stored(markup),
        day === undefined ? undefined : html`📅 ${day}`,
        lateMilliseconds >= lateFromMilliseconds ? html`${late}` : undefined,
      ]).markup
    },
  }
}

// Telegram's message_text_length_max (TDLib OptionManager.cpp).
const maxCharacters = 4_096

/** A message without markup and buttons that says all that they said. */
export function plainMessage(markup: string, buttons: Button[]): string {
  const below = buttons.map((button) => `\n${'url' in button ? button.url : button.copy}`).join('')
  // Half an address would be a link to somewhere else.
  return clip(plainText({ markup }), maxCharacters - codePoints(below)) + below
}

/** The buttons below a card: a command that shows more, if there is something to look for, and the configured link. */
function buttonsOf(view: View, link: LinkTemplate | undefined): Button[] {
  // The program's own events belong to no cluster.
  if (view.identity.cluster === '') return []
  const hint = hintOf(view)
  const command = hint || isLoud(view.severity) ? commandOf(hint?.command ?? 'describe', view) : undefined
  const copy = command === undefined ? undefined : { text: labelOf(command), copy: command }
  return [copy, link && linkButton(link, view)].filter((button) => button !== undefined)
}

/** The hints and links that rules set for their cards, by the name of the rule. */
export function overridesOf(rules: readonly CompiledRule[]) {
  const hints = rules.flatMap(({ name, hint }): [string, string][] => (hint === undefined ? [] : [[name, hint]]))
  const links = rules.flatMap(({ name, link }): [string, LinkTemplate][] => {
    const template = link === undefined ? undefined : parseLinkTemplate(link)
    return template ? [[name, template]] : []
  })
  return { hints: new Map(hints), links: new Map(links) }
}
