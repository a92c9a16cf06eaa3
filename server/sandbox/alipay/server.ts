import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Served, serve } from '../../serve'
import { type AlipayApp, AlipayPlatform } from './platform'

export interface AlipayServer {
  url: string
  /** Alipay's own, PEM */
  publicKey: string
  platform: AlipayPlatform
  /** what befalls the next questions, one each; `unsigned`: an error that anybody could have written; `flipped`: a changed one */
  mishaps: ('hang-up' | 'silence' | 'error' | 'garbage' | 'elsewhere' | 'unsigned' | 'flipped')[]
  stop(): Promise<void>
}

export interface AlipayServerOptions {
  apps: readonly AlipayApp[]
  production: boolean
  now?: () => number
}

/** Serves Alipay's gateway and its authorisation page on 127.0.0.1. @throws in production */
export async function startAlipayServer(options: AlipayServerOptions): Promise<AlipayServer> {
  if (options.production) throw new Error('it refuses to run in production')
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const platform = new AlipayPlatform(options.apps, keys.privateKey, options.now ?? Date.now)
  const mishaps: AlipayServer['mishaps'] = []
  const served: Served = await serve(
    (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://alipay.invalid')
      if (pathname === '/oauth2/publicAppAuthorize.htm') authorize(platform, searchParams, request, response)
      else if (pathname === '/gateway.do') void gateway(platform, mishaps.shift(), searchParams, request, response)
      else response.writeHead(404).end()
    },
    0,
    '127.0.0.1',
  )
  const url = `http://127.0.0.1:${served.port}`
  return { url, publicKey: keys.publicKey, platform, mishaps, stop: () => served.stop(0) }
}

/** In the browser of the person whom its cookie `alipay` names. */
function authorize(
  platform: AlipayPlatform,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const person = /(?:^|; )alipay=([A-Za-z0-9-]{1,40})/.exec(request.headers.cookie ?? '')?.[1] ?? 'somebody'
  const location = platform.authorize(query, person)
  if (location) response.writeHead(302, { location }).end()
  else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>参数错误</p>')
}

async function gateway(
  platform: AlipayPlatform,
  mishap: AlipayServer['mishaps'][number] | undefined,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const form = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  // Its parameters may stand in the address, too; there they count first.
  const params = { ...Object.fromEntries(new URLSearchParams(form ? Buffer.concat(parts).toString() : '')) }
  for (const [name, value] of query) params[name] = value
  const say = (status: number, text: string, type = 'text/html;charset=utf-8') =>
    response.writeHead(status, { 'content-type': type }).end(text)
  switch (mishap) {
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
