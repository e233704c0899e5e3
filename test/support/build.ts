import { bundleNotify } from '../bench/bundle.ts'

/** Once before all tests: the bundle that some of them run. */
export async function setup() {
  await bundleNotify()
}
