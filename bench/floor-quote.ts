import type { IncomingMessage } from 'node:http'
import type Router from '@koa/router'
import type { Empty } from './empty-script'

/** As the house allows a payer. */
const LIMIT_BYTES = 16_384

/** What an answer of ours looked like, told by the bench before the first request: `{kind: 'answer', answer}`. */
export interface Answer {
  kind: 'answer'
  answer: Record<string, unknown>
}

/**
 * The floor of a quote, as a plain service would have it: Koa, its router, a body read whole and parsed, one script call on Redis, and
 * JSON of as many bytes and fields as ours. It knows nobody, checks nothing and signs nothing; no header is set, nothing counted or logged.
 */
export function plainQuotes(router: Router, empty: Empty): void {
  let answer: Answer['answer'] = {}
  process.on('message', (message: Partial<Answer>) => {
    if (message.kind === 'answer' && message.answer) answer = message.answer
  })
  router.post('/plain', async (ctx) => {
    const { amountFen } = (await readJson(ctx.req)) as { amountFen: number }
    await empty()
    ctx.body = { ...answer, amountFen }
  })
}

/** What a body reader does and no more: gathers up to a limit, then parses. */
function readJson(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= LIMIT_BYTES) chunks.push(chunk)
      else reject(new Error('floor: too long'))
    })
    request.once('error', reject)
    request.once('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      } catch (error) {
        reject(error)
      }
    })
  })
}
