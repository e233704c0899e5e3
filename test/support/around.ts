import { interceptStore } from '../../lib/adapters/store/intercept.ts'
import type { Store } from '../../lib/pipeline/ports.ts'

/** What is saved of incidents: the most bytes of one, as JSON. */
export function watchSize(): { decorate: (store: Store) => Store; mostBytes: () => number } {
  let most = 0
  const decorate = (store: Store) =>
    interceptStore(store, async (method, call) => {
      const answer = await call()
      if (method === 'saveBody' || method === 'settle') most = Math.max(most, Buffer.byteLength(JSON.stringify(answer)))
      return answer
    })
  return { decorate, mostBytes: () => most }
}
