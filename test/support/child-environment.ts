/**
 * The environment of a process that a test starts: nothing of this one's but where programs are, and the date. `npm run test:in-2028` has
 * another date (libfaketime), and what a test and the processes that it starts believe has to agree.
 */
export function childEnvironment(own: Record<string, string> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => isInherited(name))
  return { ...Object.fromEntries(inherited.map(([name, value = '']) => [name, value])), ...own }
}

function isInherited(name: string): boolean {
  return name === 'PATH' || name === 'LD_PRELOAD' || name.includes('FAKETIME') || name.includes('FAKE_MONOTONIC')
}
