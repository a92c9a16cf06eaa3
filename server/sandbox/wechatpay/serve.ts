import { createPublicKey } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendPage } from '../bank/html'
import { adminAnswer } from './admin'
import type { Answer } from './answer'
import { type Call, callOf, refusalAnswer } from './calls'
import type { Fault } from './faults'
import { guard } from './guard'
import { personPage } from './page'
import type { Parts } from './parts'
import type { Wrong } from './reply'
import { PASSWORD, refusal } from './wallet'

const MAX_BODY_BYTES = 64 * 1024

/** Serves one request: the person's page, the sandbox's own routes, or guard → call → fault → signed reply. */
export function wechatpayHandler(parts: Parts, adminToken: string, stopping: AbortSignal) {
  const { keys, bills, faults, signer, now } = parts
  const { mchId, serial, publicKeyId } = keys
  const check = guard({ mchId, serial, publicKeyId, key: createPublicKey(keys.clientKey) }, now)

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request
    const body = await bodyOf(request)
    if (!body) return void response.writeHead(413).end()
    const page = personPage(parts, method, path, body)
    if (page) return sendPage(response, page)
    if (path.startsWith('/sandbox/')) {
      if (headers.authorization !== `Bearer ${adminToken}`) return void response.writeHead(401).end()
      const { status, body: value } = await adminAnswer(path, body, parts)
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    const reply = ({ status, body: value }: Answer, wrong?: Wrong) => {
      const text = value === undefined ? '' : JSON.stringify(value)
      const type = text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }
      const requestId = { 'request-id': `08${Buffer.from(path).toString('hex').slice(0, 16).toUpperCase()}-0` }
      response.writeHead(status, { ...type, ...requestId, ...signer.headers(text, now(), wrong) }).end(text)
    }
    const refused = check({ method, path, headers, body })
    if (refused) return reply(refusalAnswer(refused))
    if (path.startsWith('/v3/billdownload/')) {
      const file = bills.file(path)
      return file ? void response.writeHead(200).end(file) : reply(refusalAnswer(refusal(404, 'RESOURCE_NOT_EXISTS')))
    }
    const call = callOf(method, path, body, parts)
    if ('status' in call) return reply(call)
    const fault = faults.strike(call.verb)
    if (fault?.mode === 'slow') await sleep(fault.delayMs, undefined, { signal: stopping })
    const served = serve(fault, call, parts)
    if (served === 'cut') return void response.destroy()
    if ('gateway' in served) return void response.writeHead(served.gateway).end(served.body ?? '')
    reply(served.answer, served.wrong)
  }
}

type Served = { answer: Answer; wrong?: Wrong } | { gateway: number; body?: string } | 'cut'

/** Serves a call as the fault has it. */
function serve(fault: Fault | undefined, call: Call, { wallet }: Parts): Served {
  switch (fault?.mode) {
    case undefined:
    case 'slow':
      return { answer: call.run() }
    case 'lose-request':
      return 'cut'
    case 'lose-reply':
      call.run()
      return 'cut'
    case 'error-before':
      return { gateway: fault.status, body: '<html>502 Bad Gateway</html>' }
    case 'error-after':
      call.run()
      return { answer: { status: fault.status, body: { code: 'SYSTEM_ERROR', message: '系统异常' } } }
    case 'refuse': {
      const { status, body } = refusalAnswer(refusal(fault.status, fault.code))
      return fault.unsigned ? { gateway: status, body: JSON.stringify(body) } : { answer: { status, body } }
    }
    case 'bad-signature':
    case 'stale':
    case 'unknown-serial':
      return { answer: call.run(), wrong: fault.mode }
    case 'garbage':
      return { answer: { ...call.run(), body: 'a page of somebody else' } }
    case 'lie': {
      const { status, body } = call.run()
      return { answer: { status, body: { ...(body as object), ...fault.about } } }
    }
    case 'paid-meanwhile': {
      const prepay = wallet.prepays.get(call.number ?? '')
      if (prepay) wallet.confirm(prepay, PASSWORD)
      return { answer: call.run() }
    }
  }
}

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
