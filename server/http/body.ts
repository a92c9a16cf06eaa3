import type { IncomingMessage } from 'node:http'
import { HttpProblem } from './problem'

/** The largest body any route takes is a quote id and an agreement id: under 3 KB. */
const LIMIT_BYTES = 16_384

/** Reads a JSON body. Problems: unsupported-media-type, body-too-large, malformed-json. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new HttpProblem('unsupported-media-type')
  const bytes = await readRaw(request)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new HttpProblem('malformed-json')
  }
}

/** Reads a body as the bytes it is. Problem: body-too-large. */
export async function readRaw(request: IncomingMessage): Promise<Buffer> {
  const bytes = await collected(request)
  if (!bytes) throw new HttpProblem('body-too-large', { detail: `at most ${LIMIT_BYTES} bytes` })
  return bytes
}

/** The whole body, or undefined as soon as it is too long: the rest flows by unkept, so that the client hears the answer. */
function collected(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= LIMIT_BYTES) chunks.push(chunk)
      else resolve(undefined)
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => reject(new HttpProblem('malformed-json', { detail: 'the body broke off' })))
  })
}
