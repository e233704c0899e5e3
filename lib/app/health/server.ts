import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** What each part is, in words; undefined: fine. */
export type Checks = Record<string, string | undefined>

interface Pages {
  /** Whether it has to be started anew. */
  alive: () => Checks
  /** Whether it can do its work now. */
  ready: () => Promise<Checks>
  metrics: () => Promise<string>
}

/** /healthz, /readyz and /metrics on a port of all addresses. Resolves once it listens, with what closes it; rejects if it can't. */
export async function serveHealth(port: number, { alive, ready, metrics }: Pages): Promise<() => void> {
  const pages: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/healthz': async (response) => answer(response, alive()),
    '/readyz': async (response) => answer(response, await ready()),
    '/metrics': async (response) => {
      const text = await metrics()
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
    },
  }
  const server = createServer((request, response) => {
    const page = pages[request.url?.split('?')[0] ?? '']
    if (!page) return response.writeHead(404).end(`there are ${Object.keys(pages).join(', ')}\n`)
    page(response).catch((error: Error) => response.writeHead(500).end(`${error.message}\n`))
  })
  server.listen(port)
  await once(server, 'listening')
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

function answer(response: ServerResponse, checks: Checks) {
  const isFine = Object.values(checks).every((said) => said === undefined)
  const said = Object.fromEntries(Object.entries(checks).map(([name, why]) => [name, why ?? 'ok']))
  response.writeHead(isFine ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify(said)}\n`)
}
