import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { followProblems } from '../../core/ongoing-problems.ts'
import type { Clock, KafkaBatchResponse } from '../../pipeline/ports.ts'
import { type BatchHandler, processFetchedBatch } from './fetched-batch.ts'
import type { LambdaKafkaEvent } from './lambda-event.ts'
import { assignPartitions, type ConsumerProgress, partitionName, updateProgress } from './progress.ts'
import { deletedUnread, type StartOffset, startOffsets, unreadPartitions } from './start-offsets.ts'

export interface GroupMemberOptions {
  kafka: Kafka
  bootstrapServers: string
  topics: string[]
  group: string
  /** Where topics start that the group has never read. */
  from: 'latest' | 'beginning'
  /** Topics that were created while the consumer waited for them. All their records are new, so they start at their beginning. */
  appeared: ReadonlySet<string>
  /** The topics that the group has read, as the store knows them (read-topics.ts). */
  readTopics: { among(topics: string[]): Promise<Set<string>>; add(topics: string[]): Promise<void> }
  handle: BatchHandler
  clock: Clock
  progress: ConsumerProgress
  /** Logs for the operator. */
  report: (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void
}

// The group drops a member that sends no heartbeat for this long.
const sessionMilliseconds = 30_000
// A rebalance waits this long for a member to finish its batch; longer than a batch may take.
const rebalanceMilliseconds = 90_000
// Compressed: the records may be twenty times as large, and all of them are in memory at once.
const mostBytesPerPartition = 512 * 1_024
const lagMilliseconds = 15_000
const backOffMilliseconds = { first: 1_000, most: 60_000 }
// A join that takes longer waits for other members.
const slowJoinMilliseconds = 2_000

/**
 * Runs one consumer from its connection to its end. Resolves when `signal` has stopped it, after the current batch; rejects with the error
 * that ended it. All `topics` must exist.
 */
export async function runGroupMember(options: GroupMemberOptions, signal: AbortSignal): Promise<void> {
  const { kafka, topics, group, from, appeared, readTopics, clock, progress, report } = options
  const admin = kafka.admin()
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionMilliseconds,
    rebalanceTimeout: rebalanceMilliseconds,
    maxWaitTimeInMs: 1_000,
    maxBytesPerPartition: mostBytesPerPartition,
    allowAutoTopicCreation: false,
  })
  const problems = followProblems()
  const pauses = new Set<() => void>()
  const ended = new AbortController()
  const over = Promise.withResolvers<void>()
  over.promise.catch(() => {})
  let started: Promise<void> = Promise.resolve()
  let underWay: Promise<void> = Promise.resolve()
  let joins = 0
  let unread = new Set<string>()
  let readBefore = new Set<string>()
  try {
    await admin.connect()
    // Knowing a broker saves the 300 ms that kafkajs 2.2.4 waits before it looks for the group's coordinator (cluster/index.js).
    await admin.describeCluster()
    const existing = topics.filter((topic) => !appeared.has(topic))
    if (from === 'latest' && existing.length > 0) unread = await unreadPartitions({ admin, group, topics: existing })
    if (unread.size > 0) readBefore = await readTopics.among(existing)
    followEvents(consumer, options)
    consumer.on(consumer.events.CRASH, ({ payload }) => over.reject(payload.error))
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      assignPartitions(progress, memberAssignment, clock.now())
      report('info', 'joined the consumer group', { group, partitions: [...progress.partitions.keys()] })
      started = start(memberAssignment)
      started.catch(over.reject)
    })
    await consumer.connect()
    // Added partitions, and offsets that retention has deleted, start at the oldest record.
    await consumer.subscribe({ topics, fromBeginning: true })
    const others = countMembers(admin, group)
    const cancelReport = clock.after(slowJoinMilliseconds, async () => reportSlowJoin(await others))
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).finally(cancelReport)
    signal.addEventListener('abort', () => over.resolve(), { signal: ended.signal })
    if (signal.aborted) over.resolve()
    void followLag()
    await over.promise
  } finally {
    ended.abort()
    for (const cancel of pauses) cancel()
    progress.whyNotInGroup ??= 'the consumer has stopped'
    // kafkajs 2.2.4 must not wait for the batch: stopped during one while brokers come or go, it loops for ever (fetchManager.js, start).
    await underWay
    // Leaves the group.
    await consumer.disconnect().catch(() => {})
    await admin.disconnect().catch(() => {})
  }

  /** After a kill this is most of the time until the first record: the group waits for the dead member's session timeout. */
  function reportSlowJoin(others: number | undefined) {
    if (progress.whyNotInGroup === undefined || ended.signal.aborted) return
    progress.whyNotInGroup = 'waiting for its other members'
    report(
      'info',
      'waiting to join the consumer group: it may have a member that ended without leaving, which Kafka drops after up to 30 s',
      {
        group,
        ...(others === undefined ? {} : { otherMembers: others }),
      },
    )
  }

  async function start(assignment: Record<string, number[]>) {
    joins += 1
    const join = joins
    for (const { records, ...place } of await deletedUnread(assignment, { admin, group }))
      report('error', 'records were deleted before they were read: they were older than retention.ms', {
        ...place,
        records,
      })
    const offsets = await startOffsets(assignment, { unread, readBefore }, { admin, group })
    // If the member has rejoined since, with other partitions, that join sets their offsets.
    if (join !== joins) return
    if (offsets.length > 0) await consumer.commitOffsets(offsets)
    if (join !== joins) return
    for (const one of offsets) consumer.seek(one)
    reportStart('never read before: starts with new records (KAFKA_FROM=latest)', ({ isRecreated }) => !isRecreated)
    reportStart('recreated since the group last read it: starts at the beginning', ({ isRecreated }) => isRecreated)
    await readTopics.add(Object.keys(assignment))

    function reportStart(text: string, isMeant: (offset: StartOffset) => boolean) {
      const partitions = offsets.filter(isMeant).map(({ topic, partition }) => partitionName(topic, partition))
      if (partitions.length > 0) report('info', text, { partitions })
    }
  }

  async function eachBatch(payload: EachBatchPayload) {
    await started
    const { topic, partition } = payload.batch
    const name = partitionName(topic, partition)
    const position = progress.partitions.get(name)
    if (!position || payload.isStale() || ended.signal.aborted) return
    const working = processFetchedBatch(payload, {
      handle,
      bootstrapServers: options.bootstrapServers,
      clock,
      position,
      isStopping: () => ended.signal.aborted,
      backOff,
      done,
    })
    underWay = working.catch(() => {})
    await working

    function backOff(next: number, pause: () => () => void, error: unknown) {
      if (!position) return
      const milliseconds = Math.min(backOffMilliseconds.first * 2 ** position.tries, backOffMilliseconds.most)
      position.tries += 1
      updateProgress(position, { next }, clock.now())
      reportPause({ topic, partition, offset: next, retrySeconds: milliseconds / 1_000 }, error)
      resumeAfter(milliseconds, pause())
    }

    function reportPause(fields: Record<string, unknown>, error: unknown) {
      const text = error instanceof Error ? error.message : error
      const reason = error === undefined ? 'a record was returned' : 'its batch failed'
      if (!problems.isDue(name, `${reason}: ${text}`, clock.now())) return
      if (error === undefined) report('warn', `partition paused: ${reason}`, fields)
      else report('error', `partition paused: ${reason}`, { ...fields, error: text })
    }

    function done() {
      const afterSeconds = problems.end(name, clock.now())
      if (afterSeconds !== undefined) report('info', 'partition continues', { topic, partition, afterSeconds })
    }
  }

  async function handle(event: LambdaKafkaEvent): Promise<KafkaBatchResponse> {
    progress.busySince = clock.now()
    try {
      return await options.handle(event)
    } finally {
      progress.busySince = undefined
    }
  }

  function resumeAfter(milliseconds: number, resume: () => void) {
    const cancel = clock.after(milliseconds, () => {
      pauses.delete(cancel)
      resume()
    })
    pauses.add(cancel)
  }

  /** Measures the lag of paused and idle partitions, too, and renews the store's memory of which topics were read. */
  async function followLag() {
    while (!ended.signal.aborted) {
      // The consumer itself reports a broker that does not answer.
      await readLag().catch(() => {})
      const assigned = new Set([...progress.partitions.values()].map(({ topic }) => topic))
      // Only after their start offsets are committed.
      await started.then(() => readTopics.add([...assigned])).catch(() => {})
      await clock.sleep(lagMilliseconds, ended.signal)
    }
  }

  async function readLag() {
    const committed = await admin.fetchOffsets({ groupId: group, topics })
    for (const { topic, partitions } of committed) {
      const ranges = await admin.fetchTopicOffsets(topic)
      for (const { partition, offset } of partitions) {
        const position = progress.partitions.get(partitionName(topic, partition))
        const range = ranges.find((one) => one.partition === partition)
        if (!position || !range) continue
        const done = Number(offset) < 0 ? Number(range.low) : Number(offset)
        const offsets = {
          end: Math.max(position.end ?? 0, Number(range.high)),
          next: Math.max(position.next ?? 0, done),
        }
        updateProgress(position, offsets, clock.now())
      }
    }
  }
}

/** Undefined if the brokers do not say: this is for the log only. */
async function countMembers(admin: Admin, group: string): Promise<number | undefined> {
  try {
    const { groups } = await admin.describeGroups([group])
    return groups[0]?.members.length
  } catch {
    return undefined
  }
}

function followEvents(consumer: Consumer, { progress, clock, group, report }: GroupMemberOptions) {
  const { events } = consumer
  const recordActivity = () => Object.assign(progress, { activeAt: clock.now() })
  for (const event of [events.HEARTBEAT, events.FETCH_START, events.FETCH, events.CONNECT] as const)
    consumer.on(event, recordActivity)
  consumer.on(events.GROUP_JOIN, () => Object.assign(progress, { whyNotInGroup: undefined }))
  for (const event of [events.REBALANCING, events.CRASH, events.STOP] as const)
    consumer.on(event, () => Object.assign(progress, { whyNotInGroup: 'the group is rebalancing' }))
  consumer.on(events.REBALANCING, () => report('info', 'the consumer group is rebalancing', { group }))
}
