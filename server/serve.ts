import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ANY, Crowd, type CrowdOptions } from './serve/crowd'
import { ears } from './serve/ears'
import { whenOver } from './serve/over'
import { whileTheyCome } from './serve/while-they-come'

/**
 * An idle connection is closed by who would write on it next, the caller: a server that closes first may do so just as a request
 * is on its way, and whoever sent that can't know whether it was read. So longer than every caller keeps one: nginx and the
 * usual load balancers 60 s, channels and test clients 10 s at the most. Callers are told of it in `Keep-Alive: timeout=75`.
 */
export const KEEP_ALIVE_MS = 75_000
/** An address and headers fit into one packet or a few; the clock runs from the connection, or from a later request's first byte. */
const HEADERS_MS = 20_000
/** The largest file an operator sends, 16 MB, over a line of 100 KB/s. Who reads a body may allow it less. */
const REQUEST_MS = 180_000
/** On a connection on which not a byte moves for so long nobody waits: proxies give up after a minute. */
const STILL_MS = 180_000
/** How often those clocks are looked at. */
const LOOK_MS = 2_000
/** No browser and no proxy of ours sends a second request before the first is answered; a few are nobody's harm. */
const MOST_AHEAD = 16
/** A body of so much is read to its end whatever the answer: it is here already, or costs less than a new connection. */
const SMALL_BYTES = 65_536
/** Who is still sending hears the answer only if we go on reading for a while. */
const LINGER_MS = 2_000

const CLOCKS = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: LOOK_MS,
}

export interface Served {
  server: Server
  port: number
  /**
   * For so long still takes what comes, but each answer is the last of its connection: so whoever stands in front goes elsewhere by itself, and
   * a connection that is idle at the end has been for all of that time, so that nobody is just about to send on it.
   */
  drain(forMs: number): Promise<void>
  /** Takes no more, closes idle connections at once, lets requests under way finish for so long, then closes those, too. */
  stop(withinMs: number): Promise<void>
}

type Asked = [request: IncomingMessage, response: ServerResponse]

/**
 * The newest response that a connection owes, and the requests that wait for those before them. They are kept there, since a set of
 * all responses makes the garbage collector carry whole requests along: a quarter more work for each.
 */
const LATEST = Symbol('latest response')
const AHEAD = Symbol('requests ahead')
/** `refused`: it is held a while before it ends, and nothing more of it is served */
type Connection = Socket & { [LATEST]?: ServerResponse | undefined; [AHEAD]?: Asked[] | 'refused' | undefined }

/**
 * How every HTTP server of ours listens and ends; port 0 is a free one. Whatever a connection sends, one request of it is under way,
 * and the next is begun when the answer before it is on its way: who doesn't read answers gets no more of them made.
 * @param atOnce new connections that are taken each time round the event loop
 * @throws the system's error when it can't listen
 */
export async function serve(
  listener: RequestListener,
  port: number,
  host: string,
  crowdOptions: CrowdOptions = ANY,
  atOnce = 1,
): Promise<Served> {
  const server = createServer(CLOCKS)
  server.timeout = STILL_MS
  const crowd = new Crowd<Connection>(crowdOptions, (connection) => connection[LATEST] === undefined)
  let draining = false
  let stopping = false
  const drain = () => {
    draining = true
    for (const { [LATEST]: response } of crowd.all) if (response) lastOfItsConnection(response)
  }
  server.prependListener('connection', (connection: Connection) => {
    if (crowd.take(connection)) connection.destroySoon = endSoon
  })
  function begin(request: IncomingMessage, response: ServerResponse): void {
    if (isLong(request)) lastUnlessRead(request, response)
    listener(request, response)
  }
  function closed(this: ServerResponse): void {
    const { socket }: { socket: Connection } = this.req
    if (socket[LATEST] === this) socket[LATEST] = undefined
    const ahead = socket[AHEAD]
    const next = ahead === 'refused' ? undefined : ahead?.shift()
    if (next && !socket.destroyed) begin(...next)
    // It had said that its connection stays, before we were told to stop; that would now keep us as long as one may be idle.
    if (stopping) server.closeIdleConnections()
  }
  server.on('request', (request, response) => {
    const { socket }: { socket: Connection } = request
    if (socket.destroyed || socket[AHEAD] === 'refused') return unheard(request)
    const before = socket[LATEST]
    socket[LATEST] = response
    if (draining) lastOfItsConnection(response)
    whenOver(response, closed)
    if (!before) begin(request, response)
    else if (!waits(socket, [request, response])) {
      parseNoMore(socket)
      crowd.refuse(socket, 'ahead')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const more = atOnce > 1 ? await ears(server, atOnce - 1) : []
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async drain(forMs) {
      drain()
      await whileTheyCome(forMs)
    },
    async stop(withinMs) {
      drain()
      stopping = true
      // A browser opens connections for later, which node takes for busy until they have sent something.
      for (const connection of crowd.all) if (connection.bytesRead === 0) connection.destroy()
      const late = setTimeout(() => server.closeAllConnections(), withinMs)
      await Promise.all([server, ...more].map((ear) => new Promise((closed) => ear.close(closed))))
      clearTimeout(late)
    },
  }
}

/** False: that is more than anybody sends. */
function waits(socket: Connection, asked: Asked): boolean {
  socket[AHEAD] ??= []
  const ahead = socket[AHEAD] as Asked[]
  if (ahead.push(asked) <= MOST_AHEAD) return true
  socket[AHEAD] = 'refused'
  return false
}

/**
 * What has come in one piece is parsed to its end, a thousand requests, of which node makes each: a fifth of all time beside a few such
 * connections. To llhttp 2 says that what follows is another protocol's and none of its business; nothing follows of a connection that ends.
 */
function parseNoMore(socket: Connection): void {
  const { parser } = socket as { parser?: { onIncoming?: () => number } | null }
  if (parser?.onIncoming) parser.onIncoming = () => 2
}

/** Where node parses on nevertheless: it would tell each of the connection's end by an error with a stack of its own, and nobody listens. */
function unheard(request: IncomingMessage): void {
  request.destroy = () => request
}

function isLong({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > SMALL_BYTES
}

/** A long body that wasn't read to its end before the answer isn't read on: the answer is the last of its connection. */
function lastUnlessRead(request: IncomingMessage, response: ServerResponse): void {
  const writeHead = response.writeHead as (...args: unknown[]) => ServerResponse
  response.writeHead = (...args: unknown[]) => {
    if (!request.complete) response.setHeader('Connection', 'close')
    return writeHead.apply(response, args)
  }
}

/** After the last answer. Closed at once while its caller is still sending, it would be reset, and the answer lost on its way. */
function endSoon(this: Connection): void {
  this.end()
  const sending = this[LATEST]?.req.complete === false
  if (!sending && this.writableFinished) this.destroy()
  else if (!sending) this.once('finish', this.destroy)
  else {
    const late = setTimeout(() => this.destroy(), LINGER_MS)
    this.once('close', () => clearTimeout(late))
  }
}

/** So that its caller sends nothing more on that connection. */
function lastOfItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close')
}
