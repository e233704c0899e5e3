import { defineConfig } from 'vitest/config'

/** The fast part of the tests, for the loop of editing: pure code, without processes, servers or a build. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/app/config/**/*.test.ts'],
    testTimeout: 20_000,
  },
})
