import { setMaxListeners } from 'node:events'
import { type Served, serve } from '../../serve'
import { KeptMap, keeper, keptFirst } from '../kept'
import type { Hands } from './admin'
import { Book } from './book'
import { Faults } from './faults'
import { Files } from './file'
import { type Client, paymentFields, refundFields } from './gateway'
import { unionPayHandler } from './handler'
import { type Fields, generateUnionPayKeys, type KeptUnionPayKeys, unionPayKeys } from './keys'
import { Notices } from './notices'
import { People, type QraMerchant } from './people'

export interface UnionPayServerOptions {
  client: Client
  qra: QraMerchant
  production: boolean
  /** where its books are kept over a restart; absent: nowhere */
  dataDir?: string
  /** absent: made for this one */
  keys?: KeptUnionPayKeys
  /** absent: a free one */
  port?: number
  now?: () => number
}

export interface UnionPayServer {
  url: string
  /** PEM: of whom its certificates are; what QRA signs with */
  authorities: string
  publicKey: string
  people: People
  stop(): Promise<void>
}

/** Serves UnionPay's gateway, its files, QRA, `userAuth` and the payer's page on 127.0.0.1. @throws in production */
export async function startUnionPayServer(options: UnionPayServerOptions): Promise<UnionPayServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const now = options.now ?? Date.now
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // whatever waits listens to it
  const keys = unionPayKeys(options.keys ?? generateUnionPayKeys())
  const book = new Book(now)
  const files = new Files(book, now)
  const people = new People(options.qra, keys, now)
  const notices = new Notices(keys, stopping.signal)
  const hands: Hands = { book, files, people, notices, faults: new Faults(), news: (orderId) => newsOf(book, orderId) }
  let url = ''
  const parts = {
    ...{ book, now, client: options.client },
    pageOf: ({ token }: { token: string }) => `${url}/page/${token}`,
    fileOf: (fields: Fields) => files.answer(fields),
  }
  const handle = unionPayHandler(hands, parts, keys)
  const { payments, refunds, balances, movements } = book
  const told = new KeptMap<true>()
  const maps = { payments, refunds, balances, told }
  const books = keeper(options.dataDir ?? null, maps, { movements, cuts: files.cuts })
  /** Whoever brought it about, a question or the payer: what has succeeded is told. */
  const tell = (orderIds: Iterable<string>) => {
    for (const orderId of orderIds) {
      const news = told.has(orderId) ? undefined : newsOf(book, orderId)
      if (!news) continue
      told.set(orderId, true)
      void notices.became(news.fields, news.backUrl)
    }
  }
  const keep = () => tell(books.keep().map(({ key }) => key))
  const server: Served = await serve(
    (request, response) => {
      keptFirst(response, keep)
      handle(request, response)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted && !request.destroyed) console.error('sandbox unionpay:', error)
          response.destroy()
        })
        .finally(keep)
    },
    options.port ?? 0,
    '127.0.0.1',
  )
  // What a kill kept from being told.
  tell([...payments.keys(), ...refunds.keys()])
  url = `http://127.0.0.1:${server.port}`
  const stop = async () => {
    stopping.abort()
    await server.stop(0)
    books.close()
  }
  return { url, authorities: keys.authorities, publicKey: keys.publicKey, people, stop }
}

function newsOf(book: Book, orderId: string): ReturnType<Hands['news']> {
  const [payment, refund] = [book.payments.get(orderId), book.refunds.get(orderId)]
  const trade =
    payment?.state === 'paid' ? paymentFields(payment) : refund?.state === 'done' ? refundFields(refund) : null
  if (!trade) return undefined
  const { origRespCode: respCode, origRespMsg: respMsg, ...fields } = trade
  const common = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', bizType: '000000', accessType: '0' }
  const backUrl = payment?.asked?.backUrl ?? refund?.backUrl ?? ''
  return { fields: { ...common, ...fields, respCode: respCode!, respMsg: respMsg! }, backUrl }
}
