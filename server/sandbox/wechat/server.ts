import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Served, serve } from '../../serve'
import { WechatDeliveries } from './delivery'
import { WechatMessages } from './messages'
import { type WechatApp, WechatPlatform } from './platform'

export interface WechatServer {
  url: string
  platform: WechatPlatform
  deliveries: WechatDeliveries
  messages: WechatMessages
  /** what befalls the next questions, one each: no answer, a 5xx, a page of somebody else */
  mishaps: ('hang-up' | 'silence' | 'error' | 'garbage' | 'elsewhere')[]
  stop(): Promise<void>
}

export interface WechatServerOptions {
  apps: readonly WechatApp[]
  production: boolean
  now?: () => number
  port?: number
}

/** Serves WeChat's log-in on 127.0.0.1 as WeChat does: status 200 for errors too, JSON that calls itself text. @throws in production */
export async function startWechatServer(options: WechatServerOptions): Promise<WechatServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const platform = new WechatPlatform(options.apps, options.now ?? Date.now)
  const deliveries = new WechatDeliveries(platform)
  const messages = new WechatMessages(platform)
  const posts: Posts = {
    '/cgi-bin/stable_token': (_, body) => platform.stableToken(body as object),
    '/wxa/sec/order/upload_shipping_info': (token, body) => deliveries.upload(token, body),
    '/cgi-bin/message/subscribe/send': (token, body) => messages.send(token, body),
  }
  const mishaps: WechatServer['mishaps'] = []
  const served: Served = await serve(
    (request, response) => {
      const mishap = mishaps.shift()
      if (mishap) suffer(mishap, request, response)
      else answer(platform, posts, request, response)
    },
    options.port ?? 0,
    '127.0.0.1',
  )
  return { url: `http://127.0.0.1:${served.port}`, platform, deliveries, messages, mishaps, stop: () => served.stop(0) }
}

/** The authorisation page, in the browser of the person whom its cookie `wechat` names. */
function authorize(
  platform: WechatPlatform,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const person = /(?:^|; )wechat=([A-Za-z0-9-]{1,40})/.exec(request.headers.cookie ?? '')?.[1] ?? 'somebody'
  const next = platform.authorize(query, person)
  if ('location' in next) response.writeHead(302, { location: next.location }).end()
  else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<p>${next.errmsg}</p>`)
}

/** What is posted as JSON, by its path; with the token of the address. */
type Posts = Record<string, (token: string | null, body: unknown) => object>

function answer(platform: WechatPlatform, posts: Posts, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://wechat.invalid')
  if (pathname === '/connect/oauth2/authorize') return void authorize(platform, searchParams, request, response)
  const post = request.method === 'POST' ? posts[pathname] : undefined
  if (post) return void answerPost((body) => post(searchParams.get('access_token'), body), request, response)
  const route = ROUTES[`${request.method} ${pathname}`]
  if (!route) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(route(platform, searchParams)))
}

async function answerPost(
  post: (body: unknown) => object,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const told = post(JSON.parse(Buffer.concat(parts).toString() || '{}'))
  response.writeHead(200, { 'content-type': 'application/json; encoding=utf-8' }).end(JSON.stringify(told))
}

const ROUTES: Record<string, (platform: WechatPlatform, query: URLSearchParams) => object> = {
  'GET /sns/jscode2session': (platform, query) => platform.session(query),
  'GET /sns/oauth2/access_token': (platform, query) => platform.accessToken(query),
}

function suffer(mishap: WechatServer['mishaps'][number], request: IncomingMessage, response: ServerResponse): void {
  switch (mishap) {
    case 'hang-up':
      request.socket.destroy()
      break
    case 'silence':
      break
    case 'error':
      response.writeHead(502).end('<html>502 Bad Gateway</html>')
      break
    case 'garbage':
      response.writeHead(200).end('<html>a page of a captive portal</html>')
      break
    case 'elsewhere':
      response.writeHead(302, { location: 'http://127.0.0.1:9/steal' }).end()
      break
  }
}
