import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { KafkaBatchResponse } from '../../core/outcome.ts'
import type { Clock } from '../clock.ts'
import { type Beginning, latestOf, passedBy, unreadPartitions } from './beginning.ts'
import type { LambdaKafkaEvent } from './event.ts'
import { assign, follow, nameOf, type Progress } from './progress.ts'
import { type Handle, work } from './work.ts'

export interface Membership {
  kafka: Kafka
  bootstrapServers: string
  topics: string[]
  group: string
  /** Where topics begin that the group has never read. */
  from: 'latest' | 'beginning'
  /** Topics that were made while they were waited for: nothing in them is old, so they begin at their beginning. */
  appeared: ReadonlySet<string>
  /** The topics that the group has read, as the state knows them (read-topics.ts). */
  readTopics: { among(topics: string[]): Promise<Set<string>>; add(topics: string[]): Promise<void> }
  handle: Handle
  clock: Clock
  progress: Progress
  /** What an operator should know. */
  tell: (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void
}

// The broker takes the partitions of a member away that it has not heard of for so long.
const memberMilliseconds = 30_000
// So long it waits for a member to finish what is under way; longer than a batch may take.
const rebalanceMilliseconds = 90_000
// Compressed: what is in it may be twenty times as much, and all of it is in memory at once.
const mostBytes = 512 * 1_024
const lagEveryMilliseconds = 15_000
const holdMilliseconds = { first: 1_000, most: 60_000 }

/**
 * One consumer from its connection to its end: resolves when `signal` has ended it after the batch under way, rejects with what it failed
 * on. `topics` have to be there.
 */
export async function runMembership(membership: Membership, signal: AbortSignal): Promise<void> {
  const { kafka, topics, group, from, appeared, readTopics, clock, progress, tell } = membership
  const admin = kafka.admin()
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: memberMilliseconds,
    rebalanceTimeout: rebalanceMilliseconds,
    maxWaitTimeInMs: 1_000,
    maxBytesPerPartition: mostBytes,
    allowAutoTopicCreation: false,
  })
  const holds = new Set<() => void>()
  const ended = new AbortController()
  const over = Promise.withResolvers<void>()
  over.promise.catch(() => {})
  let placed: Promise<void> = Promise.resolve()
  let underWay: Promise<void> = Promise.resolve()
  let joins = 0
  let unread = new Set<string>()
  let known = new Set<string>()
  try {
    await admin.connect()
    // kafkajs 2.2.4 waits 300 ms when it looks for a group's coordinator and knows no broker yet (cluster/index.js).
    await admin.describeCluster()
    const begun = topics.filter((topic) => !appeared.has(topic))
    if (from === 'latest' && begun.length > 0) unread = await unreadPartitions({ admin, group, topics: begun })
    if (unread.size > 0) known = await readTopics.among(begun)
    watch(consumer, progress, clock)
    consumer.on(consumer.events.CRASH, ({ payload }) => over.reject(payload.error))
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      assign(progress, memberAssignment, clock.now())
      tell('info', 'in the group', { group, partitions: [...progress.partitions.keys()] })
      placed = place(memberAssignment)
      placed.catch(over.reject)
    })
    await consumer.connect()
    // A partition that is added later, and an offset that retention has passed, begin at what is there.
    await consumer.subscribe({ topics, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch })
    signal.addEventListener('abort', () => over.resolve(), { signal: ended.signal })
    if (signal.aborted) over.resolve()
    void followLag()
    await over.promise
  } finally {
    ended.abort()
    for (const release of holds) release()
    progress.isInGroup = false
    // Not by kafkajs: told to end while a batch is under way and brokers come or go, 2.2.4 spins for ever (fetchManager.js, start).
    await underWay
    // Leaves the group.
    await consumer.disconnect().catch(() => {})
    await admin.disconnect().catch(() => {})
  }

  async function place(assignment: Record<string, number[]>) {
    joins += 1
    const join = joins
    for (const { records, ...where } of await passedBy(assignment, { admin, group }))
      tell('error', 'records were deleted before they were read: they are older than retention.ms', {
        ...where,
        records,
      })
    const places = await latestOf(assignment, { unread, known }, { admin, group })
    // Since then it may have joined anew, with other partitions: then that join places them.
    if (join !== joins) return
    if (places.length > 0) await consumer.commitOffsets(places)
    if (join !== joins) return
    for (const one of places) consumer.seek(one)
    tellPlaces('never read before: begins at what comes from now on', ({ isAnew }) => !isAnew)
    tellPlaces('read before, and made anew since: begins at its beginning', ({ isAnew }) => isAnew)
    await readTopics.add(Object.keys(assignment))

    function tellPlaces(text: string, isMeant: (place: Beginning) => boolean) {
      const partitions = places.filter(isMeant).map(({ topic, partition }) => nameOf(topic, partition))
      if (partitions.length > 0) tell('info', text, { partitions })
    }
  }

  async function eachBatch(payload: EachBatchPayload) {
    await placed
    const position = progress.partitions.get(nameOf(payload.batch.topic, payload.batch.partition))
    if (!position || payload.isStale() || ended.signal.aborted) return
    const working = work(payload, {
      ...membership,
      handle,
      position,
      isEnded: () => ended.signal.aborted,
      onFailure,
      hold,
    })
    underWay = working.catch(() => {})
    await working

    function onFailure(error: unknown) {
      const { topic, partition } = payload.batch
      tell('error', 'batch failed', { topic, partition, error: error instanceof Error ? error.message : error })
    }

    function hold(next: number, pause: () => () => void) {
      if (!position) return
      const { topic, partition, tries } = position
      const milliseconds = Math.min(holdMilliseconds.first * 2 ** tries, holdMilliseconds.most)
      position.tries += 1
      follow(position, { next }, clock.now())
      tell('warn', 'partition waits', { topic, partition, offset: next, seconds: milliseconds / 1_000 })
      holdFor(milliseconds, pause())
    }
  }

  async function handle(event: LambdaKafkaEvent): Promise<KafkaBatchResponse> {
    progress.busySince = clock.now()
    try {
      return await membership.handle(event)
    } finally {
      progress.busySince = undefined
    }
  }

  function holdFor(milliseconds: number, resume: () => void) {
    const cancel = clock.after(milliseconds, () => {
      holds.delete(cancel)
      resume()
    })
    holds.add(cancel)
  }

  /** What waits behind a partition that rests, or that nobody has looked at yet; and keeps remembered what is read. */
  async function followLag() {
    while (!ended.signal.aborted) {
      // A broker that does not answer now is told of by the consumer.
      await readLag().catch(() => {})
      const assigned = new Set([...progress.partitions.values()].map(({ topic }) => topic))
      // Not before it is committed where they begin.
      await placed.then(() => readTopics.add([...assigned])).catch(() => {})
      await clock.sleep(lagEveryMilliseconds, ended.signal)
    }
  }

  async function readLag() {
    const committed = await admin.fetchOffsets({ groupId: group, topics })
    for (const { topic, partitions } of committed) {
      const ends = await admin.fetchTopicOffsets(topic)
      for (const { partition, offset } of partitions) {
        const position = progress.partitions.get(nameOf(topic, partition))
        const end = ends.find((one) => one.partition === partition)
        if (!position || !end) continue
        const done = Number(offset) < 0 ? Number(end.low) : Number(offset)
        const known = { end: Math.max(position.end ?? 0, Number(end.high)), next: Math.max(position.next ?? 0, done) }
        follow(position, known, clock.now())
      }
    }
  }
}

function watch(consumer: Consumer, progress: Progress, clock: Clock) {
  const { events } = consumer
  const alive = () => Object.assign(progress, { aliveAt: clock.now() })
  for (const event of [events.HEARTBEAT, events.FETCH_START, events.FETCH, events.CONNECT] as const)
    consumer.on(event, alive)
  consumer.on(events.GROUP_JOIN, () => Object.assign(progress, { isInGroup: true, waitsFor: undefined }))
  for (const event of [events.REBALANCING, events.CRASH, events.STOP] as const)
    consumer.on(event, () => Object.assign(progress, { isInGroup: false, waitsFor: 'the group to rebalance' }))
}
