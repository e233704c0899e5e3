import { en, type Words } from './en.ts'

/** What CARD_LANGUAGE may name. Another language is one more file of this type. */
export const languages: Record<'en', Words> = { en }
