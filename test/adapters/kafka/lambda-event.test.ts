import { expect, test } from 'vitest'
import { type KafkaMessage, messagesToLambdaEvent } from '../../../lib/adapters/kafka/lambda-event.ts'
import { decode } from '../../../lib/core/event/decode.ts'

const message = (offset: string, fields: Partial<KafkaMessage> = {}): KafkaMessage => ({
  offset,
  timestamp: '-1',
  key: null,
  value: Buffer.from('{}'),
  ...fields,
})

test('a message that cannot be converted becomes an unreadable record with its offset, and its neighbours stay', () => {
  // kafkajs promises bytes.
  const wrongHeader = { trace: 7 } as unknown as Record<string, Buffer>
  const messages = [message('4'), message('5', { headers: wrongHeader }), message('6')]
  const [before, broken, after] =
    messagesToLambdaEvent('kube-events', 2, messages, 'kafka:9092').records['kube-events-2'] ?? []
  expect([before?.offset, after?.offset]).toEqual([4, 6])
  expect(broken).toMatchObject({ topic: 'kube-events', partition: 2, offset: 5 })
  expect(decode(broken?.value)).toEqual({
    problem: 'unreadable',
    detail: expect.stringMatching(/^offset 5: cannot be converted \(.*type number.*\)$/),
  })
})
