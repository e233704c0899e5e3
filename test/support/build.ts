import { bundleNotify, bundleSweep } from '../bench/bundle.ts'

/** Builds the bundles that some tests run, once before all tests. */
export async function setup() {
  await bundleNotify()
  await bundleSweep()
}
