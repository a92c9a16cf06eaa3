import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { HEADER, seal } from '../../channel/wechatpay/sign'
import type { Signer } from './reply'
import { inShanghai } from './views'

/** How a notice may be wrong. */
export const TWISTS = [
  'none',
  /** a signature that is a probe, to see whether signatures are looked at */
  'probe',
  /** one character of the body changed after it was signed */
  'flipped',
  /** signed ten minutes ago */
  'stale',
  /** signed by nobody; by a key that nobody knows; sealed with another key */
  'bad-signature',
  'unknown-serial',
  'other-seal',
  /** signed and sealed well, and of another amount, sub-merchant, currency, service provider, app, or of a number nobody made */
  'wrong-amount',
  'wrong-payee',
  'wrong-currency',
  'other-provider',
  'other-app',
  'unknown-number',
] as const
export type Twist = (typeof TWISTS)[number]

/** From now on: how what becomes definite is told. */
export const noticeWay = z.strictObject({
  /** null: where each request wanted it */
  url: z.url({ protocol: /^https?$/ }).nullable(),
  /** how often each is sent, all at once; 0: never */
  times: z.int().min(0).max(10).default(1),
  /** how long after it became definite */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** how often it is sent again, until it is acknowledged */
  retries: z.int().min(0).max(100).default(0),
  retryMs: z.int().min(1).max(600_000).default(200),
})
export type NoticeWay = z.input<typeof noticeWay>

export interface News {
  number: string
  url: string
  event: string
  facts: Record<string, unknown>
}

export interface SentNotice {
  id: string
  number: string
  /** the platform's answer; null when there was none */
  status: number | null
  answer: string
}

const NOBODYS = 'F20260101AAAAAAAAAAAA'

/** Notices (回调通知): what became definite is told unasked, until it is answered with 200 or 204. */
export class Notices {
  private way: z.output<typeof noticeWay> = { url: null, times: 1, delayMs: 0, retries: 3, retryMs: 15_000 }
  readonly sent: SentNotice[] = []

  constructor(
    private readonly apiV3Key: string,
    private readonly signer: Signer,
    private readonly stopping: AbortSignal,
  ) {}

  tell(way: z.output<typeof noticeWay>): void {
    this.way = way
  }

  /** Something became definite. */
  async became(news: News): Promise<void> {
    const { way } = this
    try {
      await sleep(way.delayMs, undefined, { signal: this.stopping })
      await Promise.all(Array.from({ length: way.times }, () => this.until(way, news)))
    } catch {
      // it is stopping
    }
  }

  private async until(way: z.output<typeof noticeWay>, news: News): Promise<void> {
    for (let left = way.retries; ; left--) {
      const { status } = await this.send(way.url ?? news.url, news, 'none')
      if (status === 200 || status === 204 || left <= 0) return
      await sleep(way.retryMs, undefined, { signal: this.stopping })
    }
  }

  /** Sends one now, wrong in the way it is told. */
  async send(url: string, news: News, twist: Twist): Promise<SentNotice> {
    const id = randomUUID()
    const body = JSON.stringify(this.bodyOf(id, news, twist))
    const wrong = twist === 'stale' || twist === 'bad-signature' || twist === 'unknown-serial' ? twist : undefined
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...this.signer.headers(body, Date.now(), wrong),
    }
    if (twist === 'probe') headers[HEADER.signature] = `WECHATPAY/SIGNTEST/${headers[HEADER.signature]!.slice(19)}`
    const sent = twist === 'flipped' ? body.replace('"encrypt-resource"', '"encrypt-resourcf"') : body
    const reply = await fetch(url, { method: 'POST', headers, body: sent, signal: this.stopping }).catch(() => null)
    const answer = (await reply?.text().catch(() => '')) ?? ''
    const one = { id, number: news.number, status: reply?.status ?? null, answer }
    this.sent.push(one)
    return one
  }

  private bodyOf(id: string, { event, facts }: News, twist: Twist) {
    const kind = event.startsWith('REFUND') ? 'refund' : 'transaction'
    const key = Buffer.from(twist === 'other-seal' ? randomBytes(16).toString('hex') : this.apiV3Key)
    const sealed = seal(key, JSON.stringify(twisted(facts, twist)), kind, randomBytes(6).toString('hex'))
    return {
      id,
      create_time: inShanghai(Date.now()),
      resource_type: 'encrypt-resource',
      event_type: event,
      summary: kind === 'refund' ? '退款成功' : '支付成功',
      resource: { original_type: kind, algorithm: 'AEAD_AES_256_GCM', ...sealed },
    }
  }
}

function twisted(facts: News['facts'], twist: Twist): News['facts'] {
  const amount = facts.amount as Record<string, unknown>
  switch (twist) {
    case 'wrong-amount':
      return {
        ...facts,
        amount: { ...amount, total: Number(amount.total) + 1, refund: Number(amount.refund ?? 0) + 1 },
      }
    case 'wrong-currency':
      return { ...facts, amount: { ...amount, currency: 'USD' } }
    case 'wrong-payee':
      return { ...facts, sub_mchid: '1900009999' }
    case 'other-provider':
      return { ...facts, sp_mchid: '1900008888' }
    case 'other-app':
      return { ...facts, sp_appid: 'wxd678efh567hg6787' }
    case 'unknown-number':
      return { ...facts, out_trade_no: NOBODYS, ...(facts.out_refund_no !== undefined && { out_refund_no: NOBODYS }) }
    default:
      return facts
  }
}
