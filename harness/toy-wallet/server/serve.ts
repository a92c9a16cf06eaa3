import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateToyKeys, signer } from '../channel/sign'
import { adminAnswer, type Parts } from './admin'
import type { Fault } from './faults'
import { guard } from './guard'
import { type Answer, bodyOf, signedReply } from './http'
import { personPage } from './page'
import { type Call, callOf } from './routes'
import { PASSWORD, type Wallet } from './wallet'

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export interface WalletKeys {
  /** whose requests are served */
  clientPublicKey: string
  /** the wallet's own */
  privateKey: string
}

/** Serves one request: the person's page, the wallet's own routes, or guard → route → fault → signed reply. */
export function walletHandler(
  parts: Parts & { pageUrl(prepayId: string): string },
  { clientPublicKey, privateKey }: WalletKeys,
  stopping: AbortSignal,
): Handler {
  const { wallet, bills, faults } = parts
  const sign = signer(privateKey)
  const stranger = signer(generateToyKeys().privateKey)
  const check = guard(clientPublicKey, Date.now)

  return async (request, response) => {
    const { method = '', url: path = '', headers } = request
    const body = await bodyOf(request)
    if (!body) return void response.writeHead(413).end()
    const page = personPage(wallet, method, path, body)
    if (page) return void response.writeHead(page.status, { 'content-type': 'text/html; charset=utf-8' }).end(page.html)
    if (path.startsWith('/toy/')) {
      const { status, body: value } = await adminAnswer(path, body, parts)
      return void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    const reply = (answer: Answer, by = sign) => signedReply(request, response, answer, by)
    const refused = check({ method, path, headers, body })
    if (refused) return reply({ status: 401, body: { code: refused } })
    const file = bills.file(path)
    if (file !== undefined) return void response.writeHead(200, { 'content-type': 'text/plain' }).end(file)
    const call = callOf(method, path, body, parts.pageUrl, bills)
    if ('status' in call) return reply(call)
    const fault = faults.strike(call.verb, call.number)
    if (fault?.mode === 'slow') await sleep(fault.delayMs, undefined, { signal: stopping })
    const served = serve(fault, call, wallet)
    if (served === 'cut') return void response.destroy()
    if ('gateway' in served) return void response.writeHead(served.gateway).end()
    reply(served.answer, served.by === 'wallet' ? sign : stranger)
  }
}

type Served = { answer: Answer; by: 'wallet' | 'stranger' } | { gateway: number } | 'cut'

/** Serves a call as the fault has it. */
function serve(fault: Fault | undefined, call: Call, wallet: Wallet): Served {
  const own = (answer: Answer): Served => ({ answer, by: 'wallet' })
  switch (fault?.mode) {
    case undefined:
    case 'slow':
      return own(call.run(wallet))
    case 'lose-request':
      return 'cut'
    case 'lose-reply':
      call.run(wallet)
      return 'cut'
    case 'error-before':
      return { gateway: fault.status }
    case 'error-after':
      call.run(wallet)
      return { gateway: fault.status }
    case 'refuse':
      return own({ status: fault.status, body: { code: fault.code } })
    case 'bad-signature':
      return { answer: call.run(wallet), by: 'stranger' }
    case 'garbage':
      return own({ ...call.run(wallet), body: 'a page of somebody else' })
    case 'lie': {
      const { status, body } = call.run(wallet)
      return own({ status, body: { ...(body as object), ...fault.about } })
    }
    case 'paid-meanwhile': {
      const prepay = wallet.prepays.get(call.number ?? '')
      if (prepay) wallet.confirm(prepay.prepayId, PASSWORD)
      return own(call.run(wallet))
    }
  }
}
