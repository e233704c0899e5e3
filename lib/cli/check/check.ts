import { systemClock } from '../../adapters/clock.ts'
import { createRedactor, type Redactor } from '../../adapters/log/redact.ts'
import type { Config } from '../../app/config/config.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { type Command, exitCodes, Misuse, readArguments } from '../command.ts'
import { plural, stdoutLook } from '../terminal.ts'
import { askAsBot } from './bot.ts'
import { type CheckedConfig, checkConfiguration } from './config.ts'
import type { Finding } from './finding.ts'
import { summarize } from './summary.ts'
import { headLines, renderConfig, renderFinding } from './text.ts'

const options = {
  telegram: { type: 'boolean', default: false },
  'send-test': { type: 'boolean', default: false },
  kafka: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const check: Command = {
  about: 'check the configuration; on request also the bot, the chats and the brokers',
  help: `Usage: kube-eventer-telegram check [file] [options]

Reads the environment and the routing file (CONFIG_FILE, or <file> instead). Prints every problem as the program would at
start. If there is none, prints what the configuration means. Also warns about reasons, kinds, types and clusters that do
not exist. Needs neither bot nor network, except for a file in AWS (ssm:/name or s3://bucket/key). A missing bot token is
only a note.

  --telegram   also ask Telegram: is the token valid, does each chat exist, is the bot a member and allowed to write, was a
               group upgraded. Sends nothing
  --send-test  also send a silent message to each target. Only a message shows whether a thread exists
  --kafka      also ask the brokers (KAFKA_BROKERS, KAFKA_TOPICS, …): are they and their advertised listeners reachable, is
               the login valid, do the topics exist, do they contain events of kube-eventer, which settings lose events,
               and how far behind is the consumer group. Needs no bot and changes nothing
  --json       print JSON

Examples:
  kube-eventer-telegram check rules.yml
  kube-eventer-telegram check --telegram
  KAFKA_BROKERS=kafka:9092 KAFKA_TOPICS=kube-events kube-eventer-telegram check --kafka
  TELEGRAM_BOT_TOKEN=… TELEGRAM_CHAT_ID=-1001234567890:42 kube-eventer-telegram check rules.yml --send-test
  kube-eventer-telegram check rules.yml --json | jq -r '.problems[]'

Exit code: 0 if there is no problem (warnings are allowed), 1 if there is one.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (positionals.length > 1) throw new Misuse(`expected one file, got ${positionals.length}`)
    if (file?.trim() === '') throw new Misuse('the file name is empty; leave it out to check CONFIG_FILE')
    const asksTelegram = values.telegram || values['send-test']
    const checked = await checkConfiguration(process.env, { file, asksTelegram, asksKafka: values.kafka })
    const { config, kafka, problems, warnings, notes } = checked
    const redactor = createSecretsRedactor(checked)
    const summary = config && summarize(checked, config, systemClock.now())
    const look = stdoutLook()
    const print = (text: string) => console.log(redactor.redact(text))
    const say = values.json ? () => {} : print

    for (const line of headLines(checked, file ?? process.env.CONFIG_FILE?.trim())) say(line)
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

    const asBot = { sends: values['send-test'], hide: redactor.add }
    const telegram = config && asksTelegram ? await tell(`Telegram, ${config.apiRoot}`, askAsBot(config, asBot)) : []
    const brokers = kafka ? await tell(`Kafka, ${kafka.kafka.brokers.join(', ')}`, askBrokers(kafka, config)) : []

    if (values.json) {
      const all = { problems, warnings, notes, ...(summary ?? nothing), telegram, kafka: brokers }
      print(JSON.stringify(all, undefined, 2))
    }
    const wrong = problems.length + [...telegram, ...brokers].filter(({ level }) => level === 'problem').length
    const unasked = [...(asksTelegram && !config ? ['Telegram'] : []), ...(values.kafka && !kafka ? ['Kafka'] : [])]
    if (asksTelegram || values.kafka) say(`\n${closingLine(wrong, unasked)}`)
    return wrong > 0 ? exitCodes.problem : exitCodes.fine
  },
}

const nothing = { targets: [], routes: [], rules: [] }

// Shorter values are no real secrets and could be words of the output.
const shortest = { token: 16, password: 8 }

function createSecretsRedactor({ kafka }: CheckedConfig): Redactor {
  const redactor = createRedactor()
  const token = process.env.TELEGRAM_BOT_TOKEN?.trim() ?? ''
  if (token.length >= shortest.token) redactor.add(token)
  const login = kafka?.kafka.login
  const given = process.env.KAFKA_PASSWORD?.trim() ?? ''
  for (const password of [given, login && 'password' in login ? login.password : ''])
    if (password.length >= shortest.password) {
      redactor.add(password)
      // The same password, escaped in JSON.
      redactor.add(JSON.stringify(password).slice(1, -1))
    }
  return redactor
}

/** Before there is a bot, a check of the brokers alone need not print what the configuration means. */
function isOnlyKafka({ hasToken, hasChat, hasFile }: CheckedConfig, asked: { kafka: boolean }): boolean {
  return asked.kafka && !hasToken && !hasChat && !hasFile
}

/** Loads kafkajs only if it is needed. */
async function* askBrokers(kafka: KafkaConfig, config: Config | undefined) {
  const { askKafka } = await import('./kafka/ask.ts')
  const clusterOf = config && ((topic: string) => config.ruleset.clusters[topic] ?? config.cluster ?? topic)
  yield* askKafka({ config: kafka, clusterOf, now: systemClock.now() })
}

function closingLine(wrong: number, unasked: string[]): string {
  const count = wrong === 0 ? 'No problems.' : `${plural(wrong, 'problem')}.`
  if (unasked.length === 0) return count
  return `${count} ${unasked.join(' and ')} ${unasked.length === 1 ? 'was' : 'were'} not asked: fix the configuration first.`
}
