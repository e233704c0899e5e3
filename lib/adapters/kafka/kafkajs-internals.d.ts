// Types for the internals of kafkajs 2.2.4 that fetch-response.ts uses, and for kafkajs-snappy. Both packages lack them.

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
  import type { FetchedMessage } from './record-batch.ts'

  function decode(decoder: Decoder, size: number): Promise<FetchedMessage[]>
  export = decode
}

declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(bytes: Buffer)
  }
  export = Decoder
}

declare module 'kafkajs-snappy' {
  const codec: () => {
    compress(encoder: { buffer: Buffer }): Promise<Buffer>
    decompress(buffer: Buffer): Promise<Buffer>
  }
  export = codec
}
