/**
 * Removes everything that could break or forge a message: escape sequences and invisible characters go, unusual spaces and line ends become
 * plain ones. The result may be empty. Takes time linear in the length of any text.
 */
export function clean(text: string): string {
  return tidied(plain.test(text) ? text : shown(text))
}

// Nearly every text of Kubernetes.
const plain = /^[\n -~]*$/

/** No spaces at the ends of lines, at most one empty line in a row, none at the beginning and the end. */
function tidied(text: string): string {
  if (!text.includes('\n') && !text.endsWith(' ')) return text
  // With the lookbehind a long run of spaces is tried once, not from each space.
  return text
    .replace(/(?<! ) +$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n{1,2}$/g, '')
}

function shown(text: string): string {
  // JSON may contain half a surrogate pair, which Telegram refuses: "text must be encoded in UTF-8".
  let cleaned = text.toWellFormed()
  for (const [pattern, replacement] of steps) cleaned = cleaned.replace(pattern, replacement)
  cleaned = cleaned.replace(loosenedRing, (letter) => letter.normalize('NFC')).replace(unshownMarks, '')
  for (const pattern of misplaced) cleaned = cleaned.replace(pattern, '')
  return cleaned
}

const esc = '\\x1B'
const bell = '\\x07'
const controlSequence = `(?:${esc}\\[|\\x9B)[0-?]*[ -\\/]*[@-~]?`
// Hyperlinks and window titles. One without an end was cut off; then its text stays, so that the rest does not vanish.
const controlString = `(?:${esc}[\\]PX\\^_]|[\\x90\\x98\\x9D-\\x9F])\\P{Cc}*(?:${bell}|${esc}\\\\|\\x9C)`
const escapeSequence = `${esc}[ -\\/]{0,2}[0-~]`

const separators = '\\0\\x1C-\\x1F'
const joiners = '\\u200C\\u200D'
const selectors = '\\uFE00-\\uFE0F'
const fillers = '\\u115F\\u1160\\u3164\\uFFA0'
const marks = `[\\p{M}${joiners}]`
const keycap = '[#*\\d](?=\\uFE0F\\u20E3)'

/** The order matters: each step relies on the ones before it. */
const steps: readonly [pattern: RegExp, replacement: string][] = [
  // Colours, cursor movements: ECMA-48, 5.4 and 5.6; ECMA-35, 13.2.
  [new RegExp(`${controlString}|${controlSequence}|${escapeSequence}`, 'gu'), ''],
  [/\r\n?|[\v\f\x85\u2028\u2029]/g, '\n'],
  [/\t/g, '  '],
  // These separate words: arguments in /proc/<pid>/cmdline, fields and records of a table.
  [new RegExp(`[${separators}]`, 'g'), ' '],
  // The other control characters show nothing.
  [/[\p{Cc}--\n]+/gv, ''],
  // Soft hyphens, zero-width spaces, direction marks and tags can make one text look like another.
  [new RegExp(`[\\p{Default_Ignorable_Code_Point}--[${joiners}${selectors}${fillers}]]+`, 'gv'), ''],
  // Blank in every font. Telegram also counts some of them as spaces (TDLib misc.cpp, strip_empty_characters).
  [new RegExp(`[[\\p{Zs}${fillers}\\u2800\\uFFF9-\\uFFFC]--\\x20]`, 'gv'), ' '],
]

// Telegram removes these marks (TDLib misc.cpp, clean_input_string), even the ring of an Å that is written as letter and ring.
const loosenedRing = /[AUauwy]\u030A/g
const unshownMarks = /[\u030A\u0333\u033F]+/g

/** Marks, selectors and joiners in places where they show nothing; the order matters. */
const misplaced: readonly RegExp[] = [
  // Many marks on one letter cover the lines above and below; no language needs more than four.
  new RegExp(`(?<=${marks}{4})${marks}+`, 'gu'),
  // A selector belongs after a character with variants: an emoji, a Chinese character, a keycap digit. Elsewhere it only hides data.
  new RegExp(`(?<![^\\p{ASCII}${selectors}${joiners}]|${keycap})[${selectors}]`, 'gu'),
  // Joiners belong in emoji sequences and Indic scripts. Between Latin letters they only make equal names look different.
  new RegExp(`(?<![^\\p{ASCII}${joiners}])[${joiners}]|[${joiners}](?![^\\p{ASCII}${joiners}])`, 'gu'),
  // Marks at the beginning would sit on the text before.
  new RegExp(`^${marks}+`, 'gmu'),
]
