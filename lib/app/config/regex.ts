import type { Compile } from '../../core/routing/pattern.ts'

// V8 runs what can be run in linear time by its second engine (v8.dev/blog/non-backtracking-regexp) once the first went back this often.
const flags = [
  '--enable-experimental-regexp-engine',
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  '--regexp-backtracks-before-fallback=10000',
]

/**
 * Sets up this process so that no regular expression of an operator takes longer than in proportion to the text. `setFlag` is
 * node:v8's setFlagsFromString.
 */
export function openCompiler(setFlag: (flag: string) => void): Compile {
  for (const flag of flags) setFlag(flag)
  return (source) => {
    const plain = tryTo(() => new RegExp(source))
    if ('problem' in plain) return { problem: `a regular expression (${plain.problem})` }
    // V8's `l` refuses what only its first engine can do, which some texts keep busy for ever.
    const linear = tryTo(() => new RegExp(source, 'l'))
    return 'problem' in linear ? { problem: linearForm } : plain
  }
}

const linearForm =
  'a regular expression that takes time in proportion to the text: without lookahead, back-references, (?i:…) and counts above 16, inner times outer'

function tryTo(make: () => RegExp): RegExp | { problem: string } {
  try {
    return make()
  } catch (error) {
    return { problem: (error as Error).message.replace(/^Invalid regular expression: /, '') }
  }
}
