import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/**
 * An idle connection is closed by who would write on it next, the caller: a server that closes first may do so just as a request
 * is on its way, and whoever sent that can't know whether it was read. So longer than every caller keeps one: nginx and the
 * usual load balancers 60 s, channels and test clients 10 s at the most. Callers are told of it in `Keep-Alive: timeout=75`.
 */
export const KEEP_ALIVE_MS = 75_000
/** Above {@link KEEP_ALIVE_MS}, so that where this clock starts with the connection it never ends an idle one first. */
const HEADERS_MS = KEEP_ALIVE_MS + 5_000
/** The largest file an operator sends, 8 MB, over a line of 100 KB/s, with some to spare; and no less than the headers may take. */
const REQUEST_MS = 120_000

export interface Served {
  server: Server
  port: number
  /** Takes no more, closes idle connections at once, lets requests under way finish for so long, then closes those, too. */
  stop(withinMs: number): Promise<void>
}

/**
 * The response that a connection has under way. It is kept there, since a set of all of them makes the garbage collector carry whole
 * requests along: a quarter more work for each.
 */
const LATEST = Symbol('latest response')
type Connection = Socket & { [LATEST]?: ServerResponse | undefined }

/** How every HTTP server of ours listens and ends; port 0 is a free one. @throws the system's error when it can't listen */
export async function serve(listener: RequestListener, port: number, host: string): Promise<Served> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
  })
  const connections = new Set<Connection>()
  let stopping = false
  server.on('connection', (connection: Connection) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  function closed(this: ServerResponse): void {
    const { socket }: { socket: Connection } = this.req
    if (socket[LATEST] === this) socket[LATEST] = undefined
    // It had said that its connection stays, before we were told to stop; that would now keep us as long as one may be idle.
    if (stopping) server.closeIdleConnections()
  }
  server.on('request', ({ socket }: { socket: Connection }, response) => {
    socket[LATEST] = response
    if (stopping) lastOfItsConnection(response)
    response.once('close', closed)
  })
  server.on('request', listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async stop(withinMs) {
      stopping = true
      for (const { [LATEST]: response } of connections) if (response) lastOfItsConnection(response)
      const late = setTimeout(() => server.closeAllConnections(), withinMs)
      await new Promise((closed) => server.close(closed))
      clearTimeout(late)
    },
  }
}

/** So that its caller sends nothing more on that connection. */
function lastOfItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}
