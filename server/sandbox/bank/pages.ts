import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Bank, shownOf } from './bank'
import type { Call } from './calls'
import { cashierPage, challengeAt } from './cashier'
import type { Challenge } from './facts'
import { sendPage } from './html'
import type { Notices } from './notices'
import { phoneList, phonePage, phonePath } from './phone'
import { textsOf } from './texts'
import { clearingAnswer } from './views'

/**
 * What people open at the bank: the sandbox's telephone, and the bank's own page for a challenge. Both hold what is a payer's
 * alone, so they are this machine's alone: neither another machine nor a page that another name brought here reads them.
 */
export function bankPages(bank: Bank, notices: Notices, adminToken: string) {
  const phone = phonePath(adminToken)
  return {
    /** False when the request is for something else. */
    serve(request: IncomingMessage, response: ServerResponse, body: Buffer): boolean {
      const { method, url: path = '' } = request
      const token = /^\/cashier\/([0-9a-f]{32})$/.exec(path)?.[1]
      if (!path.startsWith('/phone/') && token === undefined) return false
      const challenge = token === undefined ? undefined : challengeAt(bank, token)
      if (!isLocal(request)) response.writeHead(403).end()
      else if (path === phone && method === 'GET') sendPage(response, phonePage(bank, bank.now()))
      else if (path === `${phone}/list` && method === 'GET')
        response.writeHead(200, LIST).end(phoneList(bank, bank.now()))
      else if (path === `${phone}/texts` && method === 'GET')
        response.writeHead(200, TEXTS).end(JSON.stringify(textsOf(bank, bank.now())))
      else if (challenge && method === 'GET') sendPage(response, cashierPage(bank, challenge))
      else if (challenge && method === 'POST') {
        act(bank, notices, challenge, new URLSearchParams(body.toString('utf8')))
        response.writeHead(303, { location: path, 'cache-control': 'no-store' }).end()
      } else response.writeHead(404).end()
      return true
    },
  }
}

const LIST = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'no-store',
}
const TEXTS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/** What the payer does on the bank's page. The platform hears of it as of everything that becomes definite. */
function act(bank: Bank, notices: Notices, challenge: Challenge, form: URLSearchParams): void {
  const { about, challengeId } = challenge
  const proof = form.get('code') ?? ''
  const deed = form.get('deed')
  if ('signNo' in about) {
    if (deed === 'resend') bank.signings.resend(about.signNo, challengeId)
    else bank.signings.confirm(about.signNo, { challengeId, proof, at: 'redirect' })
    return
  }
  const { orderNo } = about
  if (deed === 'resend') return void bank.resend(orderNo, challengeId)
  const run: Call['run'] = (at) =>
    clearingAnswer(at, deed === 'cancel' ? at.close(orderNo) : confirmed(at, orderNo, challengeId, proof))
  notices.after({ verb: deed === 'cancel' ? 'close' : 'confirm', orderNo, run }).run(bank)
}

function confirmed(bank: Bank, orderNo: string, challengeId: string, proof: string) {
  const shown = shownOf(bank.books.clearings.get(orderNo)!.request!)
  return bank.confirm(orderNo, { ...shown, challengeId, proof, at: 'redirect' })
}

/** From this machine, by a name of this machine: a stranger's name that leads here (DNS rebinding) is none. */
function isLocal({ socket, headers }: IncomingMessage): boolean {
  const host = URL.canParse(`http://${headers.host}`) ? new URL(`http://${headers.host}`).hostname : ''
  return LOOPBACK.has(host) && /^(::1|(::ffff:)?127\.)/.test(socket.remoteAddress ?? '')
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])
