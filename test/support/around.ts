import type { Store } from '../../lib/incident/store.ts'

export type Method =
  | 'readIncidents'
  | 'saveBody'
  | 'claim'
  | 'settle'
  | 'readDue'
  | 'countOwed'
  | 'readChat'
  | 'saveChat'
  | 'put'

export type Between = <Answer>(method: Method, call: () => Promise<Answer>) => Promise<Answer>

/** What is saved of incidents: the most bytes of one, as JSON. */
export function watchSize(): { decorate: (store: Store) => Store; mostBytes: () => number } {
  let most = 0
  const decorate = (store: Store) =>
    around(store, async (method, call) => {
      const answer = await call()
      if (method === 'saveBody' || method === 'settle') most = Math.max(most, Buffer.byteLength(JSON.stringify(answer)))
      return answer
    })
  return { decorate, mostBytes: () => most }
}

/** A state whose every call goes through `between`. */
export function around(store: Store, between: Between): Store {
  const { quarantine } = store
  return {
    ...store,
    readIncidents: (...words) => between('readIncidents', () => store.readIncidents(...words)),
    saveBody: (...words) => between('saveBody', () => store.saveBody(...words)),
    claim: (...words) => between('claim', () => store.claim(...words)),
    settle: (...words) => between('settle', () => store.settle(...words)),
    readDue: (...words) => between('readDue', () => store.readDue(...words)),
    countOwed: () => between('countOwed', store.countOwed),
    readChat: (...words) => between('readChat', () => store.readChat(...words)),
    saveChat: (...words) => between('saveChat', () => store.saveChat(...words)),
    quarantine: { ...quarantine, put: (...words) => between('put', () => quarantine.put(...words)) },
  }
}
