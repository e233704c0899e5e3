import { afterEach, describe, expect, it } from 'vitest'
import { startEmulator } from '../../lib/emulator/server.ts'
import { chatId, startApp, type TestApp } from '../support/app.ts'
import { envelope, numbersShown, record, records } from '../support/records.ts'

const never = Number.POSITIVE_INFINITY

let app: TestApp | undefined
afterEach(async () => {
  await app?.emulator.close()
})

async function start(options?: Parameters<typeof startApp>[0]): Promise<TestApp> {
  app = await startApp(options)
  return app
}

function shownIn({ emulator }: TestApp): number[] {
  return numbersShown(emulator.messages().map(({ text }) => text))
}

function named(answer: { batchItemFailures: { itemIdentifier: { partition: string; offset: number } }[] }): string[] {
  return answer.batchItemFailures.map(({ itemIdentifier }) => `${itemIdentifier.partition} ${itemIdentifier.offset}`)
}

describe('a batch', () => {
  it('is shown by partition and offset, one request at a time', async () => {
    const app = await start()
    expect(await app.notify(records(9, { partitions: 3 }))).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 3, 6, 1, 4, 7, 2, 5, 8])
    expect(app.emulator.mostInFlight(chatId)).toBe(1)
    expect(app.emulator.messages()[0]).toMatchObject({
      linkPreviewDisabled: true,
      text: expect.stringContaining('in test\n'),
    })
  })

  it('logs a line for each record and a summary with metrics', async () => {
    const app = await start()
    await app.notify(records(2))
    const [, first, , summary] = app.log
    expect(first).toMatchObject({
      level: 'info',
      topic: 'kube-events',
      partition: 0,
      offset: 0,
      event: 'shop/web-7d9f8c6b5-x2k4p.0',
      outcome: 'sent',
      why: 'shown',
      chat: String(chatId),
      ms: expect.any(Number),
    })
    expect(summary).toMatchObject({
      message: 'batch',
      Records: 2,
      Sent: 2,
      Returned: 0,
      Requests: 2,
    })
    expect(summary).not.toHaveProperty('_aws')
  })

  it('logs a summary with CloudWatch’s metrics block in Lambda', async () => {
    const app = await start({
      environment: { AWS_LAMBDA_FUNCTION_NAME: 'notify', STATE: 'memory', FAILURE_MODE: 'partial' },
    })
    await app.notify(records(1))
    expect(app.log.at(-1)).toMatchObject({
      message: 'batch',
      FunctionName: 'notify',
      Sent: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: 'KubeEventerTelegram', Dimensions: [['FunctionName']] }] },
    })
  })

  it('with an invalid record in the middle of each partition shows all other records', async () => {
    const app = await start()
    const poison = [0, 1, 2].map((partition) =>
      record(50 + partition, {
        partition,
        offset: 1,
        value: [envelope('{'), 'not JSON', null][partition] ?? null,
      }),
    )
    const others = [0, 1, 2].flatMap((partition) => [
      record(partition, { partition, offset: 0 }),
      record(10 + partition, { partition, offset: 2 }),
    ])
    expect(await app.notify([...others, ...poison])).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 10, 1, 11, 2, 12])
    expect(app.outcomes().filter((line) => line.includes('rejected'))).toEqual([
      '0/1 rejected: EventValue not JSON',
      '1/1 rejected: not JSON',
      '2/1 rejected: empty',
    ])
    expect(app.log.find(({ why }) => why === 'not JSON')).toMatchObject({
      level: 'error',
      sha256: expect.any(String),
      gzip: expect.any(String),
    })
  })

  it('goes to a thread, with the topic as the cluster if CLUSTER_NAME is not set', async () => {
    const app = await start({ environment: { TELEGRAM_CHAT_ID: `${chatId}:42`, CLUSTER_NAME: '' } })
    await app.notify(records(1))
    expect(app.emulator.messages()[0]).toMatchObject({
      threadId: 42,
      text: expect.stringContaining('in kube-events\n'),
    })
  })

  it.each([[undefined], [null], [{}], [{ records: [] }], [{ records: { 'a-0': {} } }]])(
    'that is not a Kafka event is refused with a reason: %j',
    async (event) => {
      const app = await start()
      await expect(app.notify(event)).rejects.toThrow(/^not a Kafka event: /)
    },
  )

  it('of malformed records gives each an outcome', async () => {
    const app = await start()
    const odd = { records: { 'a-b-7': [null, 5, {}, { topic: 'a-b', partition: '7', offset: '3', value: '' }] } }
    expect(await app.notify(odd)).toEqual({ batchItemFailures: [] })
    expect(app.outcomes()).toEqual([
      '7/-1 rejected: empty',
      '7/-1 rejected: empty',
      '7/-1 rejected: empty',
      '7/3 rejected: empty',
    ])
  })
})

describe('a record that comes again', () => {
  it('is not shown again', async () => {
    const app = await start()
    await app.notify(records(3))
    await app.notify([...records(4), record(1, { partition: 1, offset: 7 })])
    expect(shownIn(app)).toEqual([0, 1, 2, 3])
    expect(app.outcomes().slice(3)).toEqual([
      '0/0 skipped: already shown',
      '0/1 skipped: already shown',
      '0/2 skipped: already shown',
      '0/3 sent: shown',
      '1/7 skipped: already shown',
    ])
  })

  it('is shown again by another process with STATE=memory, as the log warns at start', async () => {
    const app = await start()
    await app.notify(records(1))
    app.restart()
    await app.notify(records(1))
    expect(shownIn(app)).toEqual([0, 0])
    expect(app.log[0]).toMatchObject({
      message: 'start',
      state: 'memory',
      note: expect.stringContaining('shown again'),
    })
  })
})

describe('429', () => {
  it('is waited out if there is time', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 40 })
    expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 1])
    const [refused, next] = app.emulator.journal
    expect((next?.at ?? 0) - (refused?.endedAt ?? 0)).toBeGreaterThanOrEqual(40_000)
    expect(app.log.at(-1)).toMatchObject({ RateLimited: 1, Requests: 3 })
  })

  it('returns the records at once if there is no time, and no request is made in the cool-down', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600, skip: 1 })
    const batch = records(6, { partitions: 2 })
    const before = app.clock.now()
    expect(named(await app.notify(batch))).toEqual([
      'kube-events-0 1',
      'kube-events-0 2',
      'kube-events-1 0',
      'kube-events-1 1',
      'kube-events-1 2',
    ])
    expect(app.clock.now() - before).toBeLessThan(2_000)
    expect(app.outcomes()).toEqual([
      '0/0 sent: shown',
      '0/1 returned: cool-down, batch item failure',
      '0/2 returned: behind, batch item failure',
      '1/0 returned: cool-down, batch item failure',
      '1/1 returned: behind, batch item failure',
      '1/2 returned: behind, batch item failure',
    ])
    await app.notify(batch)
    expect(app.emulator.journal).toHaveLength(2)
    await app.clock.sleep(3_600_000)
    expect(await app.notify(batch)).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 2, 4, 1, 3, 5])
  })

  it('for more than 20 messages a minute only delays them', async () => {
    const app = await start({ isPaced: true })
    expect(await app.notify(records(50))).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual(Array.from({ length: 50 }, (_, number) => number))
  })
})

describe('while Telegram is down', () => {
  it('every record is returned before the deadline, and later shown once and in order', async () => {
    const gone = await startEmulator()
    await gone.close()
    const app = await start({ apiRoot: gone.apiRoot })
    const before = app.clock.now()
    const batch = records(30, { partitions: 3 })
    expect((await app.notify(batch, 60_000)).batchItemFailures).toHaveLength(30)
    expect(app.clock.now() - before).toBeLessThan(58_000)
    expect(app.outcomes().slice(0, 2)).toEqual([
      '0/0 returned: unreachable, batch item failure',
      '0/1 returned: behind, batch item failure',
    ])

    const back = await startEmulator({ port: Number(new URL(gone.apiRoot).port), isPaced: false })
    expect(await app.notify(batch)).toEqual({ batchItemFailures: [] })
    const order = [0, 1, 2].flatMap((partition) => Array.from({ length: 10 }, (_, index) => 3 * index + partition))
    expect(numbersShown(back.messages().map(({ text }) => text))).toEqual(order)
    await back.close()
  })

  it('a JSON 500 and a refused connection are tried again', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'internal error', times: 3 })
    expect(await app.notify(records(1))).toEqual({ batchItemFailures: [] })
    expect(app.emulator.journal.map(({ status }) => status)).toEqual([500, 500, 500, 200])
  })

  it('a lasting 500 returns its record, and other partitions continue', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'internal error', times: Number.POSITIVE_INFINITY, text: 'record 0.' })
    expect(named(await app.notify(records(4, { partitions: 2 })))).toEqual(['kube-events-0 0', 'kube-events-0 1'])
    expect(shownIn(app)).toEqual([1, 3])
    expect(app.outcomes()[0]).toBe('0/0 returned: Telegram error, batch item failure')
  })
})

describe('a request without a valid answer', () => {
  it.each([
    ['a reset after acceptance', { kind: 'reset', isAccepted: true }, [0, 1]],
    ['a reset before it', { kind: 'reset', isAccepted: false }, [1]],
    ['an HTML 502 after acceptance', { kind: 'bad gateway', isAccepted: true }, [0, 1]],
    ['an HTML 502 before it', { kind: 'bad gateway', isAccepted: false }, [1]],
    ['no answer', { kind: 'slow', milliseconds: never, isAccepted: true }, [0, 1]],
    ['JSON that is not Telegram’s', { kind: 'answer', status: 200, body: null }, [1]],
    ['JSON of a proxy', { kind: 'answer', status: 503, body: { message: 'no upstream' } }, [1]],
  ] as const)('(%s) is not repeated in the same invocation, and its next try has a mark', async (_, fault, shown) => {
    const app = await start()
    app.emulator.inject(fault)
    const batch = [
      record(0),
      record(2, { offset: 1 }),
      record(1, { partition: 1, offset: 0 }),
      record(0, { partition: 2, offset: 0 }),
    ]
    expect(named(await app.notify(batch))).toEqual(['kube-events-0 0', 'kube-events-0 1', 'kube-events-2 0'])
    expect(app.outcomes()).toEqual([
      '0/0 returned: unknown, batch item failure',
      '0/1 returned: behind, batch item failure',
      '1/0 sent: shown',
      '2/0 returned: unknown, batch item failure',
    ])
    expect(shownIn(app)).toEqual(shown)

    expect(await app.notify(batch)).toEqual({ batchItemFailures: [] })
    expect(app.outcomes().slice(4)).toEqual([
      '0/0 sent: possibly repeated',
      '0/1 sent: shown',
      '1/0 skipped: already shown',
      '2/0 skipped: already shown',
    ])
    expect(app.emulator.messages().map(({ text }) => text.startsWith('↻ possibly repeated'))).toEqual([
      ...shown.map(() => false),
      true,
      false,
    ])
  })

  it('that is answered after 8 s is waited for', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'slow', milliseconds: 9_500 })
    expect(await app.notify(records(1))).toEqual({ batchItemFailures: [] })
    expect(app.outcomes()).toEqual(['0/0 sent: shown'])
  })
})

describe('a refusal that the program can work around', () => {
  it('markup: the text is sent without parse mode', async () => {
    const app = await start()
    app.emulator.inject({
      kind: 'answer',
      status: 400,
      body: {
        ok: false,
        error_code: 400,
        description: 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 2',
      },
    })
    await app.notify(records(1))
    expect(app.outcomes()).toEqual(['0/0 sent: shown as plain text'])
    expect(app.emulator.messages()[0]).toMatchObject({
      entities: [{ type: 'pre' }],
      text: expect.stringMatching(
        /^🟠 Crash loop · BackOff\nDeployment shop\/web in test\n(.|\n)*\nkubectl logs web-7d9f8c6b5-x2k4p -n shop -c web --previous$/,
      ),
    })
  })

  it('text: if it is refused as plain text too, the record is rejected and blocks no other', async () => {
    const app = await start()
    app.emulator.inject({
      kind: 'answer',
      status: 400,
      body: { ok: false, error_code: 400, description: 'Bad Request: message is too long' },
      times: 2,
      text: 'record 0.',
    })
    expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
    await app.notify(records(2))
    expect(app.outcomes()).toEqual([
      '0/0 rejected: text refused',
      '0/1 sent: shown',
      '0/0 rejected: text refused',
      '0/1 skipped: already shown',
    ])
    expect(app.emulator.journal).toHaveLength(3)
  })

  it.each(['closed', 'deleted'] as const)(
    'a thread that is %s: the message goes to the chat without a thread',
    async (state) => {
      const app = await start({
        environment: { TELEGRAM_CHAT_ID: `${chatId}:42` },
        chats: [{ id: chatId, type: 'supergroup', title: 'Ops', threads: { 42: { title: 'Warnings', state } } }],
      })
      expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
      expect(app.outcomes()).toEqual(['0/0 sent: shown without thread', '0/1 sent: shown without thread'])
      expect(app.emulator.journal).toHaveLength(3)
      expect(app.log.filter(({ level }) => level === 'warn')).toEqual([
        expect.objectContaining({ message: expect.stringContaining('without thread') }),
      ])
    },
  )

  it('an upgraded group: its new id is used and remembered', async () => {
    const moved = { id: -55, type: 'group', title: 'Ops', migratedTo: chatId } as const
    const app = await start({
      environment: { TELEGRAM_CHAT_ID: '-55' },
      chats: [moved, { id: chatId, type: 'supergroup', title: 'Ops' }],
    })
    await app.notify(records(2))
    await app.notify(records(1, { first: 2 }))
    expect(app.emulator.messages(chatId)).toHaveLength(3)
    expect(app.emulator.journal).toHaveLength(4)
    expect(app.outcomes()).toEqual(['0/0 sent: shown', '0/1 sent: shown', '0/0 sent: shown'])
  })
})

describe('a lasting refusal', () => {
  it('of a chat: records are returned after one request, it is logged once, and it works again by itself', async () => {
    const app = await start({ chats: [{ id: chatId, type: 'supergroup', title: 'Ops', state: 'kicked' }] })
    expect(named(await app.notify(records(4, { partitions: 2 })))).toHaveLength(4)
    expect(app.emulator.journal).toHaveLength(1)
    expect(app.outcomes()[0]).toBe('0/0 returned: target broken, batch item failure')
    expect(app.log.filter(({ message }) => String(message).includes('refuses this target'))).toHaveLength(1)
    const chat = app.emulator.chats.get(chatId)
    if (chat) delete chat.setup.state
    expect(await app.notify(records(4, { partitions: 2 }))).toEqual({ batchItemFailures: [] })
  })

  it('of the token: the invocation fails with that reason after one request', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'unauthorized', skip: 1 })
    await expect(app.notify(records(5, { partitions: 2 }))).rejects.toThrow(
      /^Telegram refuses the bot token \(401 Unauthorized\): check TELEGRAM_BOT_TOKEN/,
    )
    expect(app.emulator.journal).toHaveLength(2)
    expect(app.outcomes()).toEqual([
      '0/0 sent: shown',
      '0/1 returned: token refused, batch item failure',
      '0/2 returned: behind, batch item failure',
      '1/0 returned: token refused, batch item failure',
      '1/1 returned: behind, batch item failure',
    ])
    expect(await app.notify(records(5, { partitions: 2 }))).toEqual({ batchItemFailures: [] })
    expect(shownIn(app)).toEqual([0, 2, 4, 1, 3])
  })
})

describe('an unknown refusal', () => {
  it('blocks its own partition only', async () => {
    const app = await start()
    const body = { ok: false, error_code: 400, description: 'Bad Request: SOMETHING_NEW' }
    app.emulator.inject({ kind: 'answer', status: 400, body, times: Number.POSITIVE_INFINITY, text: 'record 0.' })
    expect(named(await app.notify(records(6, { partitions: 3 })))).toEqual(['kube-events-0 0', 'kube-events-0 1'])
    expect(shownIn(app)).toEqual([1, 4, 2, 5])
    expect(app.outcomes()[0]).toBe('0/0 returned: refused, batch item failure')
  })
})

describe('a refused token during parallel invocations', () => {
  it('leaves the chat with one queue, and with the group’s new id', async () => {
    const chats = [
      { id: -55, type: 'group', title: 'Ops', migratedTo: chatId },
      { id: chatId, type: 'supergroup', title: 'Ops' },
    ] as const
    const app = await start({ environment: { TELEGRAM_CHAT_ID: '-55' }, chats: [...chats] })
    await app.notify(records(1))
    app.emulator.inject({ kind: 'unauthorized' })
    await expect(app.notify(records(2))).rejects.toThrow('refuses the bot token')
    await Promise.all([app.notify(records(3)), app.notify(records(4))])
    expect(shownIn(app)).toEqual([0, 1, 2, 3])
    expect(app.emulator.mostInFlight(chatId)).toBe(1)
    expect(app.emulator.journal.filter(({ payload }) => payload.chat_id === '-55')).toHaveLength(1)
  })
})

describe('the deadline', () => {
  it('prevents a request that would have less than 10 s', async () => {
    const app = await start()
    expect((await app.notify(records(3), 11_999)).batchItemFailures).toHaveLength(3)
    expect(app.emulator.journal).toEqual([])
    expect(app.outcomes()[0]).toBe('0/0 returned: deadline, batch item failure')
  })

  it('is met with an answer, whatever hangs', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'slow', milliseconds: never, times: Number.POSITIVE_INFINITY })
    const before = app.clock.now()
    expect((await app.notify(records(40, { partitions: 8 }), 60_000)).batchItemFailures).toHaveLength(40)
    expect(app.clock.now() - before).toBeLessThanOrEqual(58_000)
  })
})

describe('several invocations at once in one process', () => {
  it('take turns: one request to a chat at a time, and no record twice', async () => {
    const app = await start()
    app.emulator.inject({ kind: 'too many requests', retryAfter: 30, skip: 3 })
    const answers = await Promise.all([app.notify(records(10)), app.notify(records(10)), app.notify(records(12))])
    expect(answers).toEqual(answers.map(() => ({ batchItemFailures: [] })))
    expect(app.emulator.mostInFlight(chatId)).toBe(1)
    expect(shownIn(app)).toEqual(Array.from({ length: 12 }, (_, number) => number))
  })
})

describe('FAILURE_MODE=throw', () => {
  it('fails the invocation if any record is returned, and only then', async () => {
    const app = await start({ environment: { FAILURE_MODE: 'throw' } })
    expect(await app.notify(records(2))).toEqual({ batchItemFailures: [] })
    app.emulator.inject({ kind: 'too many requests', retryAfter: 3_600 })
    await expect(app.notify(records(4))).rejects.toThrow('the batch goes back to Kafka (records not done: 2)')
    await app.clock.sleep(3_600_000)
    await app.notify(records(4))
    expect(shownIn(app)).toEqual([0, 1, 2, 3])
  })
})
