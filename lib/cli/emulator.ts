import { once } from 'node:events'
import { setUpChats } from '../emulator/chats.ts'
import { type Emulator, startEmulator } from '../emulator/server.ts'
import { type Command, exitCodes, Misuse, readArguments, UserError, wholeNumber } from './command.ts'
import { configure } from './configuration.ts'
import { emulatedChats, emulatorEnvironment, emulatorVariables } from './emulation.ts'
import { stopOnSignal } from './terminal.ts'

// The default port of the official Bot API server.
const defaultPort = '8081'
const options = { port: { type: 'string', default: defaultPort } } as const

export const emulator: Command = {
  about: 'start a Telegram emulator, to try everything without a bot',
  help: `Usage: kube-eventer-telegram emulator [--port <n>]

Starts a Bot API server on this machine that behaves like Telegram, with its rate limits. It prints the variables that make
the worker, serverless invoke local and replay --to telegram send to it, and the address of a page that shows the chat live.
Messages are in memory: they are gone when the emulator ends.

With CONFIG_FILE the emulator has a chat for each target of the rules, otherwise one chat.

  --port <n>  the port on 127.0.0.1 (default ${defaultPort})

Examples:
  kube-eventer-telegram emulator
  CONFIG_FILE=rules.yml kube-eventer-telegram emulator --port 9000

Runs until Ctrl-C.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    if (positionals.length > 0) throw new Misuse(`unexpected argument "${positionals[0]}"`)
    const stop = stopOnSignal()
    const server = await start(wholeNumber('--port', values.port, 65_535))
    try {
      if (process.env.CONFIG_FILE) {
        const config = await configure({ ...process.env, ...emulatorEnvironment(server), STATE: 'sqlite:unused' })
        for (const [id, chat] of setUpChats(emulatedChats(config.ruleset))) server.chats.set(id, chat)
      }
      console.log(introduction(server))
      if (!stop.signal.aborted) await once(stop.signal, 'abort')
      return exitCodes.fine
    } finally {
      await server.close()
    }
  },
}

async function start(port: number): Promise<Emulator> {
  try {
    return await startEmulator({ port })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new UserError(`port ${port} is already in use: choose another one with --port`)
    throw new UserError(`--port ${port}: ${message}`)
  }
}

function introduction(server: Emulator): string {
  const variables = Object.entries(emulatorVariables(server)).map(([name, value]) => `  export ${name}=${value}`)
  return `The Telegram emulator is running. The chat: ${server.apiRoot}/

In another terminal:
${variables.join('\n')}
  kube-eventer-telegram replay test/batches/trouble.json --to telegram --yes --state memory

Stop with Ctrl-C.`
}
