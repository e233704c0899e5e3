import { defineConfig } from 'vitest/config'
import config from './vitest.config.ts'

/** The same tests on another day and in another time zone. All of them: one that cannot pass then is to be named here, in `exclude`. */
export default defineConfig({
  test: {
    ...config.test,
    globalSetup: ['test/support/in-2028.ts', 'test/support/build.ts'],
    reporters: ['default', ['json', { outputFile: '.bench/in-2028-tests.json' }]],
  },
})
