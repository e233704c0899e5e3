import about from '../../package.json' with { type: 'json' }
import { didYouMean } from '../app/config/suggest.ts'
import { check } from './check/check.ts'
import { type Command, exitCodes, explanation, Misuse } from './command.ts'
import { completeCommand, completion, completions } from './completion.ts'
import { deadLettersCommand } from './dead-letters.ts'
import { emulator } from './emulator.ts'
import { explain } from './explain/explain.ts'
import { produce } from './produce/produce.ts'
import { record } from './record/record.ts'
import { replay } from './replay/replay.ts'
import { stats } from './stats/stats.ts'

const commands = new Map<string, Command>([
  ['check', check],
  ['explain', explain],
  ['stats', stats],
  ['replay', replay],
  ['emulator', emulator],
  ['record', record],
  ['produce', produce],
  ['dead-letters', deadLettersCommand],
  ['completion', completion],
])

// Exit quietly when the reader closes the pipe (`… | head`).
process.stdout.on('error', () => process.exit())
process.exitCode = await main(process.argv.slice(2))
// kafkajs 2.2.4 never closes a connection to a broker that was away, so don't wait for open handles.
process.stdout.write('', () => process.exit())

async function main([name, ...args]: string[]): Promise<number> {
  if (name === completeCommand) return print(completions(commands, args.slice(1)).join('\n'))
  const isHelpAsked = [name, ...args].some((argument) => argument === '--help' || argument === '-h')
  const command = commands.get(name === 'help' ? (args[0] ?? '') : (name ?? ''))
  try {
    if (name === '--version' || name === '-v') return print(about.version)
    if (command && (isHelpAsked || name === 'help')) return print(command.help)
    if (command) return await command.run(args)
    if (isHelpAsked || (name === 'help' && args.length === 0)) return print(overview())
    if (name === undefined) throw new Misuse(`missing command: ${[...commands.keys()].join(', ')}`)
    const unknown = (name === 'help' ? args[0] : name) ?? ''
    throw new Misuse(`unknown command "${unknown}"${didYouMean(unknown, [...commands.keys()])}`)
  } catch (error) {
    return fail(error, command ? `${name} --help` : '--help')
  }
}

function overview(): string {
  const rows = [...commands].map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  return `Usage: kube-eventer-telegram <command> [options]

${rows.join('\n')}
  help          show the help of a command, with examples: kube-eventer-telegram help replay

Examples:
  kube-eventer-telegram check rules.yml --telegram
  kubectl get events -A -o json | kube-eventer-telegram explain - --config rules.yml
  kube-eventer-telegram stats test/recordings/cluster-mixed.ndjson.gz
  kube-eventer-telegram replay test/batches/trouble.json
  kube-eventer-telegram emulator
  kube-eventer-telegram record --topic kube-events day.ndjson.gz
  kube-eventer-telegram produce --demo --topic kube-events
  STATE=sqlite:state.db kube-eventer-telegram dead-letters list

Environment variables configure the bot, the chat, the state, the brokers and the rules file (docs/configuration.md).
Exit codes: 0 done, 1 something failed or is left, 2 wrong command line.`
}

function print(text: string): number {
  console.log(text)
  return exitCodes.fine
}

function fail(error: unknown, help: string): number {
  const isMisuse = error instanceof Misuse
  console.error(isMisuse ? `${error.message}\nTry: kube-eventer-telegram ${help}` : explanation(error))
  return isMisuse ? exitCodes.misuse : exitCodes.problem
}
