import type { IncomingMessage } from 'node:http'
import { request as send } from 'undici'
import { serve } from '../server/serve'

/** What stands before the BFFs: where wallets bring their notices, each to the next of them, alive or not. */
export interface Front {
  url: string
  leadTo(urls: readonly string[]): void
  stop(): Promise<void>
}

export async function startFront(): Promise<Front> {
  let bffs: readonly string[] = []
  let next = 0
  const { port, stop } = await serve(
    async (request, response) => {
      try {
        const bff = bffs[next++ % bffs.length]
        const { 'content-length': _, connection: __, host: ___, expect: ____, ...headers } = request.headers
        const body = await bodyOf(request)
        const reply = await send(`${bff}${request.url}`, { method: 'POST', headers, body })
        response.writeHead(reply.statusCode).end(Buffer.from(await reply.body.arrayBuffer()))
      } catch {
        response.writeHead(502).end()
      }
    },
    0,
    '127.0.0.1',
  )
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo(urls) {
      bffs = urls
    },
    stop: () => stop(0),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
