import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, StateUnavailable, type Store } from '../../pipeline/ports.ts'

type AsyncFunction = (...parameters: never[]) => Promise<unknown>
type AnyFunction = (...parameters: never[]) => unknown

type AsyncMethod<Of> = { [Name in keyof Of & string]: Of[Name] extends AsyncFunction ? Name : never }[keyof Of & string]
type SyncMethod<Of> = {
  [Name in keyof Of & string]: Of[Name] extends AsyncFunction ? never : Of[Name] extends AnyFunction ? Name : never
}[keyof Of & string]
/** The properties of a store that have methods of their own. */
type Part = { [Name in keyof Store]: Store[Name] extends AnyFunction | boolean ? never : Name }[keyof Store]

/** Every method of a store that returns a promise: `saveBody`, `chats.save`, … */
export type StoreMethod = AsyncMethod<Store> | { [Name in Part]: `${Name}.${AsyncMethod<Store[Name]>}` }[Part]

/** Runs instead of a call to the store, and usually makes that call. */
export type Interceptor = <Answer>(method: StoreMethod, call: () => Promise<Answer>) => Promise<Answer>

// All other methods are intercepted. The type check fails if a store or one of its parts gets another synchronous method.
const synchronous: Record<SyncMethod<Store> | SyncMethod<Store[Part]>, true> = { close: true }

/** A store whose every asynchronous call goes through `intercept`. */
export function interceptStore(store: Store, intercept: Interceptor): Store {
  return interceptAll(store, '', intercept)
}

function interceptAll<Of extends object>(of: Of, prefix: string, intercept: Interceptor): Of {
  const properties = Object.entries(of).map(([name, property]) => {
    if (typeof property === 'function' && !(name in synchronous)) {
      const method = `${prefix}${name}` as StoreMethod
      return [name, (...parameters: unknown[]) => intercept(method, () => property(...parameters))]
    }
    return [name, typeof property === 'object' ? interceptAll(property, `${name}.`, intercept) : property]
  })
  return Object.fromEntries(properties)
}

// A process that misses this much time was frozen. Nobody waits for its answer, so it finishes what it has begun.
const frozenMilliseconds = 3_000

interface TimeLimit {
  isOver: () => boolean
  /** Rejects when the time is over; never resolves. */
  over: Promise<never>
}

const timeLimits = new AsyncLocalStorage<TimeLimit>()

/** A store whose calls inside `withinTime` fail after its end as in an outage, including those that have not been answered yet. */
export function limitStore(store: Store): Store {
  return interceptStore(store, async (_, call) => {
    const limit = timeLimits.getStore()
    if (!limit) return call()
    if (limit.isOver()) throw new StateUnavailable('the deadline has passed')
    return Promise.race([call(), limit.over])
  })
}

/** Runs the work of one invocation, which has to answer by `until` (milliseconds since the epoch). */
export async function withinTime<Result>(until: number, clock: Clock, work: () => Promise<Result>): Promise<Result> {
  const ended = new AbortController()
  const isOver = () => clock.now() >= until && clock.now() < until + frozenMilliseconds
  const over = clock.sleep(until - clock.now(), ended.signal).then(() => {
    if (isOver()) throw new StateUnavailable('no answer before the deadline')
    return new Promise<never>(() => {})
  })
  over.catch(() => {})
  try {
    return await timeLimits.run({ isOver, over }, work)
  } finally {
    ended.abort()
  }
}
