/** A block of shell commands on a page. */
export interface Block {
  code: string
  /** The headings above it, from the page's title down. */
  headings: string[]
  line: number
  /** Only for those who follow the section with this heading. */
  onlyFor: string | undefined
  notRunBecause: string | undefined
}

/** The blocks of a page that are marked as `sh`, each with the comment in the line before. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  let headings: string[] = []
  let comment = ''
  let open: { language: string; lines: string[]; line: number } | undefined
  for (const [index, text] of page.split('\n').entries()) {
    if (open && text === '```') {
      if (open.language === 'sh')
        blocks.push({ ...marksIn(comment), code: open.lines.join('\n'), headings, line: open.line })
      open = undefined
      comment = ''
    } else if (open) open.lines.push(text)
    else if (text.startsWith('```')) open = { language: text.slice(3), lines: [], line: index + 2 }
    else {
      const [, marks = '', heading = ''] = /^(#+) (.*)$/.exec(text) ?? []
      if (marks) headings = [...headings.slice(0, marks.length - 1), heading]
      comment = text
    }
  }
  return blocks
}

function marksIn(comment: string): Pick<Block, 'onlyFor' | 'notRunBecause'> {
  const [, notRunBecause] = /^<!-- not run by test:deploy: (.+) -->$/.exec(comment) ?? []
  const [, onlyFor] = /^<!-- run by test:deploy for "(.+)" -->$/.exec(comment) ?? []
  return { notRunBecause, onlyFor }
}
