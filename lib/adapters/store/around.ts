import type { DeadLetters, Store } from '../../pipeline/ports.ts'

type AsyncMethod<Of> = {
  [Name in keyof Of]: Of[Name] extends (...words: never[]) => Promise<unknown> ? Name : never
}[keyof Of]

export type StoreMethod = AsyncMethod<Store>
export type DeadLetterMethod = AsyncMethod<DeadLetters>

/** What happens around each call of a store. */
export type Between = <Answer>(method: StoreMethod | DeadLetterMethod, call: () => Promise<Answer>) => Promise<Answer>

// Each by its name, so that the type breaks where a method is added and not wrapped.
const storeMethods: Record<StoreMethod, true> = {
  readIncidents: true,
  saveBody: true,
  lease: true,
  settle: true,
  listLanes: true,
  readDue: true,
  nextDue: true,
  countPending: true,
  readChats: true,
  saveChat: true,
  readCounters: true,
  saveCounter: true,
  listCounters: true,
  readSeen: true,
  saveSeen: true,
  listSeen: true,
}
const deadLetterMethods: Record<DeadLetterMethod, true> = { put: true, list: true, drop: true }

/** A store whose every call goes through `between`. */
export function aroundStore(store: Store, between: Between): Store {
  const deadLetters = wrapped(store.deadLetters, deadLetterMethods, between)
  return { ...wrapped(store, storeMethods, between), deadLetters }
}

function wrapped<Of extends Store | DeadLetters>(of: Of, methods: Record<AsyncMethod<Of>, true>, between: Between): Of {
  const names = Object.keys(methods) as (AsyncMethod<Of> & (StoreMethod | DeadLetterMethod))[]
  const calls = names.map((name) => {
    const call = of[name] as (...words: unknown[]) => Promise<unknown>
    return [name, (...words: unknown[]) => between(name, () => call(...words))]
  })
  return { ...of, ...Object.fromEntries(calls) }
}
