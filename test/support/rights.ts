import { AsyncLocalStorage } from 'node:async_hooks'
import { type Interceptor, interceptStore } from '../../lib/adapters/store/intercept.ts'
import { leaseEnd } from '../../lib/core/incident/delivery.ts'
import type { Incident, Lease, ShownBody } from '../../lib/core/incident/incident.ts'
import { plainText } from '../../lib/core/message/html.ts'
import type { ChatState } from '../../lib/core/rate-limit/chat.ts'
import { leastMilliseconds } from '../../lib/pipeline/deliver/run.ts'
import type { Clock, Store } from '../../lib/pipeline/ports.ts'
import { renderer } from './incidents.ts'

export type Rights = ReturnType<typeof openRights>

/** An item of the state that somebody has deleted. */
export type Deleted = { incident: string } | { chat: string }

/** What one process does in one chat. */
interface Lane {
  chat: string
  /** Another one each time the chat's state is read. */
  number: number
  toldUntil: number
  /** As it was written with its latest slot: what it goes by, also if the chat's item has been deleted since. */
  acceptedAt: number | undefined
  lease: Lease | undefined
  slot: { notBefore: number } | undefined
}

/** What the processes that share a state have a right to, by what is written there, and what they did without one. */
export function openRights(clock: Clock) {
  const broken: string[] = []
  const requests: { at: number; chat: string; lane: number }[] = []
  const sends: { at: number; target: string; text: string; place: string }[] = []
  const leases = new Map<string, Lease>()
  const slots = new Set<string>()
  const chats = new Map<string, Pick<ChatState, 'coolDownUntil' | 'movedTo' | 'acceptedAt'>>()
  const merged = new Map<string, Map<string, number>>()
  const deletions: (Deleted & { at: number })[] = []
  // Which lane a time-out of the client belongs to; `state`: to a request of the state's own.
  const context = new AsyncLocalStorage<Lane | 'state'>()
  let lanes = 0

  function laneHere(): Lane | undefined {
    const lane = context.getStore()
    return lane === 'state' ? undefined : lane
  }

  function newSlots(chat: ChatState) {
    return chat.slots.filter(({ token }) => !slots.has(token))
  }

  /** Also what a generation has counted that ended by the same write: its last text tells of it. */
  function remember({
    key,
    body: {
      merged: { events },
      counted,
    },
  }: Incident) {
    const counts = merged.get(key) ?? new Map<string, number>()
    merged.set(key, counts)
    for (const [id, count] of [...events, ...(counted?.events ?? [])])
      counts.set(id, Math.max(count, counts.get(id) ?? 0))
  }

  /** One process more, with a clock of its own: what lies between it and its state, and its client's time-outs, which tell when a request starts. */
  function watch(
    own: Clock,
    between: Interceptor = (_, call) => call(),
  ): { decorate: (store: Store) => Store; after: Clock['after'] } {
    const known = new Map<string, Lane>()

    function newLane(chat: string): Lane {
      lanes += 1
      const lane: Lane = { chat, number: lanes, toldUntil: 0, acceptedAt: undefined, lease: undefined, slot: undefined }
      known.set(chat, lane)
      return lane
    }

    const watched = (store: Store): Store => ({
      ...store,
      chats: {
        ...store.chats,
        async save(name, chat, version) {
          const lane = known.get(name) ?? newLane(name)
          lane.toldUntil = Math.max(lane.toldUntil, chat.coolDownUntil)
          const written = await store.chats.save(name, chat, version)
          if ('current' in written) return written
          const { coolDownUntil = 0 } = chats.get(name) ?? {}
          const taken = newSlots(chat)
          for (const { token } of taken) slots.add(token)
          if (taken.length > 0) {
            lane.slot = { notBefore: coolDownUntil }
            lane.acceptedAt = chat.acceptedAt
          }
          // Also where it has left that out.
          chats.set(name, { ...chat, coolDownUntil: Math.max(coolDownUntil, lane.toldUntil) })
          return written
        },
      },
      async saveBody(...words) {
        const written = await store.saveBody(...words)
        if ('saved' in written) remember(written.saved)
        return written
      },
      async takeLease(key, wanted, revision) {
        const written = await store.takeLease(key, wanted, revision)
        if (!('saved' in written)) return written
        const before = leases.get(key)
        const lane = laneHere()
        const { saved } = written
        const { target } = saved.body.identity
        const acceptedAt = Math.max(lane?.acceptedAt ?? 0, chats.get(target)?.acceptedAt ?? 0)
        if (before && leaseEnd(before, acceptedAt, own.now()) > own.now()) broken.push('a lease over one that lives')
        leases.set(key, wanted)
        if (lane) lane.lease = wanted
        if (wanted.kind === 'send')
          sends.push({ at: clock.now(), target, text: textOf(saved.body), place: placeOf(saved) })
        return written
      },
      async recordDelivery(key, token, ...words) {
        const written = await store.recordDelivery(key, token, ...words)
        if (!('saved' in written)) return written
        if (leases.get(key)?.token !== token) broken.push('the end of a lease of another one')
        leases.delete(key)
        const lane = laneHere()
        if (lane) lane.lease = undefined
        return written
      },
    })

    return {
      decorate(store) {
        const inside = interceptStore(store, (_, call) => context.run('state', call))
        const outside = interceptStore(watched(inside), between)
        return {
          ...outside,
          chats: {
            read(names) {
              for (const name of names) newLane(name)
              return outside.chats.read(names)
            },
            save(name, chat, version) {
              // Whoever takes a slot works as this lane from here on. Not within a promise: it shall hold for those who wait for the answer.
              if (newSlots(chat).length > 0) context.enterWith(known.get(name) ?? newLane(name))
              return outside.chats.save(name, chat, version)
            },
          },
        }
      },
      after(...words) {
        if (context.getStore() === 'state') return own.after(...words)
        const now = own.now()
        const lane = laneHere()
        if (!lane?.slot) broken.push('a request without a slot')
        else if (now < lane.slot.notBefore) broken.push('a request within a cool-down that was written down')
        if (!lane?.lease || now + leastMilliseconds > lane.lease.until)
          broken.push('a request without a lease, or too late for it')
        if (lane) lane.slot = undefined
        requests.push({ at: clock.now(), chat: lane?.chat ?? '', lane: lane?.number ?? 0 })
        return own.after(...words)
      },
    }
  }

  /** A message opens a generation of its incident, rings for its rise to critical, or stands for one that is gone. */
  function placeOf({ key, body, delivery: { shown } }: Incident): string {
    const { generation } = body
    const { target } = body.identity
    const deleted = deletions.filter((one) => 'incident' in one && one.incident === key).length
    const incident = `${key.slice(0, 8)} ${deleted} ${generation}`
    if (shown?.generation !== generation) return `${incident} opening`
    const isGone = shown.isGone || shown.chat !== (chats.get(target)?.movedTo ?? target)
    return isGone ? `${incident} after ${shown.chat}/${shown.messageId}` : `${incident} rise`
  }

  return {
    watch,
    /** Somebody has deleted an item: nobody can keep to what is written there no more. */
    forget(deleted: Deleted) {
      deletions.push({ ...deleted, at: clock.now() })
      if ('chat' in deleted) {
        chats.delete(deleted.chat)
        return
      }
      leases.delete(deleted.incident)
      merged.delete(deleted.incident)
    },
    broken,
    /** When each began, and which lane's it was. */
    requests,
    /** Each message that was leased, and which one of its incident it is. */
    sends,
    /** By key and event, the greatest count that was saved since its item was deleted last. */
    merged,
    deletions,
  }
}

/** What a reader sees of an incident. */
export function textOf(body: ShownBody): string {
  return plainText({ markup: renderer.text(body).markup } as Parameters<typeof plainText>[0])
}
