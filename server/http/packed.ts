import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type Koa from 'koa'

/** Less is one packet on its way, packed or not. */
const LEAST_LETTERS = 1_400

const pack = promisify(gzip)

/**
 * The body of a desk's answer, packed where its browser takes that: fifty lines of a list are a tenth as much then. Beside the event loop; and
 * payers' answers, which are small, stay as they are (I14). What is packed with words of the asker's tells nobody anything: only who holds the
 * operator's token can ask, and who holds it reads the answer.
 */
export async function packed(ctx: Koa.Context, body: unknown): Promise<unknown> {
  if (body === undefined || body === null) return body
  const text = JSON.stringify(body)
  ctx.type = 'json'
  if (text.length < LEAST_LETTERS) return text
  ctx.vary('Accept-Encoding')
  if (ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') return text
  ctx.set('Content-Encoding', 'gzip')
  return pack(text)
}
