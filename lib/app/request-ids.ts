import { AsyncLocalStorage } from 'node:async_hooks'

/** The id of the invocation that runs, for its log lines. Outside of the app, whose start may be part of an invocation. */
export const requestIds = new AsyncLocalStorage<string | undefined>()
