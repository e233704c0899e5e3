/** The oldest major version of Node.js that runs the program. package.json names it too. */
export const oldestNode = 24

/** Why the program can't run on this version of Node.js; undefined if it can. */
export function nodeProblem(version: string): string | undefined {
  const [, major = '0'] = /^v?(\d+)\./.exec(version) ?? []
  if (Number(major) >= oldestNode) return undefined
  return `kube-eventer-telegram needs Node.js ${oldestNode} or later, but this is Node.js ${version.replace('v', '')}`
}

/** Loads the program, unless Node.js is too old: then even parsing the program could fail. */
export async function loadProgram(load: () => Promise<unknown>): Promise<void> {
  const problem = nodeProblem(process.version)
  if (problem === undefined) await load()
  else {
    process.stderr.write(`${problem}\n`)
    process.exitCode = 1
  }
}
