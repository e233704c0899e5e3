import { describe, expect, test } from 'vitest'
import { cli } from '../spawn.ts'
import { environment, type Output, supergroup, withEmulator } from './bot.ts'

interface KafkaOutput extends Output {
  kafka: { level: string; about: string; name: string | null; says: string; advice: string | null }[]
}

// No server listens there.
const kafka = { KAFKA_BROKERS: '127.0.0.1:1', KAFKA_TOPICS: 'kube-events' }
const secret = 'not-to-be-seen'

// Against real brokers: test/kafka/check.kafka.ts and its neighbours.
describe('check --kafka', () => {
  test('prints the problems of the KAFKA_ variables and then asks no broker', async () => {
    const env = { ...environment, KAFKA_BROKERS: 'kafka', KAFKA_FROM: 'now', KAFKA_SASL: 'plain', KAFKA_TLS: 'maybe' }
    const { code, stdout } = await cli(['check', '--kafka'], { ...env, KAFKA_PASSWORD: secret })
    expect(stdout).toMatchInlineSnapshot(`
      "4 problems in the configuration:
      - KAFKA_BROKERS must be a comma-separated list of host:port, not "kafka"
      - KAFKA_USERNAME is not set; KAFKA_SASL=plain needs it
      - KAFKA_TLS must be on or off, not "maybe"
      - KAFKA_FROM must be latest or beginning, not "now"

      4 problems. Kafka was not asked: fix the configuration first.
      "
    `)
    expect(code).toBe(1)
  })

  test('needs no bot: missing bot settings are notes, and the configuration is not printed', async () => {
    const { code, stdout } = await cli(['check', '--kafka'], kafka)
    expect(stdout).toMatchInlineSnapshot(`
      "the environment, without a file: fine
      note: before you run the program: TELEGRAM_CHAT_ID is not set; it must be a chat ID, for example -1001234567890, -1001234567890:42 for a thread, or @channel
      note: before you run the program: TELEGRAM_BOT_TOKEN is not set; set it or TELEGRAM_BOT_TOKEN_PARAMETER or TELEGRAM_BOT_TOKEN_SECRET

      Kafka, 127.0.0.1:1
        ✗ brokers: broker 127.0.0.1:1 does not accept connections
          → check KAFKA_BROKERS, check that the broker runs and listens there, and check the network on
            this machine

      1 problem.
      "
    `)
    expect(code).toBe(1)
    const whole = await cli(['check', '--kafka'], { ...kafka, ...environment })
    expect(whole.stdout).toContain('bot token   from TELEGRAM_BOT_TOKEN')
  })

  test('a wrong bot setting is a problem, and Kafka is asked anyway', async () => {
    const { code, stdout } = await cli(['check', '--kafka', '--json'], { ...kafka, TELEGRAM_CHAT_ID: 'ops' })
    const output = JSON.parse(stdout) as KafkaOutput
    expect(output.problems).toEqual([expect.stringContaining('TELEGRAM_CHAT_ID must be a chat ID')])
    expect(output.kafka).toEqual([
      {
        ...{ level: 'problem', about: 'brokers', name: null },
        says: 'broker 127.0.0.1:1 does not accept connections',
        advice:
          'check KAFKA_BROKERS, check that the broker runs and listens there, and check the network on this machine',
      },
    ])
    expect(code).toBe(1)
  })

  test('works together with --send-test', async () => {
    const { env, emulator } = await withEmulator([supergroup])
    const { code, stdout } = await cli(['check', '--kafka', '--send-test'], { ...env, ...kafka })
    const told = [
      /\nTelegram, /,
      /test message 1 was sent/,
      /\nKafka, /,
      /does not accept connections/,
      /\n1 problem\.\n$/,
    ]
    const places = told.map((part) => stdout.search(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(emulator.messages()).toHaveLength(1)
    expect(code).toBe(1)
  })

  test('needs a bot with --telegram', async () => {
    const { stdout } = await cli(['check', '--kafka', '--telegram'], kafka)
    expect(stdout).toContain('Kafka, 127.0.0.1:1')
    expect(stdout).toMatch(/\n3 problems\. Telegram was not asked: fix the configuration first\.\n$/)
  })

  test('without the option no broker is asked', async () => {
    const { code, stdout } = await cli(['check', '--json'], { ...environment, ...kafka })
    expect((JSON.parse(stdout) as KafkaOutput).kafka).toEqual([])
    expect(code).toBe(0)
  })

  test('a password is never printed, whichever variable has it', async () => {
    const password = `${secret}-"8\\`
    const login = { KAFKA_SASL: 'plain', KAFKA_USERNAME: password, KAFKA_PASSWORD: password }
    for (const args of [[], ['--json']])
      for (const more of [{}, { KAFKA_FROM: password, KAFKA_CA_FILE: password }]) {
        const { stdout, stderr } = await cli(['check', '--kafka', ...args], { ...kafka, ...login, ...more })
        expect(stdout + stderr).not.toContain(secret)
      }
  })
})
