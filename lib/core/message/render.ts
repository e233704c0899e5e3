import type { Renderer } from '../incident/incident.ts'
import type { Hash } from '../incident/key.ts'
import { viewOf } from '../incident/view.ts'
import { loudnessOf, type QuietHours } from '../routing/quiet.ts'
import { buttonsOf } from './buttons.ts'
import { type CardContext, card, lastCard, replacedCard } from './card.ts'
import { type Html, html, lines, stored } from './html.ts'
import type { LinkTemplate } from './link.ts'
import { duration } from './when.ts'

// Up to four of them are kept with an incident (incident.ts, deliveryState.ts); nearly every card is shorter.
const mostKeptBytes = 900

// Less is usual: kube-eventer sends every half minute, and edits come up to ten minutes apart.
const lateFromMilliseconds = 15 * 60_000

interface RenderContext extends CardContext {
  /** What a button of each card opens. */
  link?: LinkTemplate | undefined
  /** Of rules, by their names. */
  links?: ReadonlyMap<string, LinkTemplate>
  quiet?: readonly QuietHours[]
}

/** The texts of incidents, and what tells two of them apart. */
export function createRenderer(context: RenderContext, hash: Hash): Renderer {
  const words = context.words.card
  const hashOf = (text: string) => hash(text).slice(0, 16)
  const keptOf = (texts: Html[]) =>
    texts.map(({ markup }) => markup).find((text) => Buffer.byteLength(text) <= mostKeptBytes) ?? ''
  return {
    text(incident) {
      const view = viewOf(incident)
      const { markup } = card(view, context)
      const buttons = buttonsOf(view, context.links?.get(view.latest.rule) ?? context.link)
      return { markup, buttons, hash: hashOf(markup + JSON.stringify(buttons)) }
    },
    last(incident) {
      const view = viewOf(incident)
      const markup = keptOf([card(view, context), lastCard(view, context), html`${words.over}`])
      return { markup, hash: hashOf(markup) }
    },
    replaced(incident) {
      return keptOf([replacedCard(viewOf(incident), context), html`${words.goesOn}`])
    },
    marked(markup, { isRepeat, lateMilliseconds }) {
      const late = words.late(duration(Math.floor(lateMilliseconds / 1_000), words))
      return lines([
        isRepeat ? html`${words.possiblyRepeated}` : undefined,
        stored(markup),
        lateMilliseconds >= lateFromMilliseconds ? html`${late}` : undefined,
      ]).markup
    },
    loudness: (target, severity, now) => loudnessOf(context.quiet ?? [], target, severity, now),
  }
}
