import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Fields, UnionPayKeys } from './keys'

/** How a notice may be wrong. */
export const TWISTS = [
  'none',
  /** signed by nobody, or by a certificate of another's, of yesterday or of no authority */
  'nobody',
  'other-owner',
  'expired',
  'self-made',
  /** one character changed after it was signed */
  'flipped',
  /** signed well, and of another amount, merchant, currency, or of a number nobody made */
  'wrong-amount',
  'wrong-merchant',
  'wrong-currency',
  'unknown-number',
] as const
export type Twist = (typeof TWISTS)[number]

/** From now on: how what succeeded is told. */
export const noticeWay = z.strictObject({
  /** instead of where each request said; empty: as it said */
  url: z.string().default(''),
  /** how often each is sent, all at once; 0: never */
  times: z.int().min(0).max(10).default(1),
  /** how long after it succeeded */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** how often it is sent again, a moment apart, until it is acknowledged; UnionPay: 4 times within 7 minutes */
  retries: z.int().min(0).max(100).default(0),
})
export type NoticeWay = z.input<typeof noticeWay>

export interface SentNotice {
  orderId: string
  /** the platform's answer; null when there was none */
  status: number | null
}

const RETRY_MS = 200
const NOBODYS = 'F20260101AAAAAAAAAAAA'

/** UnionPay's notices (后台通知): what succeeded is told unasked, until it is acknowledged with 200. */
export class Notices {
  private way = noticeWay.parse({})
  readonly sent: SentNotice[] = []

  constructor(
    private readonly keys: UnionPayKeys,
    private readonly stopping: AbortSignal,
  ) {}

  tell(way: z.output<typeof noticeWay>): void {
    this.way = way
  }

  /** Something succeeded. */
  async became(fields: Fields, backUrl: string): Promise<void> {
    const { url, times, delayMs, retries } = this.way
    await sleep(delayMs, undefined, { signal: this.stopping }).catch(() => {})
    const one = async () => {
      for (let tried = 0; tried <= retries && !this.stopping.aborted; tried++) {
        const { status } = await this.send(url || backUrl, fields)
        if (status === 200) return
        await sleep(RETRY_MS, undefined, { signal: this.stopping }).catch(() => {})
      }
    }
    await Promise.all(Array.from({ length: times }, one))
  }

  async send(url: string, told: Fields, twist: Twist = 'none'): Promise<SentNotice> {
    const fields = lied(told, twist)
    const by = ['nobody', 'other-owner', 'expired', 'self-made'].find((name) => name === twist) as 'nobody' | undefined
    const signed = this.keys.sign(fields, by)
    if (twist === 'flipped') signed.queryId = `${signed.queryId!.slice(0, -1)}${signed.queryId!.endsWith('1') ? 2 : 1}`
    const sent: SentNotice = { orderId: fields.orderId!, status: null }
    try {
      const reply = await fetch(url, { method: 'POST', body: new URLSearchParams(signed), signal: this.stopping })
      sent.status = reply.status
      await reply.arrayBuffer()
    } catch {
      // nobody there: it is sent again, or not
    }
    this.sent.push(sent)
    return sent
  }
}

function lied(fields: Fields, twist: Twist): Fields {
  switch (twist) {
    case 'wrong-amount':
      return { ...fields, txnAmt: String(Number(fields.txnAmt) + 1) }
    case 'wrong-merchant':
      return { ...fields, merId: '999999999999999' }
    case 'wrong-currency':
      return { ...fields, currencyCode: '840' }
    case 'unknown-number':
      return { ...fields, orderId: NOBODYS }
    default:
      return fields
  }
}
