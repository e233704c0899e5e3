/** A compiled text of a condition. */
export interface Pattern {
  /** As it was written. */
  source: string
  kind: 'literal' | 'glob' | 'regex'
  /** An equivalent regular expression; for literals and globs it expects lower-case text. */
  expression: string
  test: (text: string) => boolean
}

/** Makes a regular expression that runs in linear time, or says why it cannot (`is not …`, behind the quoted text). */
export type Compile = (source: string) => RegExp | { problem: string }

/**
 * Reads `/…/` as a regular expression, `*` as any characters, and everything else literally. Literals and globs are tested on lower-case text,
 * regular expressions on the text as written, so only those are case-sensitive.
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

/** Reads a text for the event message, where every text is a regular expression that may match anywhere. */
export function parseMessagePattern(source: string, compile: Compile): Pattern | { problem: string } {
  return parseRegex(source, /^\/(.+)\/$/.exec(source)?.[1] ?? source, compile)
}

function parseRegex(source: string, regex: string, compile: Compile): Pattern | { problem: string } {
  const compiled = compile(regex)
  if ('problem' in compiled) return compiled
  return { source, kind: 'regex', expression: regex, test: (text) => compiled.test(text) }
}

/** True if the text begins with the first piece, ends with the last, and has the others between them in order. */
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
