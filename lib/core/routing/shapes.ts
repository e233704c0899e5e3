import * as v from 'valibot'

// Each message says what is expected: it stands behind "expected …".
export const text = v.pipe(
  v.string('a text'),
  v.minLength(1, 'a text that is not empty'),
  v.maxLength(500, 'at most 500 characters'),
)
const texts = v.array(text)
export const oneOrMore = v.union(
  [text, v.pipe(texts, v.minLength(1, 'at least one text'))],
  'a text or a list of texts',
)
export const severities = ['critical', 'warning', 'info', 'good'] as const
export const Severity = v.picklist(severities, severities.join(', '))
export const Duration = v.pipe(
  v.string('a duration as 30s, 10m, 2h or 1d'),
  v.regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration as 30s, 10m, 2h or 1d'),
)
export const TimeOfDay = v.pipe(
  v.string('a time of day as 22:00'),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day as 22:00'),
)
export const name = v.pipe(
  v.string('a name'),
  v.regex(/^[^\s:,](?:[^\n:,]{0,58}[^\s:,])?$/, 'a name of at most 60 characters without colon and comma'),
)
export const flag = v.boolean('true or false')
export const hint = v.pipe(
  v.string('a text'),
  v.minLength(1, 'a text that is not empty'),
  v.maxLength(300, 'at most 300 characters'),
)
export const howOften = 'a whole number from 2 to 60'

/** YAML reads `-1001234567890` as a number. */
export const chatOr = (form: string) => v.union([text, v.pipe(v.number(), v.safeInteger(form))], form)
export const chatText = chatOr('a chat id as -1001234567890')
export const targetText = chatOr('the name of a target, or a chat id')
export const targetTexts = v.union(
  [targetText, v.pipe(v.array(targetText), v.minLength(1, 'at least one target'))],
  'a target or a list of targets',
)

// What an editor shows.
export const about = <Item extends v.GenericSchema>(item: Item, description: string) =>
  v.pipe(item, v.description(description))

export const map = 'a map'
export const listOf = <const Item extends v.GenericSchema>(item: Item) => v.array(item, 'a list')
