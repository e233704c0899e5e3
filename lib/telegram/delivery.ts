import type { Clock } from '../clock.ts'
import type { KafkaRecord } from '../event/record.ts'
import type { Html } from '../format/html.ts'
import type { Receipt } from '../outcome.ts'
import type { Target } from '../route/target.ts'
import type { TelegramClient } from './client.ts'

/** A record that is to be shown in a target. */
export interface Delivery {
  recordKey: string
  record: KafkaRecord
  target: Target
  render(options: { isRepeatPossible: boolean }): Html
}

export interface DeliverDependencies {
  client: TelegramClient
  receipts: {
    find(recordKey: string, target: string): Receipt | undefined
    save(recordKey: string, target: string, receipt: Receipt): void
  }
  clock: Clock
}
