import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import { later } from '../serve/later'
import { within } from '../sight/context'
import { requestIdOf } from '../sight/request-id'
import { kindOf, seldom } from '../sight/seldom'
import { merchantActor } from './actor'
import { logBug } from './error-writer'
import { admitUpgrade } from './limited'
import { type Line, NO_LINE } from './line'
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
/** When who was refused a feed may ask again, seconds. */
const AGAIN_S = 15

/** IANA's registry of close codes: the service is restarted, come back. A page would come back after any other as well. */
const RESTARTS = 1012

const OPTIONS = {
  /**
   * Mobile networks drop silent connections after about a minute. A ping of the protocol tells us that the page is there; a page
   * can't see one, so it gets a message too, and knows by two that didn't come that we aren't (src/pages/merchant/live-feed.ts).
   */
  beatMs: 20_000,
  /** How soon a page hears that orders come late, or no longer do, and ends with its token or its user's binding. */
  watchMs: 1_000,
  /** One person's pages; and those that a telephone lost in the last forty seconds on its way from one network to another. */
  ofOneUser: 10,
  most: 2_000,
  /** Whoever floods a feed has no new one for so long: opening one costs more than all that is sent on it before it ends. */
  restMs: 15_000,
}

/**
 * The merchant's live feed. Authenticated before the upgrade, by subprotocol `bearer.<token>` (browsers can't set headers)
 * or by an Authorization header; never by the address, which ends up in logs. The feed ends with its connection or its token; a
 * reconnect needs a live one. Where there are too many the newest is refused: were the oldest closed, it would come back, and
 * the pages would chase each other for ever.
 */
export function serveLive(
  server: Server,
  deps: LiveDeps,
  changed: Partial<typeof OPTIONS> = {},
  line: Pick<Line, 'take'> = NO_LINE,
): { close(): void } {
  const options = { ...OPTIONS, ...changed }
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  const pages = new Map<LivePage, string>()
  const resting = new Set<string>()
  const rest = (user: string) => {
    if (resting.has(user)) return
    resting.add(user)
    setTimeout(() => resting.delete(user), options.restMs).unref()
  }

  async function open(request: IncomingMessage, socket: Socket, head: Buffer, after: string | undefined) {
    const token = deps.tokens.readHeld(tokenOf(request), deps.clock.now())
    if (token.bearer.kind !== 'merchant') throw new HttpProblem('role-refused')
    const user = `${token.bearer.merchantCode}#${token.bearer.bindingId ?? ''}`
    if (resting.has(user)) throw new HttpProblem('too-many-requests', { retryAfterS: AGAIN_S })
    refuseTooMany(pages, user, options)
    admitUpgrade(deps, request, 'live', await merchantActor(deps, token.bearer))
    // Others may have come in meanwhile.
    refuseTooMany(pages, user, options)
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const page = new LivePage(ws, socket, deps, token as MerchantToken, () => rest(user))
      pages.set(page, user)
      ws.once('close', () => pages.delete(page))
      page.follow(after).catch((error) => {
        seldom(deps.log).say('warn', `live feed ended ${kindOf(error)}`, { err: error }, 'live feed ended')
        ws.close(1011)
      })
    })
  }

  server.on('upgrade', (request, duplex, head) => {
    const url = liveAddress(request)
    if (!url) return serveWithoutUpgrade(server, request, duplex, head)
    // Nobody else listens to it now, and an error that nobody listens to ends the process.
    duplex.on('error', () => duplex.destroy())
    const begin = numbered(request, async () => {
      try {
        await open(request, duplex as Socket, head, url.searchParams.get('after') ?? undefined)
      } catch (error) {
        const problem = problemOf(error)
        if (problem.code === 'internal') logBug(deps.log, error, { method: 'GET', route: PATH })
        later(duplex as Socket, () => refuse(duplex, problem))
      }
    })
    line.take(request, () => duplex.destroyed, begin)
  })
  const stopBeats = beatOn(pages, deps, options)
  const stopLooking = endUnbound(pages, deps, options)
  return {
    close() {
      stopBeats()
      stopLooking()
      for (const ws of sockets.clients) {
        ws.close(RESTARTS)
        setTimeout(() => ws.terminate(), GOODBYE_MS).unref()
      }
      sockets.close()
    },
  }
}

/** An upgrade has a number, as every other request. */
function numbered({ headers }: IncomingMessage, begin: () => Promise<void>): () => Promise<void> {
  return () => within({ requestId: requestIdOf(headers) }, begin)
}

/** What pages hear by the clock, however many they are; gives its end. */
function beatOn(
  pages: ReadonlyMap<LivePage, string>,
  { feed }: LiveDeps,
  { beatMs, watchMs }: typeof OPTIONS,
): () => void {
  const beats = setInterval(() => {
    for (const page of pages.keys()) page.beat()
  }, beatMs)
  let behind = false
  const watch = setInterval(() => {
    const changes = feed.behind() !== behind
    if (changes) behind = !behind
    for (const page of pages.keys()) {
      page.watch()
      if (changes) page.say({ type: 'beat', behind })
    }
  }, watchMs)
  return () => {
    clearInterval(beats)
    clearInterval(watch)
  }
}

/** Ends the pages of users who were unbound, here or by another process: one question for all pages; gives its end. */
function endUnbound(pages: ReadonlyMap<LivePage, string>, { desk }: LiveDeps, { watchMs }: typeof OPTIONS): () => void {
  let asking = false
  const look = async () => {
    const bound = [...pages.keys()].flatMap(({ bindingId }) => bindingId ?? [])
    if (asking || bound.length === 0) return
    asking = true
    // Where it can't be read nobody is told of an order either (live-page.ts).
    const ended = new Set(await desk.bindings.ended([...new Set(bound)]).catch(() => []))
    asking = false
    for (const page of pages.keys()) if (page.bindingId !== undefined && ended.has(page.bindingId)) page.shut()
  }
  const timer = setInterval(() => void look(), watchMs)
  return () => clearInterval(timer)
}

/** Problems: overloaded, too-many-requests. */
function refuseTooMany(pages: ReadonlyMap<LivePage, string>, user: string, { ofOneUser, most }: typeof OPTIONS): void {
  if (pages.size >= most) throw new HttpProblem('overloaded', { retryAfterS: AGAIN_S })
  let own = 0
  for (const one of pages.values()) if (one === user) own++
  if (own >= ofOneUser) throw new HttpProblem('too-many-requests', { retryAfterS: AGAIN_S })
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
