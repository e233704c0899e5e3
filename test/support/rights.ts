import type { Clock } from '../../lib/clock.ts'
import { plainText } from '../../lib/format/html.ts'
import type { Claim, Incident } from '../../lib/incident/incident.ts'
import { heldUntil } from '../../lib/incident/standing.ts'
import type { Store } from '../../lib/incident/store.ts'
import { leastMilliseconds } from '../../lib/telegram/run.ts'
import { renderer } from './incidents.ts'

export type Rights = ReturnType<typeof openRights>

/** What the processes that share a state and a chat have a right to, by what is written there, and what they did without one. */
export function openRights(clock: Clock) {
  const broken: string[] = []
  const requests: { at: number; lane: number }[] = []
  const sends = new Map<string, string>()
  const claims = new Map<string, Claim>()
  const slots = new Set<string>()
  let coolDownUntil = 0
  let acceptedAt = 0
  let lanes = 0

  /** One process more: what lies between it and its state, and its client's time-outs, which tell when a request starts. */
  function watch(): { decorate: (store: Store) => Store; after: Clock['after'] } {
    let lane = 0
    let toldUntil = 0
    let claim: Claim | undefined
    let slot: { notBefore: number } | undefined

    return {
      decorate: (store) => ({
        ...store,
        async readChats(names) {
          lanes += 1
          lane = lanes
          toldUntil = 0
          return store.readChats(names)
        },
        async saveChat(name, chat, version) {
          toldUntil = Math.max(toldUntil, chat.coolDownUntil)
          acceptedAt = Math.max(acceptedAt, chat.acceptedAt ?? 0)
          const written = await store.saveChat(name, chat, version)
          if ('current' in written) return written
          const taken = chat.slots.filter(({ token }) => !slots.has(token))
          for (const { token } of taken) slots.add(token)
          if (taken.length > 0) slot = { notBefore: coolDownUntil }
          // Also where it has left that out.
          coolDownUntil = Math.max(coolDownUntil, toldUntil)
          return written
        },
        async claim(key, wanted, revision) {
          const written = await store.claim(key, wanted, revision)
          if (!('saved' in written)) return written
          const before = claims.get(key)
          if (before && heldUntil(before, acceptedAt, clock.now()) > clock.now())
            broken.push('a claim over one that lives')
          claims.set(key, wanted)
          claim = wanted
          if (wanted.kind === 'send') sends.set(textOf(written.saved), placeOf(written.saved))
          return written
        },
        async settle(key, token, ...words) {
          const written = await store.settle(key, token, ...words)
          if (!('saved' in written)) return written
          if (claims.get(key)?.token !== token) broken.push('the end of a claim of another one')
          claims.delete(key)
          claim = undefined
          return written
        },
      }),
      after(...words) {
        const now = clock.now()
        if (!slot) broken.push('a request without a slot')
        if (slot && now < slot.notBefore) broken.push('a request within a cool-down that was written down')
        if (!claim || now + leastMilliseconds > claim.until)
          broken.push('a request without a claim, or too late for it')
        slot = undefined
        requests.push({ at: now, lane })
        return clock.after(...words)
      },
    }
  }

  return {
    watch,
    broken,
    /** When each began, and which lane's it was. */
    requests,
    /** By the text of each message that was claimed: which one of its incident it is. */
    sends,
  }
}

/** What a reader sees of an incident. */
export function textOf(incident: Pick<Incident, 'identity' | 'merged'>): string {
  return plainText({ markup: renderer.text(incident).markup } as Parameters<typeof plainText>[0])
}

/** A message opens a generation of its incident, or rings for its rise to critical. */
function placeOf({ key, generation, shown }: Incident): string {
  return `${key.slice(0, 8)} ${generation} ${shown?.generation === generation ? 'rise' : 'opening'}`
}
