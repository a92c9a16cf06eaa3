import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { later } from '../serve/later'
import { merchantActor } from './actor'
import { admitUpgrade } from './limited'
import { type LiveDeps, LivePage, type MerchantToken } from './live-page'
import { HttpProblem, problemOf } from './problem'
import { refuse, serveWithoutUpgrade } from './refuse'
import { bearer } from './token'

const PATH = '/api/merchant/live'
const SUBPROTOCOL = 'fapai.v1'
/** A feed is read-only; the largest thing a client sends is a pong. */
const MAX_PAYLOAD_BYTES = 1_024
/** A page that is there says goodbye within a round trip; a telephone out of reach never does, and a stop can't wait for it. */
const GOODBYE_MS = 1_000

const OPTIONS = {
  /**
   * Mobile networks drop silent connections after about a minute. A ping of the protocol tells us that the page is there; a page
   * can't see one, so it gets a message too, and knows by two that didn't come that we aren't (src/pages/merchant/live-feed.ts).
   */
  beatMs: 20_000,
  /** How soon a page hears that orders come late, or no longer do, and ends with its token. */
  watchMs: 1_000,
  /** One person's pages; and those that a telephone lost in the last forty seconds on its way from one network to another. */
  ofOneUser: 10,
  most: 2_000,
}

/**
 * The merchant's live feed. Authenticated before the upgrade, by subprotocol `bearer.<token>` (browsers can't set headers)
 * or by an Authorization header; never by the address, which ends up in logs. The feed ends with its connection or its token; a
 * reconnect needs a live one. Where there are too many the newest is refused: were the oldest closed, it would come back, and
 * the pages would chase each other for ever.
 */
export function serveLive(server: Server, deps: LiveDeps, changed: Partial<typeof OPTIONS> = {}): { close(): void } {
  const options = { ...OPTIONS, ...changed }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const pages = new Map<LivePage, string>()

  async function open(request: IncomingMessage, socket: Socket, head: Buffer, after: string | undefined) {
    const token = deps.tokens.readHeld(tokenOf(request), deps.clock.now())
    if (token.bearer.kind !== 'merchant') throw new HttpProblem('role-refused')
    const user = `${token.bearer.merchantCode}#${token.bearer.bindingId ?? ''}`
    refuseTooMany(pages, user, options)
    admitUpgrade(deps, request, 'live', await merchantActor(deps, token.bearer))
    // Others may have come in meanwhile.
    refuseTooMany(pages, user, options)
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const page = new LivePage(ws, socket, deps, token as MerchantToken)
      pages.set(page, user)
      ws.once('close', () => pages.delete(page))
      page.follow(after).catch((error) => {
        deps.log.warn({ err: error }, 'live feed ended')
        ws.close(1011)
      })
    })
  }

  server.on('upgrade', async (request, duplex, head) => {
    const url = liveAddress(request)
    if (!url) return serveWithoutUpgrade(server, request, duplex, head)
    // Nobody else listens to it now, and an error that nobody listens to ends the process.
    duplex.on('error', () => duplex.destroy())
    try {
      await open(request, duplex as Socket, head, url.searchParams.get('after') ?? undefined)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'internal') deps.log.error({ err: error, path: PATH }, problem.code)
      later(duplex as Socket, () => refuse(duplex, problem))
    }
  })
  const beats = setInterval(() => {
    for (const page of pages.keys()) page.beat()
  }, options.beatMs)
  let behind = false
  const watch = setInterval(() => {
    const changes = deps.feed.behind() !== behind
    if (changes) behind = !behind
    for (const page of pages.keys()) {
      page.watch()
      if (changes) page.say({ type: 'beat', behind })
    }
  }, options.watchMs)
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

/** Problems: overloaded, too-many-requests. */
function refuseTooMany(pages: ReadonlyMap<LivePage, string>, user: string, { ofOneUser, most }: typeof OPTIONS): void {
  if (pages.size >= most) throw new HttpProblem('overloaded', { retryAfterS: 15 })
  let own = 0
  for (const one of pages.values()) if (one === user) own++
  if (own >= ofOneUser) throw new HttpProblem('too-many-requests', { retryAfterS: 15 })
}

/** Undefined for every other address, and for upgrades to something else, such as HTTP/2. */
function liveAddress({ url = '/', headers }: IncomingMessage): URL | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket' || !URL.canParse(url, 'http://localhost')) return undefined
  const address = new URL(url, 'http://localhost')
  return address.pathname === PATH ? address : undefined
}

function tokenOf(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return (
    offered.find((one) => one.startsWith('bearer.'))?.slice('bearer.'.length) ?? bearer(request.headers.authorization)
  )
}
