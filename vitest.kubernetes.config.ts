import { defineConfig } from 'vitest/config'

/** infra/kubernetes and infra/local, without a cluster or Docker. Needs Python 3.10 or newer; a broker is tried where Java 17 and Maven are. */
export default defineConfig({
  test: {
    include: ['test/kubernetes/**/*.kubernetes.ts'],
    globalSetup: 'test/kubernetes/setup.ts',
    reporters: ['default', ['json', { outputFile: '.bench/kubernetes-tests.json' }]],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
