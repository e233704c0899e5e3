import { readRecording } from '../support/recordings.ts'

const about = ['checkout-', 'search-', 'tls-proxy']

/** A real kube-eventer's records about a few failing workloads: so few that Telegram's rate limit allows all within a minute. */
export function storyValues(): string[] {
  const counts = new Map<string, number>()
  return readRecording('cluster-mixed')
    .flatMap(({ value }) => value ?? [])
    .filter((value) => {
      const { EventValue } = JSON.parse(value) as { EventValue: string }
      const { involvedObject, reason, type } = JSON.parse(EventValue) as {
        involvedObject: { name: string }
        reason: string
        type: string
      }
      const workload = about.find((name) => involvedObject.name.startsWith(name))
      const story = `${workload} ${reason}`
      const count = (counts.get(story) ?? 0) + 1
      counts.set(story, count)
      return type === 'Warning' && workload !== undefined && count <= mostOfEach
    })
}

const mostOfEach = 4
