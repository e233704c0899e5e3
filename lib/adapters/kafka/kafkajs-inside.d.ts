// What is used of the inside of kafkajs 2.2.4, which has no types (lib/adapters/kafka/fetched.ts).

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  interface Protocol {
    request: unknown
    response: { decode(bytes: Buffer): Promise<unknown>; parse(answer: unknown): Promise<unknown> }
    requestTimeout: number
  }
  const definitions: {
    versions: string[]
    protocol(asked: { version: number }): (options: Record<string, unknown>) => Protocol
  }
  export = definitions
}

declare module 'kafkajs/src/protocol/messageSet/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js'
  import type { FetchedMessage } from './records.ts'

  function decode(decoder: Decoder, size: number): Promise<FetchedMessage[]>
  export = decode
}

declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(bytes: Buffer)
  }
  export = Decoder
}
