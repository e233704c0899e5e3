#!/usr/bin/env node
import about from '../../package.json' with { type: 'json' }
import { check } from './check/check.ts'
import { type Command, exitCodes, explanation, Misuse } from './command.ts'
import { deadLetters } from './dead-letters.ts'
import { explain } from './explain/explain.ts'
import { produce } from './produce/produce.ts'
import { record } from './record/record.ts'
import { replay } from './replay.ts'
import { stats } from './stats/stats.ts'

const commands = new Map<string, Command>([
  ['check', check],
  ['explain', explain],
  ['stats', stats],
  ['replay', replay],
  ['record', record],
  ['produce', produce],
  ['dead-letters', deadLetters],
])

// Who reads the beginning of the output only is not told about the rest.
process.stdout.on('error', () => process.exit())
process.exitCode = await main(process.argv.slice(2))
// Not waiting for what is open: after a broker was away kafkajs 2.2.4 forgets a connection, and never closes it.
process.stdout.write('', () => process.exit())

async function main([name, ...args]: string[]): Promise<number> {
  const isHelpAsked = [name, ...args].some((argument) => argument === '--help' || argument === '-h')
  const command = commands.get(name === 'help' ? (args[0] ?? '') : (name ?? ''))
  try {
    if (name === '--version' || name === '-v') return print(about.version)
    if (command && (isHelpAsked || name === 'help')) return print(command.help)
    if (command) return await command.run(args)
    if (isHelpAsked || (name === 'help' && args.length === 0)) return print(overview())
    const names = [...commands.keys()]
    if (name === undefined) throw new Misuse(`which command? ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`)
    throw new Misuse(`there is no command "${name === 'help' ? args[0] : name}"`)
  } catch (error) {
    return fail(error, command ? `${name} --help` : '--help')
  }
}

function overview(): string {
  const rows = [...commands].map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  return `Usage: kube-eventer-telegram <command> [options]

${rows.join('\n')}
  help          what a command does, with examples: kube-eventer-telegram help replay

Examples:
  kube-eventer-telegram check rules.yml --telegram
  kubectl get events -A -o json | kube-eventer-telegram explain - --config rules.yml
  kube-eventer-telegram stats test/recordings/cluster-mixed.ndjson.gz
  kube-eventer-telegram replay test/batches/trouble.json
  kube-eventer-telegram record --topic kube-events day.ndjson.gz
  kube-eventer-telegram produce --demo --topic kube-events
  STATE=sqlite:state.db kube-eventer-telegram dead-letters list

The bot, the chat, the state, the brokers and the file with rules and routes are configured in the environment (README, Configure).
Exit codes: 0 fine, 1 something is left or went wrong, 2 wrong use.`
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
