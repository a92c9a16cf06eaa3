import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Parts } from './admin'
import { Bills } from './bill'
import { Faults } from './faults'
import { Notices } from './notices'
import { prepayView, refundView } from './routes'
import { type WalletKeys, walletHandler } from './serve'
import { Wallet } from './wallet'

export interface ToyServer {
  url: string
  stop(): Promise<void>
}

/** Longer than a channel keeps an idle connection (undici: 4 s), so that it's never closed under a request. */
const KEEP_ALIVE_MS = 30_000

/** Serves the toy wallet (../README.md) on a free port of this machine: its signed routes, the person's page, and its own. */
export async function startToyServer(keys: WalletKeys): Promise<ToyServer> {
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // whatever waits listens to it
  const wallet = new Wallet(Date.now)
  const notices = new Notices(keys.privateKey, stopping.signal)
  let url = ''
  const pageUrl = (prepayId: string) => `${url}/page/${prepayId}`
  const news = (number: string) => newsOf(wallet, number, pageUrl)
  const parts = { wallet, bills: new Bills(wallet, Date.now), faults: new Faults(), notices, news, pageUrl }
  const handle = walletHandler(parts, keys, stopping.signal)
  const told = new Set<string>()

  const server = createServer((request, response) => {
    handle(request, response)
      .catch((error: unknown) => {
        if (!stopping.signal.aborted && !request.destroyed) console.error('toy wallet:', error)
        response.destroy()
      })
      // Whoever brought it about, a question or the person: what has become definite is told.
      .finally(() => {
        for (const number of definite(wallet)) {
          if (told.has(number)) continue
          told.add(number)
          void notices.became(news(number)!)
        }
      })
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async stop() {
      stopping.abort()
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

/** The numbers of all payments and refunds that have come to an end by which money moved, or was refused for good. */
function definite(wallet: Wallet): Set<string> {
  const paid = [...wallet.prepays.values()].filter(({ state }) => state === 'paid' || state === 'failed')
  const back = [...wallet.refunds.values()].filter(({ state }) => state !== 'processing')
  return new Set([...paid.map(({ number }) => number), ...back.map(({ request }) => request.refundNumber)])
}

function newsOf(wallet: Wallet, number: string, pageUrl: (prepayId: string) => string): ReturnType<Parts['news']> {
  const [prepay, refund] = [wallet.prepays.get(number), wallet.refunds.get(number)]
  if (prepay) return { about: 'payment', facts: prepayView(prepay, pageUrl) }
  return refund && { about: 'refund', facts: refundView(refund) }
}
