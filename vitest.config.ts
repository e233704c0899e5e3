import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/build.ts',
    reporters: ['default', ['json', { outputFile: '.bench/tests.json' }]],
    testTimeout: 20_000,
  },
})
