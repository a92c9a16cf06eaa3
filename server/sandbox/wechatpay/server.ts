import { setMaxListeners } from 'node:events'
import { serve } from '../../serve'
import { KeptMap, keeper, keptFirst } from '../kept'
import { newsOf } from './admin'
import { Bills } from './bill'
import { Faults } from './faults'
import { Notices } from './notices'
import type { WechatpayServerOptions } from './options'
import type { Parts } from './parts'
import { Signer } from './reply'
import { wechatpayHandler } from './serve'
import { Wallet } from './wallet'

export interface WechatpayServer {
  port: number
  stop(): Promise<void>
}

/**
 * Opens the books of `dataDir` and serves WeChat Pay's API v3 for one service provider on 127.0.0.1, the person's page, and the sandbox's
 * own routes. @throws in production, when the port is taken, and when the journal is damaged
 */
export async function startWechatpayServer(options: WechatpayServerOptions, now = Date.now): Promise<WechatpayServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const { keys, appIds, subMerchants, receiptUrl = null } = options
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // whatever waits listens to it
  const subMchIds = subMerchants && Object.keys(subMerchants)
  const wallet = new Wallet(now, { mchId: keys.mchId, appIds, subMchIds })
  const signer = new Signer(keys)
  const at = (path: string) => `http://127.0.0.1:${served.port}${path}`
  const parts: Parts = {
    keys,
    wallet,
    signer,
    faults: new Faults(),
    notices: new Notices(keys.apiV3Key, signer, stopping.signal),
    bills: new Bills(wallet, now, (token) => at(`/v3/billdownload/file?token=${token}`)),
    pageUrl: (prepayId) => at(`/sandbox/pay/${prepayId}`),
    receiptUrl,
    nameOf: (subMchId) => subMerchants?.[subMchId] ?? subMchId,
    now,
  }
  const handle = wechatpayHandler(parts, options.adminToken, stopping.signal)
  const { prepays, refunds, balances, movements } = wallet
  const told = new KeptMap<true>()
  const books = keeper(options.dataDir, { prepays, refunds, balances, told }, { movements, cuts: parts.bills.cuts })
  /** Whoever brought it about, a question or the person: what has become definite is told once, a refund that was settled again. */
  const tell = (numbers: Iterable<string>) => {
    for (const number of numbers) {
      const news = newsOf(parts, number)
      if (!news || told.has(`${number} ${news.event}`)) continue
      told.set(`${number} ${news.event}`, true)
      void parts.notices.became(news)
    }
  }
  const keep = () => tell(books.keep().map(({ key }) => key))
  const served = await serve(
    (request, response) => {
      keptFirst(response, keep)
      handle(request, response)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted && !request.destroyed) console.error('sandbox WeChat Pay:', error)
          if (response.headersSent) response.destroy()
          else response.writeHead(500).end()
        })
        .finally(keep)
    },
    options.port,
    '127.0.0.1',
  )
  // What a kill kept from being told.
  tell([...prepays.keys(), ...refunds.keys()])
  return {
    port: served.port,
    async stop() {
      stopping.abort()
      await served.stop(0)
      books.close()
    },
  }
}
