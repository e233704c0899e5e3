import type { Renderer } from '../incident/incident.ts'
import type { Hash } from '../incident/key.ts'
import { viewOf } from '../incident/view.ts'
import { type CardContext, card, replacedCard } from './card.ts'

/** The texts of incidents, and what tells two of them apart. */
export function createRenderer(context: CardContext, hash: Hash): Renderer {
  return {
    text(incident) {
      const { markup } = card(viewOf(incident), context)
      return { markup, hash: hash(markup).slice(0, 16) }
    },
    replaced: (incident) => replacedCard(viewOf(incident)).markup,
  }
}
