import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'
import type { Template } from './template.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export const deliveries = ['provisioned', 'on-demand'] as const
export type Delivery = (typeof deliveries)[number]
export type State = 'dynamodb' | 'memory'

/** The files of infra/examples/settings, without `.yml`. */
export const examples = readdirSync(join(root, 'infra/examples/settings')).map((file) => file.replace('.yml', ''))

/** The settings that choose what is deployed. */
export interface Choice {
  example: string
  delivery: Delivery
  state: State
  stage?: string
}

const packaged = join(root, '.serverless')
const programs = join(root, 'node_modules/.bin')

/** Without the variables of the shell that runs the check, because a chat, zone or profile would change the deployment. */
export const bareEnvironment = {
  PATH: `${programs}:${process.env.PATH}`,
  HOME: mkdtempSync(join(tmpdir(), 'deploy-check-')),
}

export interface Service {
  /** Runs the CLI with the settings of an example, or with none at all. `params` win over them; texts are YAML. */
  serverless(words: string[], example?: string, params?: Record<string, unknown>): Promise<string>
  package(choice: Choice): Promise<Package>
  /** Of the functions, beside those of the example. */
  variables: Record<string, string>
  /** Deletes what was packaged. */
  close(): void
}

export interface Package extends Choice {
  name: string
  template: Template
  /** The template's path. */
  templateFile: string
  /** The zip files, by function name. */
  zipFiles: Record<string, string>
}

/** `shell`: the variables of the shell; `functions`: those of the functions, beside the ones in the example; `cwd`: a copy of this project. */
export function openService(shell: Record<string, string>, functions?: Record<string, string>, cwd = root): Service {
  const serverless: Service['serverless'] = (words, example, params = {}) => {
    const all = { ...(functions && example ? { environment: functions } : {}), ...params }
    const flags = Object.entries(all).map(
      ([name, value]) => `--param=${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const env = { ...bareEnvironment, ...shell, SETTINGS: `infra/examples/settings/${example ?? 'none'}.yml` }
    return run(join(programs, 'serverless'), [...words, ...flags], { cwd, env })
  }
  return {
    serverless,
    variables: functions ?? {},
    async package(choice) {
      const { example, stage = 'prod', ...params } = choice
      await serverless(['package', '--stage', stage], example, params)
      // A copy, because each run empties the folder.
      const folder = mkdtempSync(join(bareEnvironment.HOME, 'package-'))
      cpSync(packaged, folder, { recursive: true })
      const templateFile = join(folder, 'cloudformation-template-update-stack.json')
      const template: Template = JSON.parse(readFileSync(templateFile, 'utf8'))
      const zips = filesBelow(folder).filter((file) => file.endsWith('.zip'))
      return {
        ...choice,
        name: Object.values(choice).join(', '),
        template,
        templateFile,
        zipFiles: Object.fromEntries(zips.map((file) => [file.replace('.zip', ''), join(folder, file)])),
      }
    },
    close: () => rmSync(bareEnvironment.HOME, { recursive: true, force: true }),
  }
}

/** Every file below a folder, as a relative path. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** The files of a folder that contain `secret`. */
export function filesWith(secret: string, folder: string): string[] {
  return filesBelow(folder).filter((file) => readFileSync(join(folder, file)).includes(secret))
}
