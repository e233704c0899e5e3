/** Without it the tests would pass on the day that it is. */
export function setup() {
  const now = new Date()
  if (now.getUTCFullYear() !== 2028)
    throw new Error(`It is ${now.toISOString()} in this process, and not 2028: faketime does not reach it.`)
}
