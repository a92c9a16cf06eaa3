import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminAnswer, type Hands } from './admin'
import { PASSWORD } from './book'
import type { Fault } from './faults'
import { type Call, callOf, echoOf, PATHS, type Parts } from './gateway'
import type { Fields, Signer, UnionPayKeys } from './keys'
import { payerPage } from './page'
import type { People } from './people'

/** One request to the sandbox's UnionPay: the payer's page, its own routes, `userAuth`, QRA, or guard → fault → signed answer. */

const MAX_BODY_BYTES = 64 * 1024

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function unionPayHandler(hands: Hands, parts: Parts, keys: UnionPayKeys): Handler {
  return async (request, response) => {
    const body = await bodyOf(request)
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://unionpay.invalid')
    const form = request.method === 'POST' ? new URLSearchParams(body) : null
    const token = /^\/page\/([0-9a-f]{20})$/.exec(pathname)?.[1]
    if (token) return page(hands, token, form, request, response)
    if (pathname.startsWith('/sandbox/')) {
      const answer = adminAnswer(pathname, JSON.parse(body || 'null'), hands)
      return say(response, answer.status, 'application/json', JSON.stringify((await answer.body) ?? null))
    }
    if (pathname === '/qrcGtwWeb-web/api/userAuth') return userAuth(hands.people, searchParams, request, response)
    if (pathname === '/pay/gateway')
      return strike(hands, 'userid', request, response, () => say(response, 200, 'text/xml', hands.people.answer(body)))
    if (!(pathname in PATHS) || !form) return void response.writeHead(404).end()
    const fields: Fields = Object.fromEntries(form)
    const call = callOf(pathname, fields, parts)
    const answer = (own: Fields, by?: Signer) => {
      const all = Object.entries(keys.sign({ ...echoOf(fields), ...own }, by)).filter(([, value]) => value !== '')
      // Not encoded, as UnionPay's answers aren't.
      say(response, 200, 'text/plain;charset=UTF-8', all.map((pair) => pair.join('=')).join('&'))
    }
    if (typeof call === 'string') return answer({ respCode: call, respMsg: `请求被拒绝[${call}00000]` })
    await strike(hands, call.verb, request, response, (fault) => serve(hands, call, fault, answer))
  }
}

/** Does what is asked, as the fault has it. */
function serve(
  { book }: Hands,
  { fields, run }: Call,
  fault: Fault | undefined,
  answer: (own: Fields, by?: Signer) => void,
) {
  const done = () => ({ respMsg: '成功[0000000]', ...run() })
  if (fault?.mode === 'refuse') return answer({ respCode: fault.respCode, respMsg: '请求被拒绝' })
  if (fault?.mode === 'bad-signature') return answer(done(), fault.by)
  if (fault?.mode === 'lie') return answer({ ...done(), ...fault.about })
  if (fault?.mode === 'paid-meanwhile') {
    const payment = book.payments.get(fields.orderId ?? '')
    if (payment) book.confirm(payment.token, 'somebody', PASSWORD)
  }
  answer(done())
}

/** In the browser of the person whom its cookie `unionpay` names. */
function page(
  { book }: Hands,
  token: string,
  form: URLSearchParams | null,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const person = personOf(request)
  if (form && person && !form.has('payer')) form.set('payer', person)
  const { status, html } = payerPage(book, token, form)
  say(response, status, 'text/html; charset=utf-8', html)
}

const personOf = ({ headers }: IncomingMessage) =>
  /(?:^|; )unionpay=([A-Za-z0-9-]{1,40})/.exec(headers.cookie ?? '')?.[1]

/** Does it as the present fault of a verb has it, with what the verb itself does of it in `run`. */
async function strike(
  { faults }: Hands,
  verb: Call['verb'],
  request: IncomingMessage,
  response: ServerResponse,
  run: (fault?: Fault) => void,
): Promise<void> {
  const fault = faults.strike(verb)
  /** Does it and keeps the answer back; the way to send it after all. */
  const held = () => {
    const { end, writeHead } = response
    const said: unknown[][] = []
    const keep = (...args: unknown[]) => {
      said.push(args)
      return response
    }
    Object.assign(response, { writeHead: keep, end: keep })
    run()
    Object.assign(response, { end, writeHead })
    return () => void response.writeHead(...(said[0] as [number])).end(...(said[1] as [string]))
  }
  switch (fault?.mode) {
    case 'slow':
      await sleep(fault.delayMs)
      return run()
    case 'lose-request':
      return void request.socket.destroy()
    case 'late': {
      const answer = held()
      await sleep(fault.delayMs)
      return answer()
    }
    case 'lose-reply':
      held()
      return void request.socket.destroy()
    case 'error-before':
      return say(response, fault.status, 'text/html', '<html>Bad Gateway</html>')
    case 'error-after':
      held()
      return say(response, fault.status, 'text/html', '<html>Bad Gateway</html>')
    case 'garbage':
      held()
      return say(response, 200, 'text/html', '<html>a page of a captive portal</html>')
    default:
      return run(fault)
  }
}

function userAuth(people: People, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
  const person = personOf(request) ?? 'somebody'
  const location = people.userAuth(query, request.headers['user-agent'] ?? '', person)
  if (location) response.writeHead(302, { location }).end()
  else say(response, 200, 'text/html; charset=utf-8', '<p>参数错误</p>')
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new Error('a request that is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function say(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type }).end(text)
}
