import { createHash } from 'node:crypto'
import { service } from '../settings/settings.ts'

// AWS Lambda API Reference, CreateFunction: names of functions have at most 64 characters.
const longest = 64

/** The name of a function. A long stage is cut, with a hash that keeps the name unique. */
export function functionName(stage: string, name: string): string {
  const whole = `${service}-${stage}-${name}`
  if (whole.length <= longest) return whole
  const hash = createHash('sha256').update(stage).digest('hex').slice(0, 6)
  const room = longest - service.length - name.length - hash.length - 3
  return `${service}-${stage.slice(0, room)}-${hash}-${name}`
}

export function tableName(stage: string): string {
  return `${service}-${stage}`
}
