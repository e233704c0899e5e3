import { defineConfig } from 'vitest/config'

/** Against a real Kafka broker, which needs Java 17, Maven and openssl. */
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.kafka.ts'],
    globalSetup: 'test/kafka/setup.ts',
    // There is one broker, and some tests take it away.
    fileParallelism: false,
    reporters: ['default', ['json', { outputFile: '.bench/kafka-tests.json' }]],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
