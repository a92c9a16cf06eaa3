import type { IncomingMessage, Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { merchantOrder } from '../flow/merchant/show'
import type { WatchedFeed } from '../flow/ports'
import { merchantActor } from './actor'
import type { LiveMessage } from './contract'
import type { HttpDeps } from './deps'
import { presentMerchantOrder } from './present/payer'
import { HttpProblem, problemOf } from './problem'
import { refuse } from './refuse'
import { type Bearer, bearer } from './token'

const PATH = '/api/merchant/live'
const SUBPROTOCOL = 'fapai.v1'
/**
 * Mobile networks drop silent connections after about a minute. A ping of the protocol tells us that the page is there; a page
 * can't see one, so it gets a message too, and knows by two that didn't come that we aren't (src/pages/merchant/live-feed.ts).
 */
const BEAT_MS = 20_000
/** How soon a page hears that orders come late, or no longer do. */
const WATCH_MS = 1_000
/** A feed is read-only; the largest thing a client sends is a pong. */
const MAX_PAYLOAD_BYTES = 1_024
/** A page that is there says goodbye within a round trip; a telephone out of reach never does, and a stop can't wait for it. */
const GOODBYE_MS = 1_000

export type LiveDeps = Pick<HttpDeps, 'tokens' | 'clock' | 'ledger' | 'refunds' | 'desk' | 'log' | 'feed'>

/**
 * The merchant's live feed. Authenticated before the upgrade, by subprotocol `bearer.<token>` (browsers can't set headers)
 * or by an Authorization header; never by the address, which ends up in logs. The feed ends with its connection; a reconnect needs a live token.
 */
export function serveLive(server: Server, deps: LiveDeps, beatMs = BEAT_MS, watchMs = WATCH_MS): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  server.on('upgrade', async (request, socket, head) => {
    // Nobody else listens to it now, and an error that nobody listens to ends the process.
    socket.on('error', () => socket.destroy())
    try {
      const url = addressOf(request)
      if (url?.pathname !== PATH) throw new HttpProblem('not-found')
      const caller = deps.tokens.read(tokenOf(request), deps.clock.now())
      if (caller.kind !== 'merchant') throw new HttpProblem('role-refused')
      await merchantActor(deps, caller)
      sockets.handleUpgrade(request, socket, head, (ws) => {
        stream(ws, deps, caller, url.searchParams.get('after') ?? undefined).catch((error) => {
          deps.log.warn({ err: error }, 'live feed ended')
          ws.close(1011)
        })
      })
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'internal') deps.log.error({ err: error, path: PATH }, problem.code)
      refuse(socket, problem)
    }
  })
  const beats = setInterval(() => {
    for (const ws of sockets.clients) beat(ws as Beating, deps.feed)
  }, beatMs)
  let behind = false
  const watch = setInterval(() => {
    if (deps.feed.behind() === behind) return
    behind = !behind
    for (const ws of sockets.clients) say(ws, { type: 'beat', behind })
  }, watchMs)
  return {
    close() {
      clearInterval(beats)
      clearInterval(watch)
      for (const ws of sockets.clients) {
        ws.close(1001)
        setTimeout(() => ws.terminate(), GOODBYE_MS).unref()
      }
      sockets.close()
    },
  }
}

type Caller = Extract<Bearer, { kind: 'merchant' }>

async function stream(ws: WebSocket, deps: LiveDeps, caller: Caller, after: string | undefined): Promise<void> {
  const { merchantCode } = caller
  // Before anything is awaited: what a client sends with its very first packet may be an error already.
  ws.on('error', () => ws.terminate())
  // Events are sent one after another, so that a slow read of one order doesn't let a later one overtake it.
  let tail: Promise<unknown> = Promise.resolve()
  const unsubscribe = await deps.feed.subscribe(merchantCode, after, ({ cursor, orderNo }) => {
    tail = tail
      .then(async () => {
        if (!(await stillBound(deps, caller))) return ws.close(POLICY)
        const order = await merchantOrder(deps, merchantCode, orderNo)
        if (order) say(ws, { type: 'order', cursor, order: presentMerchantOrder(order) })
      })
      .catch(() => ws.close(1011))
  })
  // A feed on which nothing happens ends too, a ping later.
  ws.on(
    'pong',
    () =>
      void stillBound(deps, caller).then(
        (bound) => bound || ws.close(POLICY),
        () => ws.close(1011),
      ),
  )
  ws.on('close', unsubscribe)
  if (ws.readyState !== ws.OPEN) unsubscribe()
  say(ws, { type: 'ready' })
  if (deps.feed.behind()) say(ws, { type: 'beat', behind: true })
}

function say(ws: WebSocket, message: LiveMessage): void {
  if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message))
}

/** RFC 6455: the endpoint may not have this any more. */
const POLICY = 1008

/** An unbound user sees nothing more, though their feed was open. */
async function stillBound({ desk }: LiveDeps, { bindingId }: Caller): Promise<boolean> {
  return bindingId === undefined || (await desk.bindings.inForce(bindingId)) !== undefined
}

interface Beating extends WebSocket {
  silent?: boolean
}

/** Two beats without a pong and the other side is gone. */
function beat(ws: Beating, feed: WatchedFeed): void {
  if (ws.silent) {
    ws.terminate()
    return
  }
  ws.silent = true
  ws.once('pong', () => {
    ws.silent = false
  })
  ws.ping()
  say(ws, { type: 'beat', behind: feed.behind() })
}

/** Undefined for a target that is no address, such as `//`. */
function addressOf({ url = '/' }: IncomingMessage): URL | undefined {
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost') : undefined
}

function tokenOf(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return (
    offered.find((one) => one.startsWith('bearer.'))?.slice('bearer.'.length) ?? bearer(request.headers.authorization)
  )
}
