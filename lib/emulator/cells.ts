/** What a reader takes for one character, and how many columns of a terminal it fills. */
export interface Cell {
  text: string
  width: number
  styles: readonly string[]
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function cellsOf(text: string, styles: readonly string[]): Cell[] {
  return [...segmenter.segment(text)].map(({ segment }) => ({ text: segment, width: widthOf(segment), styles }))
}

/** Lines of at most `width` columns, broken at spaces where there are any. */
export function wrapCells(cells: readonly Cell[], width: number): Cell[][] {
  const lines: Cell[][] = []
  let line: Cell[] = []
  let used = 0
  for (const cell of cells) {
    if (used + cell.width > width && line.length > 0) {
      const space = cell.text === ' ' ? line.length : line.findLastIndex(({ text }) => text === ' ')
      const isBreakable = space > 0
      lines.push(isBreakable ? line.slice(0, space) : line)
      line = isBreakable ? line.slice(space + 1) : []
      used = line.reduce((sum, each) => sum + each.width, 0)
      if (cell.text === ' ') continue
    }
    line.push(cell)
    used += cell.width
  }
  return [...lines, line]
}

function widthOf(grapheme: string): number {
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u.test(grapheme)) return 0
  if (/^\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2
  return /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u.test(
    grapheme,
  )
    ? 2
    : 1
}
