/** Fails if libfaketime has no effect. Otherwise the tests would pass with today's date. */
export function setup() {
  const now = new Date()
  if (now.getUTCFullYear() !== 2028)
    throw new Error(`It is ${now.toISOString()} in this process, and not 2028: faketime does not reach it.`)
}
