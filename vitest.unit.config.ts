import { configDefaults, defineConfig } from 'vitest/config'

/** The fast tests, for a maintainer's loop: pure code, without processes, servers or a build. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/app/config/**/*.test.ts', 'test/ci/**/*.test.ts'],
    // These try thousands of cards against TDLib, or many generated inputs.
    exclude: [
      ...configDefaults.exclude,
      '**/*-tdlib.test.ts',
      '**/*.property.test.ts',
      'test/core/incident/merged.test.ts',
      'test/core/message/text/clean.test.ts',
      'test/core/routing/covers.test.ts',
    ],
    testTimeout: 20_000,
  },
})
