/** Aborts at the first SIGINT or SIGTERM, so that what is under way comes to its end; the second one ends the program at once. */
export function stopOnSignal(): AbortController {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  return stop
}
