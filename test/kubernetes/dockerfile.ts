import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

export interface Step {
  instruction: string
  rest: string
}

export interface Stage {
  name: string
  image: string
  steps: Step[]
}

/** The stages of a Dockerfile that has no heredocs and no build arguments. */
export function readDockerfile(file: string): Stage[] {
  const text = readFileSync(file, 'utf8')
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const stages: Stage[] = []
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    if (instruction === 'FROM') {
      const [image = '', , name = ''] = rest.split(' ')
      stages.push({ name, image, steps: [] })
    } else stages.at(-1)?.steps.push({ instruction, rest })
  }
  return stages
}

/** The value of the last such instruction. */
export function lastOf({ steps }: Stage, instruction: string): string | undefined {
  return steps.findLast((step) => step.instruction === instruction)?.rest
}

/** The top-level names that a .dockerignore of the form "only these" allows into the build. */
export function letIn(file: string): string[] {
  const [first, ...others] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (first !== '*' || others.some((line) => !/^![\w.-]+$/.test(line)))
    throw new Error(`${file} does not begin with * and go on with names`)
  return others.map((line) => line.slice(1))
}

interface Place {
  /** The source of COPY. */
  context: string
  /** The file system of each stage. */
  roots: Record<string, string>
  /** The folder of node and npm. */
  programs: string
}

/**
 * Runs a stage like `docker build`, in a folder instead of a file system of its own: absolute paths in commands are relative to that
 * folder.
 */
export function runStage({ name, steps }: Stage, { context, roots, programs }: Place) {
  const root = roots[name] ?? ''
  let directory = root
  for (const { instruction, rest } of steps)
    if (instruction === 'WORKDIR') {
      directory = join(root, rest)
      mkdirSync(directory, { recursive: true })
    } else if (instruction === 'COPY') {
      const words = rest.split(' ').filter((word) => !word.startsWith('--'))
      const from = /--from=(\w+)/.exec(rest)?.[1]
      const sources = words
        .slice(0, -1)
        .map((source) => resolve(from ? `${roots[from]}${source}` : context, from ? '' : source))
      const into = resolve(directory, words.at(-1) ?? '')
      for (const source of sources)
        cpSync(source, words.at(-1) === './' ? join(into, basename(source)) : into, { recursive: true })
    } else if (instruction === 'RUN')
      execFileSync('sh', ['-ec', rest.replaceAll(/(?<=\s)\//g, `${root}/`)], {
        cwd: directory,
        // This machine's own settings for package registries.
        env: { ...process.env, NODE_ENV: undefined, PATH: `${programs}:/usr/local/bin:/usr/bin:/bin` },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 280_000,
      })
}
