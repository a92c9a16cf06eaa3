import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { HEADER, requestText, type Sign } from '../../channel/bank/sign'
import type { Bank } from './bank'
import type { Call } from './calls'
import type { Answer } from './views'

const told = z.object({
  /** where the platform takes them */
  url: z.url({ protocol: /^https?$/ }),
  /** how often each is sent, all at once */
  times: z.int().min(0).max(10).default(1),
  /** how long after the state became definite */
  delayMs: z.int().min(0).max(600_000).default(0),
})
export type NoticesInput = z.input<typeof told>

export interface SentNotice {
  orderNo: string
  refundNo?: string
  /** the platform's answer; null when there was none */
  status: number | null
}

/**
 * The bank's notices (异步通知): when a clearing or a refund becomes definite, its state goes to the platform unasked, as often as the
 * sandbox was told, none by default. Never again after that, and not across a restart: a notice is only the faster news.
 */
export class Notices {
  private way: z.output<typeof told> | undefined
  private readonly sent: SentNotice[] = []

  constructor(
    private readonly signs: { sign: Sign; keyId: string; now: () => number },
    private readonly stopping: AbortSignal,
  ) {}

  /** `PUT /sandbox/notices` tells how, `GET` shows what was sent. */
  admin(method: string, body: Buffer): Answer {
    if (method === 'GET') return { status: 200, body: this.sent }
    const way = told.safeParse(JSON.parse(body.toString('utf8')))
    if (!way.success) return { status: 400, body: { code: 'invalid-notices', detail: way.error.message } }
    this.way = way.data
    return { status: 200, body: way.data }
  }

  /** The call, followed by notices of its order or refund if it made that definite. */
  after(call: Call): Call {
    const { orderNo, refundNo } = call
    if (orderNo === undefined) return call
    const run: Call['run'] = (bank, twist) => {
      const before = isDefinite(bank, orderNo, refundNo)
      const answer = call.run(bank, twist)
      if (!before && isDefinite(bank, orderNo, refundNo))
        void this.send({ orderNo, ...(refundNo && { refundNo }) }, JSON.stringify(answer.body))
      return answer
    }
    return { ...call, run }
  }

  private async send(about: About, body: string): Promise<void> {
    if (!this.way) return
    const { url, times, delayMs } = this.way
    try {
      await sleep(delayMs, undefined, { signal: this.stopping })
    } catch {
      return // the bank is stopping
    }
    await Promise.all(Array.from({ length: times }, () => this.post(url, about, body)))
  }

  private async post(url: string, about: About, body: string): Promise<void> {
    const { pathname, search } = new URL(url)
    const timestamp = String(this.signs.now())
    const nonce = randomBytes(16).toString('hex')
    const text = requestText({ method: 'POST', path: pathname + search, timestamp, nonce, body })
    const headers = {
      'content-type': 'application/json',
      [HEADER.keyId]: this.signs.keyId,
      [HEADER.timestamp]: timestamp,
      [HEADER.nonce]: nonce,
      [HEADER.signature]: this.signs.sign(text),
    }
    const status = await fetch(url, { method: 'POST', headers, body, signal: this.stopping }).then(
      (reply) => reply.status,
      () => null,
    )
    this.sent.push({ ...about, status })
  }
}

type About = Omit<SentNotice, 'status'>

function isDefinite({ books }: Bank, orderNo: string, refundNo: string | undefined): boolean {
  const state = (refundNo === undefined ? books.clearings.get(orderNo) : books.refunds.get(refundNo))?.state
  return state === 'succeeded' || state === 'declined'
}
