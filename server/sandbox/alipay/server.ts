import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Served, serve } from '../../serve'
import { keeper, keptFirst } from '../kept'
import { type RsaKeys, rsaKeys } from '../keys'
import { Bills } from './bill'
import { cashierPage, refusedPage } from './cashier'
import { Faults } from './faults'
import { type Parts, tradeAnswer } from './gateway'
import { type Hand, handed } from './hand'
import { openPage } from './methods'
import { Notices } from './notices'
import { type AlipayApp, AlipayPlatform } from './platform'
import { isRefusal, Trades } from './trades'

export interface AlipayServer extends Hand {
  url: string
  /** Alipay's own, PEM */
  publicKey: string
  platform: AlipayPlatform
  /** what befalls the next log-ins, one each; `unsigned`: an error that anybody could have written; `flipped`: a changed one */
  mishaps: ('hang-up' | 'silence' | 'error' | 'garbage' | 'elsewhere' | 'unsigned' | 'flipped')[]
  stop(): Promise<void>
}

export interface AlipayServerOptions {
  apps: readonly AlipayApp[]
  production: boolean
  /** whose trades they are, 2088…; absent: of nobody who is told */
  sellerId?: string
  /** where its books outlive it; absent: nowhere */
  dataDir?: string
  /** Alipay's own; absent: made for this one */
  keys?: RsaKeys
  /** certificate mode: the number of the certificate that its replies name */
  certSn?: string | undefined
  /** absent: a free one */
  port?: number
  now?: () => number
}

const NOBODY = '2088000000000000'

/** Serves Alipay's gateway, its authorisation page and its cashier on 127.0.0.1. @throws in production */
export async function startAlipayServer(options: AlipayServerOptions): Promise<AlipayServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const { apps, sellerId = NOBODY, now = Date.now } = options
  const { keys = rsaKeys() } = options
  const strangers = rsaKeys()
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // whatever waits listens to it
  const platform = new AlipayPlatform(apps, keys.privateKey, now, options.certSn)
  const mishaps: AlipayServer['mishaps'] = []
  const faults = new Faults()
  const secrets = { privateKey: keys.privateKey, strangersKey: strangers.privateKey, stopping: stopping.signal }
  const notices = new Notices({ appId: apps[0]?.appId ?? '', sellerId, now, ...secrets })
  const trades: Trades = new Trades(now, (trade, refund) => {
    keep()
    void notices.became(trades, trade, refund)
  })
  const { trades: map, refunds, balances, movements } = trades
  const books = keeper(options.dataDir ?? null, { trades: map, refunds, balances }, { movements })
  const keep = () => void books.keep()
  // from before Alipay gave anything
  for (const trade of map.values()) trade.couponFen ??= 0
  let url = ''
  const bills = new Bills(trades, sellerId, now, () => url)
  const cashier = (tradeNo: string) => `${url}/cashier/${tradeNo}`
  const parts = { platform, faults, trades, cashier, bill: (date: string) => bills.address(date), ...secrets }
  const hand = { trades, faults, notices, bills }
  const served: Served = await serve(
    (request, response) => {
      keptFirst(response, keep)
      answer({ ...parts, ...hand, mishaps }, request, response)
        .catch((error: unknown) => {
          if (!stopping.signal.aborted && !request.destroyed) console.error('sandbox Alipay:', error)
          response.destroy()
        })
        .finally(keep)
    },
    options.port ?? 0,
    '127.0.0.1',
  )
  url = `http://127.0.0.1:${served.port}`
  const stop = async () => {
    stopping.abort()
    await served.stop(0)
    books.close()
  }
  return { url, publicKey: keys.publicKey, platform, mishaps, ...hand, stop }
}

type House = Parts & Hand & Pick<AlipayServer, 'mishaps'>
const HTML = 'text/html;charset=utf-8'

async function answer(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://alipay.invalid')
  const say = (status: number, text: string | Buffer, type = HTML) =>
    void response.writeHead(status, { 'content-type': type }).end(text)
  const [, room, rest = ''] = pathname.split('/')
  switch (room) {
    case 'oauth2':
      return authorize(house.platform, searchParams, request, response)
    case 'gateway.do':
      return gateway(house, searchParams, request, response)
    case 'cashier': {
      const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : null
      const page = cashierPage(
        house.trades,
        house.trades.byTradeNo(rest),
        form,
        personOf(request),
        searchParams.get('back'),
      )
      return say(page.status, page.html)
    }
    case 'bill':
      return say(200, house.bills.file(searchParams.get('date') ?? ''), 'application/zip')
    case 'sandbox': {
      const told = await handed(rest, await bodyOf(request), house)
      return say(told === null ? 404 : 200, told ?? '', 'application/json')
    }
    default:
      say(404, '')
  }
}

/** Of the browser of the person whom its cookie `alipay` names. */
function personOf(request: IncomingMessage): string {
  return /(?:^|; )alipay=([A-Za-z0-9-]{1,40})/.exec(request.headers.cookie ?? '')?.[1] ?? 'somebody'
}

function authorize(
  platform: AlipayPlatform,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const location = platform.authorize(query, personOf(request))
  if (location) response.writeHead(302, { location }).end()
  else response.writeHead(200, { 'content-type': HTML }).end('<p>参数错误</p>')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

async function gateway(
  house: House,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  const text = await bodyOf(request)
  // Its parameters may stand in the address, too; there they count first.
  const params = { ...Object.fromEntries(new URLSearchParams(form ? text : '')), ...Object.fromEntries(query) }
  const say = (status: number, said: string) => response.writeHead(status, { 'content-type': HTML }).end(said)
  if (params.method === 'alipay.trade.wap.pay') {
    const opened = { refused: house.platform.faultOf(params) ?? '' }
    const trade = opened.refused === '' ? openPage(params, house.trades) : opened
    if (isRefusal(trade)) say(200, refusedPage(trade.refused).html)
    else {
      const back = new URLSearchParams({ back: params.return_url ?? '' })
      response.writeHead(302, { location: `${house.cashier(trade.tradeNo)}?${back}` }).end()
    }
    return
  }
  const told = await tradeAnswer(house, params)
  if (told === 'cut') request.socket.destroy()
  else if (told) say(told.status, told.text)
  else loggingIn(house, params, request, response)
}

function loggingIn(
  { platform, mishaps }: House,
  params: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const say = (status: number, text: string, type = HTML) =>
    response.writeHead(status, { 'content-type': type }).end(text)
  switch (mishaps.shift()) {
    case 'hang-up':
      request.socket.destroy()
      break
    case 'silence':
      break
    case 'error':
      say(502, '<html>502 Bad Gateway</html>')
      break
    case 'garbage':
      say(200, '<html>a page of a captive portal</html>')
      break
    case 'elsewhere':
      response.writeHead(302, { location: 'http://127.0.0.1:9/steal' }).end()
      break
    case 'unsigned':
      say(200, '{"error_response":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid"}}')
      break
    case 'flipped':
      say(
        200,
        platform.answer(params).replace(/"(open_id|user_id)": "./, (found) => `${found.slice(0, -1)}9`),
      )
      break
    default:
      say(200, platform.answer(params))
  }
}
