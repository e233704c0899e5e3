import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import about from '../../package.json' with { type: 'json' }
import { pages, pageText, root } from './pages.ts'

describe('README', () => {
  const readme = pageText('README.md')
  it('has at most 150 lines', () => expect(readme.split('\n').length).toBeLessThanOrEqual(150))
  it('has at most 1,500 words', () => expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1_500))
})

describe.each(pages)('%s', (page) => {
  const text = pageText(page)
  const prose = text.replace(/```[\s\S]*?```/g, '')

  it('links to files and headings that exist', () => {
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:href|src)="([^"]+)"/g)].map(
      ([, one, other]) => one ?? other ?? '',
    )
    const broken = links.filter((link) => !/^https?:/.test(link) && !exists(page, link))
    expect(broken).toEqual([])
  })

  it('names files that exist', () => {
    const named = [...prose.matchAll(/`((?:lib|functions|infra|test|docs)\/[\w./-]+)`/g)].map(([, path = '']) => path)
    expect(named.filter((path) => !existsSync(root + path) && !isMadeByTheProgram(path))).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !(name in about.scripts))).toEqual([])
  })

  it('does not tell to run what somebody else may publish', () => {
    expect(text).not.toMatch(/^\s*(?:[A-Z_]+=\S+ )*npx kube-eventer-telegram/m)
  })
})

function exists(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(root + file)) return false
  return anchor === undefined || !file.endsWith('.md') || anchorsOf(file).has(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): Set<string> {
  const prose = pageText(page).replace(/```[\s\S]*?```/g, '')
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** Files that a user makes, for example by copying an example, and the handlers in the bundles. */
function isMadeByTheProgram(path: string): boolean {
  return path === 'infra/local/.env' || path.endsWith('.handler')
}
