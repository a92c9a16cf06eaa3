import type { IncomingMessage, ServerResponse } from 'node:http'
import { HEADER, isNonce, replyText } from '../channel/sign'

export interface Answer {
  status: number
  body: unknown
}

const MAX_BODY_BYTES = 64 * 1024

/** A reply is bound to its request by method, path and nonce. */
export function signedReply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  sign: (text: string) => string,
) {
  const { method = '', url: path = '', headers } = request
  const { status } = answer
  const body = JSON.stringify(answer.body)
  const given = headers[HEADER.nonce]
  const nonce = isNonce(given) ? given : ''
  const timestamp = String(Date.now())
  const signature = sign(replyText({ method, path, status, timestamp, nonce, body }))
  response
    .writeHead(status, {
      'content-type': 'application/json',
      [HEADER.timestamp]: timestamp,
      [HEADER.signature]: signature,
    })
    .end(body)
}

/** Undefined when it is too long. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
