import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** What is wrong with each part; undefined: nothing. */
export type Checks = Record<string, string | undefined>

interface Pages {
  /** Fails if the process must be restarted. */
  alive: () => Checks
  /** Fails if it cannot do its work now. */
  ready: () => Promise<Checks>
  metrics: () => Promise<string>
}

/** Serves /healthz, /readyz and /metrics on all addresses. Resolves with a function that closes the server; rejects if the port is taken. */
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
    if (!page) return response.writeHead(404).end(`not found; try ${Object.keys(pages).join(', ')}\n`)
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
  const isOk = Object.values(checks).every((problem) => problem === undefined)
  const body = Object.fromEntries(Object.entries(checks).map(([name, problem]) => [name, problem ?? 'ok']))
  response.writeHead(isOk ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
