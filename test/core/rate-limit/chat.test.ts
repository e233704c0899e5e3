import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ChatState,
  closedUntil,
  type Freed,
  freshChat,
  giveBack,
  isPrivateChat,
  markAccepted,
  markBroken,
  markCoolDown,
  markFailed,
  markThreadless,
  markTold,
  reserveSlot,
  slotMilliseconds,
  slotsInUse,
  threadFor,
  type Urgency,
} from '../../../lib/core/rate-limit/chat.ts'

const urgencies: Urgency[] = ['critical', 'warning', 'info', 'edit', 'good']

function take(chat: ChatState, now: number, urgency: Urgency = 'critical') {
  return reserveSlot(
    chat,
    { token: `${now}`, urgency, now, startBefore: now + 20_000, endsBefore: now + 30_000 },
    false,
  )
}

/** A chat in whose last minute `count` requests have started. */
function used(count: number, now: number): ChatState {
  const slots = Array.from({ length: count }, (_, index) => ({
    token: `t${index}`,
    startAt: now - 60_000,
    freeAt: now + 1_000 * (index + 1),
  }))
  return { ...freshChat, slots }
}

describe('slots by urgency', () => {
  it.each([
    ['critical', 20],
    ['warning', 18],
    ['info', 15],
    ['edit', 13],
    ['good', 9],
  ] as const)('%s takes the last of %i', (urgency, most) => {
    expect(take(used(most - 1, 0), 0, urgency)).toHaveProperty('startAt')
    expect(take(used(most, 0), 0, urgency)).toMatchObject({ why: 'rate limit' })
  })

  it('says when the next slot is free', () => {
    // 20 taken: critical waits for the first to be free, a warning for the third.
    expect(take(used(20, 0), 0)).toEqual({ why: 'rate limit', waitUntil: 1_000 })
    expect(take(used(20, 0), 0, 'warning')).toEqual({ why: 'rate limit', waitUntil: 3_000 })
  })

  it('a private chat has no limit a minute, only a second between starts', () => {
    let chat = freshChat
    const starts: number[] = []
    for (let number = 0; number < 50; number += 1) {
      const taken = reserveSlot(
        chat,
        { token: `${number}`, urgency: 'good', now: 0, startBefore: 90_000, endsBefore: 99_000 },
        true,
      )
      if (!('startAt' in taken)) throw new Error(taken.why)
      starts.push(taken.startAt)
      chat = taken.chat
    }
    expect(starts).toEqual(starts.map((_, index) => index * 1_100))
    expect([isPrivateChat('4711'), isPrivateChat('-1001'), isPrivateChat('@ops')]).toEqual([true, false, false])
  })
})

describe('a chat that refuses or fails', () => {
  it('has a cool-down as long as Telegram said', () => {
    const chat = { ...freshChat, coolDownUntil: 5_000 }
    expect(take(chat, 4_999)).toEqual({ why: 'cool-down', waitUntil: 5_000 })
    expect(take(chat, 5_000)).toHaveProperty('startAt', 5_000)
  })

  it('that is broken is probed every five minutes by one process', () => {
    const chat = markBroken(freshChat, '403 Forbidden', 1_000)
    expect(take(chat, 300_999)).toMatchObject({ why: 'target broken' })
    const probe = take(chat, 301_000)
    if (!('chat' in probe)) throw new Error(probe.why)
    expect(take(probe.chat, 302_000)).toMatchObject({ why: 'target broken', waitUntil: 601_000 })
    expect(markBroken(probe.chat, 'again', 302_000).broken).toMatchObject({ since: 1_000 })
    expect(take(markAccepted(probe.chat, 303_000), 303_000)).toHaveProperty('startAt')
  })

  it('remembers that it was reported as broken until it accepts a message', () => {
    const told = markTold(markBroken(freshChat, '403 Forbidden', 1_000))
    expect(markBroken(told, 'again', 2_000).broken).toMatchObject({ since: 1_000, isTold: true })
    expect(markBroken(markAccepted(told, 2_000), 'anew', 3_000).broken).not.toHaveProperty('isTold')
    expect(markTold(freshChat)).toEqual(freshChat)
  })

  it('that fails backs off, longer each time and up to a minute, until it accepts a message', () => {
    let chat = freshChat
    for (const seconds of [15, 30, 60, 60]) {
      chat = markFailed(chat, 0)
      expect(take(chat, seconds * 1_000 - 1)).toEqual({ why: 'retry later', waitUntil: seconds * 1_000 })
      expect(take(chat, seconds * 1_000)).toHaveProperty('startAt')
    }
    const accepted = markAccepted(chat, 1)
    expect(accepted).toMatchObject({ acceptedAt: 1 })
    expect(take(accepted, 1)).toHaveProperty('startAt')
  })

  it('that fails is tried by one incident at a time, and by another one that ignores the back-off', () => {
    const chat = markFailed(freshChat, 0)
    const probe = take(chat, 15_000)
    if (!('chat' in probe)) throw new Error(probe.why)
    expect(take(probe.chat, 15_001)).toEqual({ why: 'retry later', waitUntil: 30_000 })
    const wish = { token: 'b', urgency: 'critical', now: 15_001, startBefore: 40_000, endsBefore: 50_000 } as const
    expect(reserveSlot(probe.chat, { ...wish, ignoresBackOff: true }, false)).toHaveProperty('startAt')
    const cooling = markCoolDown(probe.chat, 30, 15_001)
    expect(reserveSlot(cooling, { ...wish, ignoresBackOff: true }, false)).toMatchObject({ why: 'cool-down' })
  })

  it('with a closed thread tries it again after an hour', () => {
    const chat = markThreadless(freshChat, 42, 0)
    expect([threadFor(chat, 42, 3_599_999), threadFor(chat, 42, 3_600_000), threadFor(chat, 7, 0)]).toEqual([
      undefined,
      42,
      7,
    ])
  })
})

describe('times from a clock that is ahead', () => {
  const hour = 3_600_000
  const now = 100 * hour
  const aheadBy = (milliseconds: number) => {
    const taken = take(freshChat, now + milliseconds)
    if (!('chat' in taken)) throw new Error(taken.why)
    return taken.chat
  }

  it.each([24, 1, 0.3])('a slot that was taken by a clock %f h ahead delays nobody', (hours) => {
    expect(take(aheadBy(hours * hour), now)).toHaveProperty('startAt', now)
    expect(slotsInUse(aheadBy(hours * hour), now)).toBe(0)
  })

  it('a slot that is taken for the longest invocation counts', () => {
    expect(slotsInUse(aheadBy(0), now)).toBe(1)
    expect(slotsInUse(aheadBy(880_000), now)).toBe(1)
    expect(take(aheadBy(10_000), now)).toHaveProperty('startAt', now + 11_100)
  })

  it.each([
    ['a cool-down of 30 s', markCoolDown(freshChat, 30, now + hour)],
    ['a back-off', markFailed(freshChat, now + hour)],
    ['a broken chat’s next probe', markBroken(freshChat, '403 Forbidden', now + hour)],
  ])('%s that begins in an hour is ignored', (_, chat) => {
    expect(closedUntil(chat, now)).toBeUndefined()
    expect(take(chat, now)).toHaveProperty('startAt', now)
  })

  it('a cool-down is not ended by a later, shorter one', () => {
    const chat = markCoolDown(freshChat, 24 * 3_600, now)
    expect(closedUntil(markCoolDown(chat, 5, now + hour), now + hour)).toMatchObject({ until: now + 24 * hour })
  })

  it('a thread that is marked closed until tomorrow is tried today', () => {
    expect(threadFor(markThreadless(freshChat, 42, now + 24 * hour), 42, now)).toBe(42)
  })
})

interface Wish {
  /** When the request is wanted, in ms. The clock of its process is wrong by `skew`. */
  at: number
  skew: number
  latency: number
  urgency: Urgency
  end: 'answered' | 'dead' | 'not started'
}

const wish: fc.Arbitrary<Wish> = fc.record({
  at: fc.integer({ min: 0, max: 240_000 }),
  skew: fc.integer({ min: -250, max: 250 }),
  latency: fc.integer({ min: 0, max: 8_000 }),
  urgency: fc.constantFrom(...urgencies),
  end: fc.constantFrom('answered', 'answered', 'answered', 'dead', 'not started'),
})

describe('requests of any number of invocations', () => {
  it('are at most 20 in any 60 s, whenever Telegram counts them', () => {
    fc.assert(
      fc.property(fc.array(wish, { minLength: 40, maxLength: 200 }), fc.integer({ min: 0, max: 1 }), (wishes, edge) => {
        let chat = freshChat
        const freed: (Freed & { known: number })[] = []
        const counted: number[] = []
        for (const [index, { at, skew, latency, urgency, end }] of wishes.toSorted((a, b) => a.at - b.at).entries()) {
          const known = freed.filter((slot) => slot.known <= at)
          const now = at + skew
          const token = `${index}`
          const endsBefore = now + 30_000
          const taken = reserveSlot(
            giveBack(chat, known),
            { token, urgency, now, startBefore: now + 20_000, endsBefore },
            false,
          )
          if (!('startAt' in taken)) continue
          chat = taken.chat
          const start = taken.startAt - skew
          if (end === 'not started') {
            freed.push({ token, freeAt: 'unused', known: start })
            continue
          }
          counted.push(start + edge * latency)
          if (end === 'answered')
            freed.push({
              token,
              startAt: taken.startAt,
              freeAt: start + latency + skew + slotMilliseconds,
              known: start + latency,
            })
        }
        counted.sort((a, b) => a - b)
        for (const [index, at] of counted.entries()) {
          const inMinute = counted.slice(index).filter((other) => other < at + 60_000)
          expect(inMinute.length).toBeLessThanOrEqual(20)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('start 1.1 s apart', () => {
    let chat = freshChat
    const starts = Array.from({ length: 5 }, () => {
      const taken = take(chat, 1_000)
      if (!('startAt' in taken)) throw new Error(taken.why)
      chat = taken.chat
      return taken.startAt
    })
    expect(starts).toEqual([1_000, 2_100, 3_200, 4_300, 5_400])
  })

  it('give back only the slots of their tokens', () => {
    const chat = used(3, 0)
    const freed: Freed[] = [
      { token: 't1', freeAt: 'unused' },
      { token: 't2', startAt: 1, freeAt: 5_000 },
    ]
    expect(giveBack(chat, freed).slots.map(({ freeAt }) => freeAt)).toEqual([1_000, 5_000])
  })

  it('take no slot if they would start too late, so that others are not delayed', () => {
    const chat: ChatState = { ...freshChat, slots: [{ token: 'a', startAt: 50_000, freeAt: 120_000 }] }
    expect(take(chat, 10_000)).toEqual({ why: 'rate limit', waitUntil: 51_100 })
  })
})
