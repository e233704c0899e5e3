import type { Renderer } from '../incident/incident.ts'
import type { Hash } from '../incident/key.ts'
import { viewOf } from '../incident/view.ts'
import { type CardContext, card, lastCard, replacedCard, replacedNote } from './card.ts'
import { html } from './html.ts'

// Up to four of them are kept with an incident (incident.ts, standing.ts); nearly every card is shorter.
const mostKeptBytes = 900

/** The texts of incidents, and what tells two of them apart. */
export function createRenderer(context: CardContext, hash: Hash): Renderer {
  return {
    text(incident) {
      const { markup } = card(viewOf(incident), context)
      return { markup, hash: hash(markup).slice(0, 16) }
    },
    last(incident) {
      const view = viewOf(incident)
      const texts = [card(view, context), lastCard(view), html`Over.`].map(({ markup }) => markup)
      const markup = texts.find((text) => Buffer.byteLength(text) <= mostKeptBytes) ?? ''
      return { markup, hash: hash(markup).slice(0, 16) }
    },
    replaced(incident) {
      const { markup } = replacedCard(viewOf(incident))
      return Buffer.byteLength(markup) <= mostKeptBytes ? markup : replacedNote.markup
    },
  }
}
