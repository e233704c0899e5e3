import { bundleNotify } from '../bench/bundle.ts'

/** Builds the bundle that some tests run, once before all tests. */
export async function setup() {
  await bundleNotify()
}
