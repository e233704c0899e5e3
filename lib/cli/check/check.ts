import { systemClock } from '../../adapters/clock.ts'
import { createRedactor, type Redactor } from '../../adapters/log/redact.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { type Command, exitCodes, Misuse, readArguments } from '../command.ts'
import { askAsBot } from './bot.ts'
import { type CheckedConfig, checkConfiguration } from './config.ts'
import type { Finding } from './finding.ts'
import { summarize } from './report.ts'
import { headOf, renderConfig, renderFinding } from './text.ts'

export const check: Command = {
  about: 'what is wrong with the configuration, and what it says; on request also with bot, chats and brokers',
  help: `Usage: kube-eventer-telegram check [file] [options]

Reads the environment and the rules and routes in CONFIG_FILE, or in <file> instead, and says everything that is wrong, each
as a start of the program would say it; or, if nothing is, what the configuration means. Without --telegram it needs neither
bot nor network, and a token or, with <file> or --kafka, a TELEGRAM_CHAT_ID that is not given is a note only.

  --telegram   also asks Telegram: is the token right, are the chats there, is the bot in them, may it write, was a group
               upgraded. Sends nothing, and leaves no trace
  --send-test  also sends a message to each target, without a sound: only so can be told whether a thread is there
  --kafka      also asks the brokers (KAFKA_BROKERS, KAFKA_TOPICS, …): can each be reached, also where it sends clients on
               to, is the login right, are the topics there and readable, is kube-eventer’s what is in them and how old, what
               loses events, and how far the group is. Needs no bot; changes nothing, and leaves no trace
  --json       for machines

Examples:
  kube-eventer-telegram check rules.yml
  kube-eventer-telegram check --telegram
  KAFKA_BROKERS=kafka:9092 KAFKA_TOPICS=kube-events kube-eventer-telegram check --kafka
  TELEGRAM_BOT_TOKEN=… TELEGRAM_CHAT_ID=-1001234567890:42 kube-eventer-telegram check rules.yml --send-test
  kube-eventer-telegram check rules.yml --json | jq -r '.problems[]'

Ends with 0 if nothing is wrong (there may be warnings), with 1 if something is.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (positionals.length > 1) throw new Misuse(`one file at a time, given ${positionals.length}`)
    if (file?.trim() === '') throw new Misuse('which file? check <file>, or check for CONFIG_FILE and the environment')
    const asksTelegram = values.telegram || values['send-test']
    const checked = await checkConfiguration(process.env, { file, asksTelegram, asksKafka: values.kafka })
    const { config, kafka, problems, warnings, notes } = checked
    const redactor = hidingSecrets(checked)
    const summary = config && summarize(checked, config, systemClock.now())
    const look = {
      hasColor: process.stdout.hasColors?.() ?? false,
      width: Math.min(process.stdout.columns ?? 100, 120),
    }
    const print = (text: string) => console.log(redactor.redact(text))
    const say = values.json ? () => {} : print

    for (const line of headOf(checked, file ?? process.env.CONFIG_FILE?.trim())) say(line)
    if (summary && problems.length === 0 && !isOnlyKafka(checked, values)) say(`\n${renderConfig(summary, look)}`)

    async function tell<Told extends Finding>(title: string, findings: AsyncIterable<Told>): Promise<Told[]> {
      const told: Told[] = []
      say(`\n${title}`)
      for await (const finding of findings) {
        told.push(finding)
        say(renderFinding(finding, look))
      }
      return told
    }

    const ofTelegram =
      config && asksTelegram
        ? await tell(
            `Telegram, at ${config.apiRoot}`,
            askAsBot(config, { sends: values['send-test'], hide: redactor.add }),
          )
        : []
    const ofKafka = kafka ? await tell(`Kafka, at ${kafka.kafka.brokers.join(', ')}`, askBrokersOf(kafka, config)) : []

    if (values.json) {
      const all = { problems, warnings, notes, ...(summary ?? nothing), telegram: ofTelegram, kafka: ofKafka }
      print(JSON.stringify(all, undefined, 2))
    }
    const wrong = problems.length + [...ofTelegram, ...ofKafka].filter(({ level }) => level === 'problem').length
    const unasked = [...(asksTelegram && !config ? ['Telegram'] : []), ...(values.kafka && !kafka ? ['Kafka'] : [])]
    if (asksTelegram || values.kafka) say(`\n${endOf(wrong, unasked)}`)
    return wrong > 0 ? exitCodes.problem : exitCodes.fine
  },
}

const options = {
  telegram: { type: 'boolean', default: false },
  'send-test': { type: 'boolean', default: false },
  kafka: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

const nothing = { targets: [], routes: [], rules: [] }

// What is shorter is none, and may be a word of the text.
const shortest = { token: 16, password: 8 }

function hidingSecrets({ kafka }: CheckedConfig): Redactor {
  const redactor = createRedactor()
  const token = process.env.TELEGRAM_BOT_TOKEN?.trim() ?? ''
  if (token.length >= shortest.token) redactor.add(token)
  const login = kafka?.kafka.login
  const given = process.env.KAFKA_PASSWORD?.trim() ?? ''
  for (const password of [given, login && 'password' in login ? login.password : ''])
    if (password.length >= shortest.password) {
      redactor.add(password)
      // As it stands in JSON.
      redactor.add(JSON.stringify(password).slice(1, -1))
    }
  return redactor
}

/** Who looks at the brokers before there is a bot need not read what would happen without one. */
function isOnlyKafka({ hasToken, hasChat, hasFile }: CheckedConfig, asked: { kafka: boolean }): boolean {
  return asked.kafka && !hasToken && !hasChat && !hasFile
}

/** Only who meets a broker pays for loading what does. */
async function* askBrokersOf(kafka: KafkaConfig, config: CheckedConfig['config']) {
  const { askKafka } = await import('./kafka/ask.ts')
  yield* askKafka({ config: kafka, clusterOf: clusterNames(config), now: systemClock.now() })
}

function clusterNames(config: CheckedConfig['config']): ((topic: string) => string) | undefined {
  if (!config) return undefined
  const { cluster, ruleset } = config
  return (topic) => ruleset.clusters[topic] ?? cluster ?? topic
}

function endOf(wrong: number, unasked: string[]): string {
  const count = wrong === 0 ? 'Nothing is wrong.' : `${wrong} problem${wrong === 1 ? '' : 's'}.`
  if (unasked.length === 0) return count
  return `${count} ${unasked.join(' and ')} ${unasked.length === 1 ? 'was' : 'were'} not asked: first the configuration has to be right.`
}
