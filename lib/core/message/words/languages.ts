import { de } from './de.ts'
import { en, type Translation, type Words } from './en.ts'

/** What CARD_LANGUAGE may name. A new language is one more file like de.ts, and one line here. */
export const languages = { en, de: withEnglish(de) } satisfies Record<string, Words>

export type Language = keyof typeof languages

/** The translation, with English where it lacks a line. */
export function withEnglish({ titles, hints, card, ownEvents, scheduling }: Translation): Words {
  return {
    titles: { ...en.titles, ...titles },
    hints: { ...en.hints, ...hints },
    card: { ...en.card, ...card },
    ownEvents: { ...en.ownEvents, ...ownEvents },
    scheduling: { ...en.scheduling, ...scheduling },
  }
}
