import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean }
}

/** Asks whoever sits at the terminal; only `y` or `yes` is a yes. Undefined if nobody does. */
export async function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined
  const lines = createInterface({ input, output })
  lines.setPrompt(`${question} [y/N] `)
  lines.prompt()
  // Ctrl+C and Ctrl+D end it without a line.
  const answer = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    once(lines, 'close').then(() => ''),
  ])
  lines.close()
  return /^y(?:es)?$/i.test(answer.trim())
}
