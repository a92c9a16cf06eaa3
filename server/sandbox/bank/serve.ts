import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  decrypter,
  generateBankKeys,
  HEADER,
  isNonce,
  keyIdOf,
  publicKeyOf,
  replyText,
  type Sign,
  signer,
} from '../../channel/bank/sign'
import { adminAnswer } from './admin'
import type { Bank, Twist } from './bank'
import type { Call, Open } from './calls'
import { type Fault, Faults } from './faults'
import { guard } from './guard'
import { Notices } from './notices'
import type { BankOptions } from './options'
import { bankPages } from './pages'
import { callOf } from './routes'
import type { Statements } from './statement'
import type { Answer } from './views'

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** An instruction has under 1 KB. */
const MAX_BODY_BYTES = 64 * 1024

/** Serves one request: guard → route → fault → signed reply; and the admin routes. `stopping` ends what waits. */
export function bankHandler(bank: Bank, statements: Statements, options: BankOptions, stopping: AbortSignal): Handler {
  const faults = new Faults()
  const check = guard(options.client, bank.now)
  const sign = signer(options.privateKey)
  /** somebody else, each time anew */
  const stranger = () => signer(generateBankKeys().bank.privateKey)
  const keyId = keyIdOf(publicKeyOf(options.privateKey))
  const open = openAny([options.privateKey, ...options.privateKeysBefore])
  const notices = new Notices({ sign, keyId, now: bank.now }, stopping)
  const pages = bankPages(bank, notices, options.adminToken)

  return async (request, response) => {
    const body = await bodyOf(request)
    if (!body) return void response.writeHead(413).end()
    const { method = '', url: path = '', headers } = request
    if (pages.serve(request, response, body)) return
    if (path.startsWith('/sandbox/')) {
      if (!bearerIs(options.adminToken, request)) return void response.writeHead(401).end()
      const { status, body: value } =
        path === '/sandbox/notices'
          ? notices.admin(method, body)
          : path.startsWith('/sandbox/statements')
            ? statements.admin(method, path, body)
            : adminAnswer(method, path, body, bank, faults)
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    const reply: Reply = ({ status, body: value }, key = 'own') =>
      signedReply(request, response, status, JSON.stringify(value), {
        keyId,
        now: bank.now,
        sign: key === 'own' ? sign : stranger(),
      })
    const refused = check({ method, path, headers, body })
    if (refused) return reply({ status: 401, body: { code: refused } })
    const file = statements.file(method, path)
    if (file) return 'status' in file ? reply(file) : sendFile(response, file)
    const asked = statements.call(method, path) ?? callOf(method, path, body, open)
    if ('status' in asked) return reply(asked)
    const call = notices.after(asked)
    const fault = faults.strike(call.verb, call.orderNo)
    if (!fault) return reply(call.run(bank))
    if (fault.mode === 'slow') await sleep(fault.delayMs, undefined, { signal: stopping })
    return suffer(fault, bank, call, response, reply)
  }
}

type Reply = (answer: Answer, key?: 'own' | 'stranger') => void

/** Serves a call as the fault has it. */
function suffer(fault: Fault, bank: Bank, call: Call, response: ServerResponse, reply: Reply): void {
  switch (fault.mode) {
    case 'lose-request':
      response.destroy()
      break
    case 'lose-reply':
      call.run(bank)
      response.destroy()
      break
    case 'error-before':
      response.writeHead(fault.status).end()
      break
    case 'error-after':
      call.run(bank)
      response.writeHead(fault.status).end()
      break
    case 'bad-signature':
      reply(call.run(bank), 'stranger')
      break
    case 'garbage':
      reply({ ...call.run(bank), body: 'a page of somebody else' })
      break
    case 'slow':
      reply(call.run(bank))
      break
    case 'decline':
    case 'pending':
    case 'challenge':
    case 'redirect':
      reply(call.run(bank, fault satisfies Twist))
      break
    default:
      throw new Error(`unhandled fault: ${JSON.stringify(fault satisfies never)}`)
  }
}

/** A file isn't signed: its hash stands in the manifest, which is. */
async function sendFile(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  await pipeline(Readable.from(pieces), response)
}

/** A reply is bound to its request by method, path and nonce; a request without a nonce gets one bound to none. */
function signedReply(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: string,
  { keyId, now, sign }: { keyId: string; now: () => number; sign: Sign },
) {
  const { method = '', url: path = '', headers } = request
  const given = headers[HEADER.nonce]
  const nonce = isNonce(given) ? given : ''
  const timestamp = String(now())
  response.writeHead(status, {
    'content-type': 'application/json',
    [HEADER.keyId]: keyId,
    [HEADER.timestamp]: timestamp,
    [HEADER.signature]: sign(replyText({ method, path, status, timestamp, nonce, body })),
  })
  response.end(body)
}

/** Opens what was made to any of the keys: whoever sends learns of a new one later. */
function openAny(privateKeys: readonly string[]): Open {
  const all = privateKeys.map(decrypter)
  return (envelope) => all.map((one) => one(envelope)).find((content) => content !== undefined)
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function bearerIs(token: string, request: IncomingMessage): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(request.headers.authorization ?? ''), hash(`Bearer ${token}`))
}
