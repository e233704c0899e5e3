/**
 * `text` with nothing in it that breaks or forges a message: escape sequences and invisible characters are gone, odd spaces and line ends
 * are plain ones. Empty if there was nothing else. Takes time linear in the length of any text.
 */
export function clean(text: string): string {
  return tidied(plain.test(text) ? text : shown(text))
}

// Nearly all that Kubernetes says.
const plain = /^[\n -~]*$/

/** No spaces at the ends of lines, at most one empty line in a row, none at the beginning and the end. */
function tidied(text: string): string {
  if (!text.includes('\n') && !text.endsWith(' ')) return text
  // The look behind lets a long run of spaces be tried once, not from each of them.
  return text
    .replace(/(?<! ) +$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n{1,2}$/g, '')
}

function shown(text: string): string {
  // JSON may carry half a surrogate pair; Telegram refuses it: "text must be encoded in UTF-8".
  let cleaned = text.toWellFormed()
  for (const [pattern, replacement] of steps) cleaned = cleaned.replace(pattern, replacement)
  cleaned = cleaned.replace(loosenedRing, (letter) => letter.normalize('NFC')).replace(unshownMarks, '')
  for (const pattern of misplaced) cleaned = cleaned.replace(pattern, '')
  return cleaned
}

const esc = '\\x1B'
const bell = '\\x07'
const controlSequence = `(?:${esc}\\[|\\x9B)[0-?]*[ -\\/]*[@-~]?`
// Hyperlinks and window titles. One without its end is cut off: then what it says stays, rather than vanish up to the end of the text.
const controlString = `(?:${esc}[\\]PX\\^_]|[\\x90\\x98\\x9D-\\x9F])\\P{Cc}*(?:${bell}|${esc}\\\\|\\x9C)`
const escapeSequence = `${esc}[ -\\/]{0,2}[0-~]`

const separators = '\\0\\x1C-\\x1F'
const joiners = '\\u200C\\u200D'
const selectors = '\\uFE00-\\uFE0F'
const fillers = '\\u115F\\u1160\\u3164\\uFFA0'
const marks = `[\\p{M}${joiners}]`
const keycap = '[#*\\d](?=\\uFE0F\\u20E3)'

/** In this order: what a step leaves is what the next ones expect. */
const steps: readonly [pattern: RegExp, replacement: string][] = [
  // Colours, cursor movements: ECMA-48, 5.4 and 5.6; ECMA-35, 13.2.
  [new RegExp(`${controlString}|${controlSequence}|${escapeSequence}`, 'gu'), ''],
  [/\r\n?|[\v\f\x85\u2028\u2029]/g, '\n'],
  [/\t/g, '  '],
  // They stand between words: the arguments in /proc/<pid>/cmdline, the fields and records of a table.
  [new RegExp(`[${separators}]`, 'g'), ' '],
  // The others stand for nothing that can be seen.
  [/[\p{Cc}--\n]+/gv, ''],
  // Soft hyphens, zero-width spaces, marks of direction, tags: with them one text is shown as another.
  [new RegExp(`[\\p{Default_Ignorable_Code_Point}--[${joiners}${selectors}${fillers}]]+`, 'gv'), ''],
  // Blank in every font. Telegram counts some of them as spaces, too (TDLib misc.cpp, strip_empty_characters).
  [new RegExp(`[[\\p{Zs}${fillers}\\u2800\\uFFF9-\\uFFFC]--\\x20]`, 'gv'), ' '],
]

// Telegram takes these marks out (TDLib misc.cpp, clean_input_string), even the ring of an Å that comes as a letter and a ring.
const loosenedRing = /[AUauwy]\u030A/g
const unshownMarks = /[\u030A\u0333\u033F]+/g

/** Marks, selectors and joiners where they show nothing, in this order. */
const misplaced: readonly RegExp[] = [
  // Stacked on one letter, they cover the lines above and below; languages need no more than four.
  new RegExp(`(?<=${marks}{4})${marks}+`, 'gu'),
  // One after what may have variants: an emoji, a Chinese character, a digit as keycap. Elsewhere they only hide data.
  new RegExp(`(?<![^\\p{ASCII}${selectors}${joiners}]|${keycap})[${selectors}]`, 'gu'),
  // Families of emoji and Indic scripts are made with them; between Latin letters they only make two names of one.
  new RegExp(`(?<![^\\p{ASCII}${joiners}])[${joiners}]|[${joiners}](?![^\\p{ASCII}${joiners}])`, 'gu'),
  // They would sit on what stands before the text.
  new RegExp(`^${marks}+`, 'gmu'),
]
