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

/** A deleted item of the store. */
export type Deleted = { incident: string } | { chat: string }

/** One process's deliveries to one chat. */
interface ChatRun {
  chat: string
  /** A new one each time the chat's state is read. */
  number: number
  toldUntil: number
  /** The chat's value when the latest slot was taken, which is used even if the chat's item was deleted since. */
  acceptedAt: number | undefined
  lease: Lease | undefined
  slot: { notBefore: number } | undefined
}

/** Checks processes that share a store: every request needs a slot and a lease that are stored there. */
export function openRights(clock: Clock) {
  const broken: string[] = []
  const requests: { at: number; chat: string; run: number }[] = []
  const sends: { at: number; target: string; text: string; place: string }[] = []
  const leases = new Map<string, Lease>()
  const slots = new Set<string>()
  const chats = new Map<string, Pick<ChatState, 'coolDownUntil' | 'movedTo' | 'acceptedAt'>>()
  const merged = new Map<string, Map<string, number>>()
  const deletions: (Deleted & { at: number })[] = []
  // The run that a client's time-out belongs to, or `state` for a request of the store.
  const context = new AsyncLocalStorage<ChatRun | 'state'>()
  let runs = 0

  function currentRun(): ChatRun | undefined {
    const run = context.getStore()
    return run === 'state' ? undefined : run
  }

  function newSlots(chat: ChatState) {
    return chat.slots.filter(({ token }) => !slots.has(token))
  }

  /** Includes the counts of a generation that ended with the same write, because its last text shows them. */
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

  /** Watches one more process with its own clock: its store calls, and its client's time-outs, which show when a request starts. */
  function watch(
    own: Clock,
    between: Interceptor = (_, call) => call(),
  ): { decorate: (store: Store) => Store; after: Clock['after'] } {
    const known = new Map<string, ChatRun>()

    function startRun(chat: string): ChatRun {
      runs += 1
      const run: ChatRun = {
        chat,
        number: runs,
        toldUntil: 0,
        acceptedAt: undefined,
        lease: undefined,
        slot: undefined,
      }
      known.set(chat, run)
      return run
    }

    const watched = (store: Store): Store => ({
      ...store,
      chats: {
        ...store.chats,
        async save(name, chat, version) {
          const run = known.get(name) ?? startRun(name)
          run.toldUntil = Math.max(run.toldUntil, chat.coolDownUntil)
          const written = await store.chats.save(name, chat, version)
          if ('current' in written) return written
          const { coolDownUntil = 0 } = chats.get(name) ?? {}
          const taken = newSlots(chat)
          for (const { token } of taken) slots.add(token)
          if (taken.length > 0) {
            run.slot = { notBefore: coolDownUntil }
            run.acceptedAt = chat.acceptedAt
          }
          // Even if the process left that out.
          chats.set(name, { ...chat, coolDownUntil: Math.max(coolDownUntil, run.toldUntil) })
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
        const run = currentRun()
        const { saved } = written
        const { target } = saved.body.identity
        const acceptedAt = Math.max(run?.acceptedAt ?? 0, chats.get(target)?.acceptedAt ?? 0)
        if (before && leaseEnd(before, acceptedAt, own.now()) > own.now()) broken.push('a lease over one that lives')
        leases.set(key, wanted)
        if (run) run.lease = wanted
        if (wanted.kind === 'send')
          sends.push({ at: clock.now(), target, text: textOf(saved.body), place: placeOf(saved) })
        return written
      },
      async recordDelivery(key, token, ...words) {
        const written = await store.recordDelivery(key, token, ...words)
        if (!('saved' in written)) return written
        if (leases.get(key)?.token !== token) broken.push('the end of a lease of another one')
        leases.delete(key)
        const run = currentRun()
        if (run) run.lease = undefined
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
              for (const name of names) startRun(name)
              return outside.chats.read(names)
            },
            save(name, chat, version) {
              // The caller is this run from here on. Set outside of a promise, so that it is valid after the awaited answer.
              if (newSlots(chat).length > 0) context.enterWith(known.get(name) ?? startRun(name))
              return outside.chats.save(name, chat, version)
            },
          },
        }
      },
      after(...words) {
        if (context.getStore() === 'state') return own.after(...words)
        const now = own.now()
        const run = currentRun()
        if (!run?.slot) broken.push('a request without a slot')
        else if (now < run.slot.notBefore) broken.push('a request within a cool-down that was written down')
        if (!run?.lease || now + leastMilliseconds > run.lease.until)
          broken.push('a request without a lease, or too late for it')
        if (run) run.slot = undefined
        requests.push({ at: clock.now(), chat: run?.chat ?? '', run: run?.number ?? 0 })
        return own.after(...words)
      },
    }
  }

  /** A message opens a generation of its incident, reports its rise to critical, or replaces one that was deleted. */
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
    /** Forgets a deleted item, which no process can respect any more. */
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
    /** The start of each request, and its run. */
    requests,
    /** Each message that was leased, and its place in the incident. */
    sends,
    /** By key and event: the greatest count that was saved since the item was last deleted. */
    merged,
    deletions,
  }
}

/** The visible text of an incident's message. */
export function textOf(body: ShownBody): string {
  return plainText({ markup: renderer.text(body).markup } as Parameters<typeof plainText>[0])
}
