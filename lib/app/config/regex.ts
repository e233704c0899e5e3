import type { Compile } from '../../core/routing/pattern.ts'

// With these flags V8 switches to its linear-time engine (v8.dev/blog/non-backtracking-regexp) after this many backtracks.
const flags = [
  '--enable-experimental-regexp-engine',
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  '--regexp-backtracks-before-fallback=10000',
]

/** Sets up this process so that no regular expression of an operator takes more than linear time. `setFlag` is node:v8's setFlagsFromString. */
export function openCompiler(setFlag: (flag: string) => void): Compile {
  for (const flag of flags) setFlag(flag)
  return (source) => {
    const plain = tryTo(() => new RegExp(source))
    if ('problem' in plain) return { problem: `is not a valid regular expression (${plain.problem})` }
    // V8's flag `l` refuses everything that only the backtracking engine supports, which can take exponential time.
    const linear = tryTo(() => new RegExp(source, 'l'))
    return 'problem' in linear ? { problem: notLinear } : plain
  }
}

const notLinear =
  'cannot run in linear time; do not use lookaheads, back-references, (?i:…) or repeat counts above 16 (nested counts multiply)'

function tryTo(make: () => RegExp): RegExp | { problem: string } {
  try {
    return make()
  } catch (error) {
    return { problem: (error as Error).message.replace(/^Invalid regular expression: \/.*\/\w*: /s, '') }
  }
}
