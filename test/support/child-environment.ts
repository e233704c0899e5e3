/**
 * The environment of a process that a test starts: of this process's environment, only PATH and the variables of libfaketime. `npm run test:in-2028`
 * uses another date, which must be the same in a test and its processes.
 */
export function childEnvironment(own: Record<string, string> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => isInherited(name))
  return { ...Object.fromEntries(inherited.map(([name, value = '']) => [name, value])), ...own }
}

function isInherited(name: string): boolean {
  return name === 'PATH' || name === 'LD_PRELOAD' || name.includes('FAKETIME') || name.includes('FAKE_MONOTONIC')
}
