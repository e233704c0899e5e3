import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import type { Store } from '../../lib/pipeline/ports.ts'

/** Measures the largest incident that is saved, in bytes of JSON. */
export function watchStoredSize(): { decorate: (store: Store) => Store; mostBytes: () => number } {
  let most = 0
  const decorate = (store: Store) =>
    interceptStore(store, async (method, call) => {
      const answer = await call()
      if (method === 'saveBody' || method === 'recordDelivery')
        most = Math.max(most, Buffer.byteLength(JSON.stringify(answer)))
      return answer
    })
  return { decorate, mostBytes: () => most }
}
