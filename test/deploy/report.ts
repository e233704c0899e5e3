export interface Report {
  /** Runs one step and prints it with its seconds. */
  step<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /** Runs one named check, which throws if it fails. The others still run. */
  check(name: string, test: () => void | Promise<void>): Promise<void>
  /** Counts a failure outside of a check. */
  fail(error: unknown): void
  /** Prints the closing line and sets the exit code. */
  close(): void
}

export function openReport(print: (line: string) => void = console.log): Report {
  let passed = 0
  let failed = 0
  const fail = (text: string) => {
    failed += 1
    print(`FAILED  ${text}`)
  }
  return {
    async step(name, work) {
      const start = performance.now()
      const result = await work()
      print(`${seconds(performance.now() - start)}  ${name}`)
      return result
    },
    async check(name, test) {
      try {
        await test()
        passed += 1
      } catch (error) {
        fail(`${name}\n${indent(messageOf(error))}`)
      }
    },
    fail: (error) => fail(messageOf(error)),
    close() {
      print(`${seconds(performance.now())}  in all`)
      print(`${passed} passed, ${failed} failed`)
      if (failed > 0 || passed === 0) process.exitCode = 1
    },
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1).padStart(5)} s`
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { stdout, stderr } = error as { stdout?: string; stderr?: string }
  return [error.message, stdout, stderr].filter(Boolean).join('\n')
}

function indent(text: string): string {
  return text.replace(/^/gm, '        ')
}
