import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entity } from '../../lib/emulator/entity.ts'
import { type ParsedHtml, parseHtml } from '../../lib/emulator/html.ts'
import { loadTdlib } from '../support/tdlib.ts'
import { html, link } from './markup.ts'

const tdlib = realParser()

describe.skipIf(!tdlib)(
  `parseHtml is TDLib's parser${tdlib ? '' : ' (skipped: @prebuilt-tdlib is not installed)'}`,
  () => {
    test('for generated HTML', () => {
      fc.assert(
        fc.property(html(), (text) => {
          expect(parseHtml(text)).toEqual(tdlib?.(text))
        }),
        { numRuns: 6000 },
      )
    })

    test('for generated links', () => {
      fc.assert(
        fc.property(link(), (url) => {
          const text = `<a href="${url}">x</a>`
          expect(parseHtml(text)).toEqual(tdlib?.(text))
        }),
        { numRuns: 4000 },
      )
    })
  },
)

interface TdlibType {
  _: string
  url?: string
  language?: string
  user_id?: number
  custom_emoji_id?: string
  unix_time?: number
  formatting_type?: {
    _: string
    time_precision?: { _: string }
    date_precision?: { _: string }
    show_day_of_week?: boolean
  }
}
/** The real parser; undefined where its optional package is not installed, as on other platforms. */
function realParser(): ((text: string) => ParsedHtml) | undefined {
  const parse = loadTdlib()
  if (!parse) return undefined
  return (text) => {
    const answer = parse(text)
    if ('error' in answer) return { kind: 'refused', why: answer.error.replace("Can't parse entities: ", '') }
    return { kind: 'parsed', text: answer.text, entities: answer.entities.map(fromTdlib) }
  }
}

function fromTdlib({ offset, length, type }: { offset: number; length: number; type: TdlibType }): Entity {
  const name = type._.replace('textEntityType', '')
  const range = { offset, length }
  if (name === 'TextUrl') return { type: 'text_link', ...range, url: type.url ?? '' }
  if (name === 'PreCode') return { type: 'pre', ...range, language: type.language ?? '' }
  if (name === 'MentionName') return { type: 'text_mention', ...range, userId: type.user_id ?? 0 }
  if (name === 'CustomEmoji') return { type: 'custom_emoji', ...range, emojiId: type.custom_emoji_id ?? '' }
  if (name === 'DateTime')
    return { type: 'date_time', ...range, unix: type.unix_time ?? 0, format: formatOf(type.formatting_type) }
  const snake = name.replace('BlockQuote', 'Blockquote').replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`)
  return { type: snake.toLowerCase() as Entity['type'], ...range }
}

function formatOf(format: TdlibType['formatting_type']): string {
  if (format?._ === 'dateTimeFormattingTypeRelative') return 'r'
  const pick = (precision: { _: string } | undefined, short: string, long: string) =>
    precision?._.endsWith('Short') ? short : precision?._.endsWith('Long') ? long : ''
  return (
    (format?.show_day_of_week ? 'w' : '') +
    pick(format?.date_precision, 'd', 'D') +
    pick(format?.time_precision, 't', 'T')
  )
}
