import { defineConfig } from 'vitest/config'

/** Against an emulated AWS, which needs Python 3.10 or newer. */
export default defineConfig({
  test: {
    include: ['test/**/*.aws.ts'],
    globalSetup: 'test/support/emulated-dynamodb.ts',
    reporters: ['default', ['json', { outputFile: '.bench/aws-tests.json' }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
