import { isObject, parseJson } from '../core/json.ts'
import { checkLink } from './link.ts'
import { codePointCount } from './text.ts'

type ReadMarkup = { kind: 'read'; rows: KeyboardButton[][]; markup?: unknown } | { kind: 'refused'; why: string }

export interface KeyboardButton {
  text: string
  url?: string
  callbackData?: string
  copyText?: string
}

/** `reply_markup` as JSON or, in a form, as its text. Only inline keyboards are read. */
export function readMarkup(given: unknown): ReadMarkup {
  const markup = typeof given === 'string' && given !== '' ? (parseJson(given) ?? given) : given
  if (markup === undefined || markup === null || markup === '') return { kind: 'read', rows: [] }
  if (!isObject(markup)) return { kind: 'refused', why: 'object expected as reply markup' }
  const rows = keyboardRows(markup)
  if (!rows) return { kind: 'refused', why: 'object expected as reply markup' }
  if (rows.flat().some((button) => (button.url ?? button.callbackData ?? button.copyText) === undefined)) {
    const why = "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    return { kind: 'refused', why }
  }
  return rows.length > 0 ? { kind: 'read', rows, markup } : { kind: 'read', rows }
}

/** The buttons of a stored `reply_markup`, row by row. */
export function keyboardRows(markup: unknown): KeyboardButton[][] | undefined {
  if (!isObject(markup)) return undefined
  const rows = markup.inline_keyboard ?? []
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row) && row.every(isObject))) return undefined
  return rows.map((row: Record<string, unknown>[]) => row.map(button)).filter((row: KeyboardButton[]) => row.length > 0)
}

/** TDLib checks URLs before it checks the text (ReplyMarkup.cpp, get_inline_keyboard_button). */
export function urlProblem(rows: readonly KeyboardButton[][]): string | undefined {
  for (const { url } of rows.flat()) {
    const link = url === undefined ? undefined : checkLink(url)
    if (link?.kind === 'invalid') return `inline keyboard button URL '${url}' is invalid: ${link.why}`
  }
  return undefined
}

/** Telegram's servers check this last. */
export function dataProblem(rows: readonly KeyboardButton[][]): string | undefined {
  for (const { callbackData, copyText } of rows.flat()) {
    if (callbackData !== undefined && !isWithin(Buffer.byteLength(callbackData), 64)) return 'BUTTON_DATA_INVALID'
    if (copyText !== undefined && !isWithin(codePointCount(copyText), 256)) return 'BUTTON_COPY_TEXT_INVALID'
  }
  return undefined
}

function button({ text, url, callback_data, copy_text }: Record<string, unknown>): KeyboardButton {
  return {
    text: String(text ?? ''),
    ...(typeof url === 'string' && { url }),
    ...(typeof callback_data === 'string' && { callbackData: callback_data }),
    ...(isObject(copy_text) && { copyText: String(copy_text.text ?? '') }),
  }
}

function isWithin(length: number, limit: number): boolean {
  return length >= 1 && length <= limit
}
