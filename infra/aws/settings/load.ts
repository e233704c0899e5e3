import { readFileSync } from 'node:fs'
import { systemClock } from '../../../lib/adapters/clock.ts'
import { readSettings, type SettingsFile } from './read.ts'

/** Reads `settings.yml`, or the file that the variable SETTINGS names, from this folder. */
export function loadSettings(given: { stage: string; region?: string; parameters: string[] }): SettingsFile {
  const fileName = process.env.SETTINGS || 'settings.yml'
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  return readSettings({
    ...given,
    region: given.region,
    shellRegion: AWS_REGION || AWS_DEFAULT_REGION,
    fileName,
    text: textOf(fileName),
    now: systemClock.now(),
  })
}

function textOf(fileName: string): string | undefined {
  try {
    return readFileSync(fileName, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
