import { createRequire } from 'node:module'

export type Parsed =
  | { text: string; entities: { offset: number; length: number; type: { _: string } }[] }
  | { error: string }

type Answer = { _: 'error'; message: string } | ({ _: 'formattedText' } & Exclude<Parsed, { error: string }>)

/** Telegram's own parser of HTML markup (TDLib); undefined where its optional package is not installed. */
export function loadTdlib(): ((markup: string) => Parsed) | undefined {
  const require = createRequire(import.meta.url)
  try {
    const tdl = require('tdl') as { configure(options: object): void; execute(request: object): Answer }
    tdl.configure({ tdjson: require.resolve('@prebuilt-tdlib/linux-x64-glibc/libtdjson.so'), verbosityLevel: 0 })
    tdl.execute({ _: 'getOption', name: 'version' })
    return (text) => {
      const answer = tdl.execute({ _: 'parseTextEntities', text, parse_mode: { _: 'textParseModeHTML' } })
      return answer._ === 'error' ? { error: answer.message } : { text: answer.text, entities: answer.entities }
    }
  } catch {
    return undefined
  }
}
