import { rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, normalize } from 'node:path'
import { openRouting, packagedJson, packagedName, variablesOfFile } from '../../lib/app/config/load.ts'
import { isRemote } from '../../lib/app/config/remote.ts'
import { isDeployable } from '../../lib/app/config/variables.ts'
import { isTimeZone } from '../../lib/core/event/time.ts'
import { mostTargets } from '../../lib/core/routing/router.ts'
import { parseTarget } from '../../lib/core/routing/target.ts'
import type { Settings } from './settings/settings.ts'

/** The file that CONFIG_FILE names and that is packaged with the functions. Undefined without one, and if it is in SSM or S3. */
export function packagedFileOf({ environment }: Settings): string | undefined {
  const { CONFIG_FILE } = environment
  return typeof CONFIG_FILE === 'string' && CONFIG_FILE !== '' && !isRemote(CONFIG_FILE)
    ? normalize(CONFIG_FILE)
    : undefined
}

/** Mistakes that the functions would refuse at start, and variables that must not leave this machine. */
export async function findMistakes(file: string, settings: Settings, memorySize: number): Promise<string[]> {
  if (isAbsolute(file) || file.startsWith('..'))
    return [`CONFIG_FILE must be a file in this folder, which is packaged, not "${file}"`]
  const refused = (await variablesOfFile(file)).filter((name) => !isDeployable(name))
  if (refused.length > 0)
    return refused.map(
      (name) =>
        `${file}: the variable ${name} is reserved by Lambda or may be a secret; use another name, since the template is stored in S3`,
    )
  const routing = await openRouting(environmentWith(file, settings))
  if (!routing) return []
  const { problems, ruleset } = routing(surroundings(settings))
  return problems.length > 0 ? problems : findTooLarge(settings, mostTargets(ruleset), memorySize)
}

/**
 * Writes the parsed file beside the file itself, which lets the functions start faster. Resolves with its name. If the file or its surroundings
 * change, the functions read the file itself.
 */
export async function writePackaged(file: string, settings: Settings): Promise<string | undefined> {
  const json = await packagedJson(environmentWith(file, settings), surroundings(settings))
  if (json === undefined) return undefined
  writeFileSync(packagedName(file), json)
  return packagedName(file)
}

export function removePackaged(name: string): void {
  rmSync(name, { force: true })
}

function environmentWith(file: string, { environment }: Settings): Record<string, string> {
  return { ...(environment as Record<string, string>), CONFIG_FILE: file }
}

/** The target and time zone that the functions will have. */
function surroundings({ environment }: Settings) {
  const { TELEGRAM_CHAT_ID = '', TZ = '' } = environment as Record<string, string>
  return {
    // A wrong chat is reported elsewhere.
    target: parseTarget(TELEGRAM_CHAT_ID.trim()) ?? { name: '-1', chat: '-1', threadId: undefined },
    timeZone: isTimeZone(TZ) ? TZ : 'UTC',
  }
}

// Measured in a cgroup of 256 MB, with a payload of 6 MB and with the shortest possible records: the program's own memory, and the memory of
// each record for each of its targets until the end of the batch. With state: memory, incidents stay in memory as well.
const programMegabytes = 100
const kilobytesPerTarget = { dynamodb: 2.2, memory: 8 }

function findTooLarge({ state, batchSize }: Settings, targets: number, memorySize: number): string[] {
  const megabytesPerRecord = (kilobytesPerTarget[state] * targets) / 1_000
  const needed = Math.ceil(programMegabytes + Number(batchSize) * megabytesPerRecord)
  if (!(needed > memorySize)) return []
  const most = Math.floor((memorySize - programMegabytes) / megabytesPerRecord)
  return [
    `batchSize must be at most ${most}, not ${batchSize}: an event may go to ${targets} targets, with state: ${state} and memorySize ${memorySize}; or set memorySize of notify in serverless.yml to ${needed}`,
  ]
}
