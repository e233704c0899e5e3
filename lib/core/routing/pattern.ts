/** A text of a condition, as it is compared. */
export interface Pattern {
  /** As it was written. */
  source: string
  kind: 'literal' | 'glob' | 'regex'
  /** The same as a regular expression's source, of texts in lower case unless it is one. */
  expression: string
  test: (text: string) => boolean
}

/** Makes a regular expression that takes time in proportion to the text whatever the text; or why it can't. */
export type Compile = (source: string) => RegExp | { problem: string }

/**
 * How a condition's text is read: `/…/` as a regular expression, `*` as whatever there is, else as it is. Texts are handed over in lower case,
 * and regular expressions the text as it was written, so only those heed case.
 */
export function parsePattern(source: string, compile: Compile): Pattern | { problem: string } {
  const regex = /^\/(.+)\/$/.exec(source)?.[1]
  if (regex !== undefined) return parseRegex(source, regex, compile)
  const wanted = source.toLowerCase()
  const pieces = wanted.split('*')
  const expression = `^${pieces.map((piece) => piece.replace(special, '\\$&')).join('[^]*')}$`
  if (pieces.length === 1) return { source, kind: 'literal', expression, test: (text) => text === wanted }
  return { source, kind: 'glob', expression, test: (text) => isGlob(pieces, text) }
}

const special = /[\\^$.+?()[\]{}|]/g

/** The same for event messages, where every text is a regular expression that may match anywhere. */
export function parseMessagePattern(source: string, compile: Compile): Pattern | { problem: string } {
  return parseRegex(source, /^\/(.+)\/$/.exec(source)?.[1] ?? source, compile)
}

function parseRegex(source: string, regex: string, compile: Compile): Pattern | { problem: string } {
  const compiled = compile(regex)
  if ('problem' in compiled) return compiled
  return { source, kind: 'regex', expression: regex, test: (text) => compiled.test(text) }
}

/** True if the pieces lie in the text one after another, the first at its beginning and the last at its end. */
function isGlob([first = '', ...others]: string[], text: string): boolean {
  const last = others.pop() ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  const end = text.length - last.length
  for (const piece of others) {
    const at = text.indexOf(piece, from)
    if (at < 0 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}
