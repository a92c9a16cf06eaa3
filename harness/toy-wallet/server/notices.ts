import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { generateToyKeys, HEADER, requestText, signer } from '../channel/sign'

/** How a notice may be wrong. */
export const TWISTS = [
  'none',
  /** signed by nobody we know, to see whether signatures are looked at */
  'probe',
  /** one character of the body changed after it was signed */
  'flipped',
  /** signed ten minutes ago */
  'stale',
  /** signed well, and of another amount, payee, currency, or of a number nobody made */
  'wrong-amount',
  'wrong-payee',
  'wrong-currency',
  'unknown-number',
] as const
export type Twist = (typeof TWISTS)[number]

/** From now on: how what becomes definite is told. */
export const noticeWay = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** how often each is sent, all at once; 0: never */
  times: z.int().min(0).max(10).default(1),
  /** how long after it became definite */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** how often it is sent again, a moment apart, until it is acknowledged */
  retries: z.int().min(0).max(100).default(0),
})
export type NoticeWay = z.input<typeof noticeWay>

export interface SentNotice {
  about: 'payment' | 'refund'
  number: string
  /** the platform's answer; null when there was none */
  status: number | null
  answer: string
}

export type News = { about: 'payment' | 'refund'; facts: Record<string, unknown> }

const RETRY_MS = 200
const NOBODYS = 'F20260101AAAAAAAAAAAA'

/** The wallet's notices (异步通知): what became definite is told unasked, until it is acknowledged with 200 and `OK`. */
export class Notices {
  private way: z.output<typeof noticeWay> | undefined
  readonly sent: SentNotice[] = []
  private readonly sign: (text: string) => string
  private readonly stranger = signer(generateToyKeys().privateKey)

  constructor(
    privateKey: string,
    private readonly stopping: AbortSignal,
  ) {
    this.sign = signer(privateKey)
  }

  tell(way: z.output<typeof noticeWay>): void {
    this.way = way
  }

  /** Something became definite. */
  async became(news: News): Promise<void> {
    const { way } = this
    if (!way) return
    try {
      await sleep(way.delayMs, undefined, { signal: this.stopping })
      await Promise.all(Array.from({ length: way.times }, () => this.until(way, news)))
    } catch {
      // the wallet is stopping
    }
  }

  private async until(way: z.output<typeof noticeWay>, news: News): Promise<void> {
    for (let left = way.retries; ; left--) {
      const { status, answer } = await this.send(way.url, news, 'none')
      if ((status === 200 && answer === 'OK') || left <= 0) return
      await sleep(RETRY_MS, undefined, { signal: this.stopping })
    }
  }

  /** Sends one now, wrong in the way it is told. */
  async send(url: string, { about, facts }: News, twist: Twist): Promise<SentNotice> {
    const body = JSON.stringify({ about, ...twisted(facts, twist) })
    const { pathname, search } = new URL(url)
    const timestamp = String(Date.now() - (twist === 'stale' ? 600_000 : 0))
    const nonce = randomBytes(16).toString('hex')
    const text = requestText({ method: 'POST', path: pathname + search, timestamp, nonce, body })
    const headers = {
      'content-type': 'application/json',
      [HEADER.timestamp]: timestamp,
      [HEADER.nonce]: nonce,
      [HEADER.signature]: (twist === 'probe' ? this.stranger : this.sign)(text),
    }
    const sent =
      twist === 'flipped'
        ? body.replace(/("amountFen":\d*)(\d)/, (_, head, digit) => head + ((Number(digit) + 1) % 10))
        : body
    const reply = await fetch(url, { method: 'POST', headers, body: sent, signal: this.stopping }).catch(() => null)
    const number = String(about === 'payment' ? facts.number : facts.refundNumber)
    const one = { about, number, status: reply?.status ?? null, answer: (await reply?.text().catch(() => '')) ?? '' }
    this.sent.push(one)
    return one
  }
}

function twisted(facts: News['facts'], twist: Twist): News['facts'] {
  switch (twist) {
    case 'wrong-amount':
      return { ...facts, amountFen: Number(facts.amountFen) + 1 }
    case 'wrong-payee':
      return { ...facts, payee: 'somebody-else' }
    case 'wrong-currency':
      return { ...facts, currency: 'USD' }
    case 'unknown-number':
      return { ...facts, number: NOBODYS, ...(facts.refundNumber !== undefined && { refundNumber: NOBODYS }) }
    default:
      return facts
  }
}
