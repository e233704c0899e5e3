import { systemClock } from '../../adapters/clock.ts'
import { createRedactor, type Redactor } from '../../adapters/log/redact.ts'
import type { Config } from '../../app/config/config.ts'
import type { Environment } from '../../app/config/environment.ts'
import type { KafkaConfig } from '../../app/config/kafka.ts'
import { type Command, exitCodes, Misuse, readArguments } from '../command.ts'
import { plural, stdoutLook } from '../terminal.ts'
import type { DeploymentPlace } from './aws/ask.ts'
import { askAsBot } from './bot.ts'
import { type CheckedConfig, checkConfiguration } from './config.ts'
import type { Finding } from './finding.ts'
import { summarize } from './summary.ts'
import { headLines, renderConfig, renderFinding } from './text.ts'

const options = {
  telegram: { type: 'boolean', default: false },
  'send-test': { type: 'boolean', default: false },
  kafka: { type: 'boolean', default: false },
  aws: { type: 'boolean', default: false },
  stage: { type: 'string' },
  region: { type: 'string' },
  stack: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const check: Command = {
  about: 'check the configuration; on request also the bot, the chats, the brokers and AWS',
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
  --aws        also ask AWS about a deployment, the likely causes of missing messages first: stack, functions, event sources,
               bot token, rules, table, sweep, alarms. Needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and
               AWS_SESSION_TOKEN if the key is temporary. Needs no bot and changes nothing
  --stage <name>   with --aws: the stage that was deployed (default: prod)
  --region <name>  with --aws: its region (default: AWS_REGION, AWS_DEFAULT_REGION or eu-central-1)
  --stack <name>   with --aws: the stack, if it has another name than kube-eventer-telegram-<stage>
  --json       print JSON

Examples:
  kube-eventer-telegram check rules.yml
  kube-eventer-telegram check --telegram
  KAFKA_BROKERS=kafka:9092 KAFKA_TOPICS=kube-events kube-eventer-telegram check --kafka
  eval "$(aws configure export-credentials --format env)"; kube-eventer-telegram check --aws --stage prod
  TELEGRAM_BOT_TOKEN=… TELEGRAM_CHAT_ID=-1001234567890:42 kube-eventer-telegram check rules.yml --send-test
  kube-eventer-telegram check rules.yml --json | jq -r '.problems[]'

Exit code: 0 if there is no problem (warnings are allowed), 1 if there is one.`,

  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options })
    const [file] = positionals
    if (positionals.length > 1) throw new Misuse(`expected one file, got ${positionals.length}`)
    if (file?.trim() === '') throw new Misuse('the file name is empty; leave it out to check CONFIG_FILE')
    const place = values.aws ? deploymentPlace(values, process.env) : refusePlace(values)
    const asksTelegram = values.telegram || values['send-test']
    const checked = await checkConfiguration(process.env, {
      file,
      asksTelegram,
      asksKafka: values.kafka,
      asksAws: values.aws,
    })
    const { config, kafka, problems, warnings, notes } = checked
    const redactor = createSecretsRedactor(checked)
    const summary = config && summarize(checked, config, systemClock.now())
    const look = stdoutLook()
    const print = (text: string) => console.log(redactor.redact(text))
    let hasSaid = false
    function say(text: string) {
      if (values.json) return
      print(text)
      hasSaid = true
    }

    const isBare = isUnconfigured(checked)
    // What a worker on this machine would lack is of no interest to a deployment in AWS.
    if (problems.length > 0 || !(isBare && values.aws && !values.kafka))
      for (const line of headLines(checked, file ?? process.env.CONFIG_FILE?.trim())) say(line)
    if (summary && problems.length === 0 && !(isBare && (values.aws || values.kafka)))
      say(`\n${renderConfig(summary, look)}`)

    async function tell<Told extends Finding>(title: string, findings: AsyncIterable<Told>): Promise<Told[]> {
      const told: Told[] = []
      say(`${hasSaid ? '\n' : ''}${title}`)
      for await (const finding of findings) {
        told.push(finding)
        say(renderFinding(finding, look))
      }
      return told
    }

    const asBot = { sends: values['send-test'], hide: redactor.addToken }
    const telegram = config && asksTelegram ? await tell(`Telegram, ${config.apiRoot}`, askAsBot(config, asBot)) : []
    const brokers = kafka ? await tell(`Kafka, ${kafka.kafka.brokers.join(', ')}`, askBrokers(kafka, config)) : []
    const aws = place
      ? await tell(`AWS, stack ${place.stack} in ${place.region}`, askDeployment(place, redactor.addToken))
      : []

    if (values.json) {
      const all = { problems, warnings, notes, ...(summary ?? nothing), telegram, kafka: brokers, aws }
      print(JSON.stringify(all, undefined, 2))
    }
    const wrong = problems.length + [...telegram, ...brokers, ...aws].filter(({ level }) => level === 'problem').length
    const unasked = [...(asksTelegram && !config ? ['Telegram'] : []), ...(values.kafka && !kafka ? ['Kafka'] : [])]
    if (asksTelegram || values.kafka || values.aws) say(`\n${closingLine(wrong, unasked)}`)
    return wrong > 0 ? exitCodes.problem : exitCodes.fine
  },
}

const nothing = { targets: [], routes: [], rules: [] }

// Shorter values are no real secrets and could be words of the output.
const shortest = { token: 16, password: 8 }

function createSecretsRedactor({ kafka }: CheckedConfig): Redactor {
  const redactor = createRedactor()
  const token = process.env.TELEGRAM_BOT_TOKEN?.trim() ?? ''
  if (token.length >= shortest.token) redactor.addToken(token)
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
    const secret = process.env[name]?.trim() ?? ''
    if (secret.length >= shortest.token) redactor.addSecret(secret)
  }
  const login = kafka?.kafka.login
  const given = process.env.KAFKA_PASSWORD?.trim() ?? ''
  for (const password of [given, login && 'password' in login ? login.password : ''])
    if (password.length >= shortest.password) {
      redactor.addSecret(password)
      // The same password, escaped in JSON.
      redactor.addSecret(JSON.stringify(password).slice(1, -1))
    }
  return redactor
}

/** Before there is a bot, a check of the brokers or of AWS alone need not print what the configuration means. */
function isUnconfigured({ hasToken, hasChat, hasFile }: CheckedConfig): boolean {
  return !hasToken && !hasChat && !hasFile
}

interface PlaceOptions {
  stage?: string | undefined
  region?: string | undefined
  stack?: string | undefined
}

function deploymentPlace({ stage, region, stack }: PlaceOptions, environment: Environment): DeploymentPlace {
  if (stage !== undefined && stack !== undefined) throw new Misuse('give --stage or --stack, not both')
  const named = stack ?? `kube-eventer-telegram-${stage ?? 'prod'}`
  // CloudFormation API reference, CreateStack.
  if (!/^[a-z][a-z\d-]{0,127}$/i.test(named)) throw new Misuse(`"${named}" cannot be the name of a stack`)
  const given = region ?? environment.AWS_REGION?.trim() ?? ''
  // serverless.yml has the same order and default.
  const found = given || environment.AWS_DEFAULT_REGION?.trim() || 'eu-central-1'
  if (!/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(found))
    throw new Misuse(`"${found}" must be a region, for example eu-central-1`)
  return { stack: named, region: found }
}

function refusePlace(values: PlaceOptions): undefined {
  for (const option of ['stage', 'region', 'stack'] as const)
    if (values[option] !== undefined) throw new Misuse(`--${option} needs --aws`)
  return undefined
}

/** Loads the client of AWS only if it is needed. */
async function* askDeployment(place: DeploymentPlace, hide: (token: string) => void) {
  const { askAws } = await import('./aws/ask.ts')
  yield* askAws({ environment: process.env, ...place, hide })
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
