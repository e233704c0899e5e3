import { de } from './de.ts'
import { en, type Words } from './en.ts'

/** What CARD_LANGUAGE may name. Another language is one more file of this type, and a line here. */
export const languages = { en, de } satisfies Record<string, Words>

export type Language = keyof typeof languages
