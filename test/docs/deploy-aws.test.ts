import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { blocksOf } from '../deploy/shell-blocks.ts'
import { pageText, root } from './pages.ts'

const text = pageText('docs/deploy-aws.md')

describe('docs/deploy-aws.md', () => {
  it('links to each example of settings', () => {
    const linked = [...text.matchAll(/\(\.\.\/infra\/examples\/settings\/([\w-]+\.yml)\)/g)].map(([, name]) => name)
    const copied = [...text.matchAll(/cp infra\/examples\/settings\/([\w-]+\.yml)/g)].map(([, name]) => name)
    expect([...new Set([...linked, ...copied])].sort()).toEqual(readdirSync(`${root}infra/examples/settings`).sort())
  })

  it('has commands in blocks of sh only, so that npm run test:deploy runs them', () => {
    const languages = [...text.matchAll(/^ *```(.+)$/gm)].map(([fence]) => fence)
    expect([...new Set(languages)]).toEqual(['```sh'])
  })

  it('has a known mark before each block that is not always run', () => {
    const comments = text.match(/^<!--.*-->$/gm) ?? []
    const marked = blocksOf(text).filter(({ notRunBecause, onlyFor }) => notRunBecause ?? onlyFor)
    expect(marked.length).toBe(comments.length)
  })

  it('marks blocks for sections that exist', () => {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading)
    for (const { onlyFor } of blocksOf(text)) if (onlyFor) expect(headings).toContain(onlyFor)
  })
})

describe('blocksOf', () => {
  const page = `# A
\`\`\`sh
one
two
\`\`\`
## B
<!-- not run by test:deploy: it needs a broker -->
\`\`\`sh
three
\`\`\`
<!-- run by test:deploy for "C" -->
\`\`\`sh
# four
\`\`\`
\`\`\`yaml
five: 5
\`\`\`
# C
\`\`\`sh
six
\`\`\``
  it('finds blocks of sh with their headings and marks', () => {
    expect(blocksOf(page)).toEqual([
      { code: 'one\ntwo', headings: ['A'], line: 3, onlyFor: undefined, notRunBecause: undefined },
      { code: 'three', headings: ['A', 'B'], line: 9, onlyFor: undefined, notRunBecause: 'it needs a broker' },
      { code: '# four', headings: ['A', 'B'], line: 13, onlyFor: 'C', notRunBecause: undefined },
      { code: 'six', headings: ['C'], line: 20, onlyFor: undefined, notRunBecause: undefined },
    ])
  })
})
