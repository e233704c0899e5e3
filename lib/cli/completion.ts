import { type Command, exitCodes, Misuse, oneOf } from './command.ts'

const shells = ['bash', 'zsh', 'fish'] as const

export const completion: Command = {
  about: 'print a completion script for bash, zsh or fish',
  help: `Usage: kube-eventer-telegram completion bash|zsh|fish

Prints a script for the shell. It completes commands, options and their values, and files everywhere else.

Examples:
  source <(kube-eventer-telegram completion bash)     # in ~/.bashrc
  source <(kube-eventer-telegram completion zsh)      # in ~/.zshrc, after compinit
  kube-eventer-telegram completion fish > ~/.config/fish/completions/kube-eventer-telegram.fish`,
  words: shells,

  async run([shell, ...others]) {
    if (shell === undefined || others.length > 0) throw new Misuse('give one shell: bash, zsh or fish')
    console.log(scripts[oneOf('completion', shell, shells)])
    return exitCodes.fine
  },
}

/** The hidden command that the scripts call with the words of the command line. */
export const completeCommand = 'complete'

const scripts = {
  bash: `_kube_eventer_telegram() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    kube-eventer-telegram ${completeCommand} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _kube_eventer_telegram kube-eventer-telegram`,
  zsh: `#compdef kube-eventer-telegram
_kube_eventer_telegram() {
  local -a found
  found=(\${(f)"$(kube-eventer-telegram ${completeCommand} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _kube_eventer_telegram kube-eventer-telegram`,
  fish: `function __kube_eventer_telegram
  set -l words (commandline -opc) (commandline -ct)
  set -l found (kube-eventer-telegram ${completeCommand} -- $words[2..-1] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c kube-eventer-telegram -f -a '(__kube_eventer_telegram)'`,
} as const

/** The words that can stand at the end of a command line, whose last word may be incomplete. Empty: files. */
export function completions(commands: ReadonlyMap<string, Command>, words: readonly string[]): string[] {
  const current = words.at(-1) ?? ''
  return candidates(commands, words.slice(0, -1)).filter(
    (word) => word.startsWith(current) && (!word.startsWith('-') || current.startsWith('-')),
  )
}

function candidates(commands: ReadonlyMap<string, Command>, [name, ...args]: readonly string[]): string[] {
  if (name === undefined) return [...commands.keys(), 'help', '--help', '--version']
  if (name === 'help') return args.length === 0 ? [...commands.keys()] : []
  const command = commands.get(name)
  if (!command) return []
  const { help, words = [], choices = {} } = command
  const lines = [...help.matchAll(/^ {2}--([\w-]+)( <)?/gm)]
  const withValue = [...Object.keys(choices), ...lines.flatMap(([, option = '', value]) => (value ? option : []))]
  const open = withValue.find((option) => args.at(-1) === `--${option}`)
  if (open !== undefined) return [...(choices[open] ?? [])]
  const options = new Set(lines.map(([, option]) => `--${option}`))
  return [...(args.length === 0 ? words : []), ...options, '--help']
}
