import type { IncomingMessage } from 'node:http'
import { HttpProblem } from './problem'

/** The largest body any route takes is a quote id and an agreement id: under 3 KB. */
const LIMIT_BYTES = 16_384

/** Reads a JSON body. Problems: unsupported-media-type, body-too-large, malformed-json. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new HttpProblem('unsupported-media-type')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LIMIT_BYTES) throw new HttpProblem('body-too-large', { detail: `at most ${LIMIT_BYTES} bytes` })
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new HttpProblem('malformed-json')
  }
}
