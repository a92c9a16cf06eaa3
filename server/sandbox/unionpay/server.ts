import { setMaxListeners } from 'node:events'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Served, serve } from '../../serve'
import type { Hands } from './admin'
import { Book, type SavedBook } from './book'
import { Faults } from './faults'
import { Files } from './file'
import { type Client, paymentFields, refundFields } from './gateway'
import { unionPayHandler } from './handler'
import { type Fields, unionPayKeys } from './keys'
import { Notices } from './notices'
import { People, type QraMerchant } from './people'

export interface UnionPayServerOptions {
  client: Client
  qra: QraMerchant
  production: boolean
  /** where its books are kept over a restart; absent: nowhere */
  file?: string | undefined
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
  const keys = unionPayKeys()
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
  // What had succeeded before a restart was told then.
  const told = new Set<string>()
  const keep = options.file === undefined ? () => {} : keptIn(options.file, book, files, told)

  const server: Served = await serve(
    (request, response) => {
      handle(request, response)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted && !request.destroyed) console.error('sandbox unionpay:', error)
          response.destroy()
        })
        // Whoever brought it about, a question or the payer: what has succeeded is told.
        .finally(() => {
          for (const { orderId } of [...book.payments.values(), ...book.refunds.values()]) {
            const news = told.has(orderId) ? undefined : newsOf(book, orderId)
            if (!news) continue
            told.add(orderId)
            void notices.became(news.fields, news.backUrl)
          }
          keep()
        })
    },
    0,
    '127.0.0.1',
  )
  url = `http://127.0.0.1:${server.port}`
  const stop = () => {
    stopping.abort()
    return server.stop(0)
  }
  return { url, authorities: keys.authorities, publicKey: keys.publicKey, people, stop }
}

/** Brings back what a file holds; what is returned writes it down anew, whole, when something of it is otherwise. */
function keptIn(file: string, book: Book, files: Files, told: Set<string>): () => void {
  let text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (text !== '') {
    const saved = JSON.parse(text) as { book: SavedBook; cuts: Files['cuts']; told: string[] }
    book.restore(saved.book)
    files.cuts.push(...saved.cuts)
    for (const orderId of saved.told) told.add(orderId)
  }
  return () => {
    const now = JSON.stringify({ book: book.saved(), cuts: files.cuts, told: [...told] })
    if (now === text) return
    text = now
    writeFileSync(`${file}.new`, text, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
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
