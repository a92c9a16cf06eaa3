import { createHash } from 'node:crypto'
import type { Answer } from './http'
import type { Movement, Wallet } from './wallet'

/** How a bill may be wrong. */
export const BILL_FAULTS = [
  'none',
  /** the first line is left out, or has a fen more; the manifest fits */
  'leave-out',
  'wrong-amount',
  /** the file isn't the one the manifest was made of */
  'tamper',
  'truncate',
] as const
export type BillFault = (typeof BILL_FAULTS)[number]

const DAY_MS = 86_400_000
/** Days are Shanghai's. */
const SHANGHAI_MS = 8 * 3_600_000
const dateOf = (at: number) => new Date(at + SHANGHAI_MS).toISOString().slice(0, 10)
const dayAfter = (date: string) => dateOf(Date.parse(date) + DAY_MS)

/**
 * A day's bill (对账单): what was paid and what went back on it, ready when the day is over or was cut by hand. The manifest is a
 * signed reply; the file isn't signed, and is believed for its hash.
 */
export class Bills {
  /** days that were ended early, in turn, and how many movements there were by then */
  private readonly cuts: { date: string; movements: number }[] = []
  fault: BillFault = 'none'

  constructor(
    private readonly wallet: Wallet,
    private readonly now: () => number,
  ) {}

  /** Ends the present day now, or the one it has got to: what moves from now on belongs to the next. Answers the date. */
  cut(): string {
    const last = this.cuts.at(-1)?.date ?? ''
    const today = dateOf(this.now())
    const date = last >= today ? dayAfter(last) : today
    this.cuts.push({ date, movements: this.wallet.movements.length })
    return date
  }

  manifest(date: string): Answer {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return { status: 400, body: { code: 'invalid-request' } }
    const over = date < dateOf(this.now()) || this.cuts.some((cut) => cut.date >= date)
    if (!over) return { status: 404, body: { code: 'bill-not-ready' } }
    const text = this.text(date)
    const sha256 = createHash('sha256').update(text).digest('hex')
    return { status: 200, body: { date, sha256, bytes: Buffer.byteLength(text) } }
  }

  /** The file of a path; undefined when it is none's. */
  file(path: string): string | undefined {
    const date = /^\/v1\/bills\/(\d{4}-\d{2}-\d{2})\/file$/.exec(path)?.[1]
    if (date === undefined || this.manifest(date).status !== 200) return undefined
    const text = this.text(date)
    if (this.fault === 'truncate') return text.slice(0, text.length >> 1)
    return this.fault === 'tamper' ? text.replace(/\d(?=\n)/, (digit) => String((Number(digit) + 1) % 10)) : text
  }

  /** Header, a line a movement in the order they happened, a trailer with their number and sums. */
  private text(date: string): string {
    const all = this.wallet.movements.filter((one, i) => this.dayOf(one, i) === date)
    const rows = all.flatMap((one, i) => {
      if (i > 0 || this.fault === 'none') return [one]
      if (this.fault === 'leave-out') return []
      return [{ ...one, amountFen: one.amountFen + (this.fault === 'wrong-amount' ? 1 : 0) }]
    })
    const sum = (kind: Movement['kind']) => rows.reduce((fen, row) => fen + (row.kind === kind ? row.amountFen : 0), 0)
    const lines = rows.map(({ kind, number, refundNumber, walletNo, at, payee, amountFen }) =>
      [kind, number, refundNumber, walletNo, at, payee, 'CNY', amountFen].join(','),
    )
    return [`TOY-BILL,${date}`, ...lines, `END,${rows.length},${sum('PAY')},${sum('REFUND')}`, ''].join('\n')
  }

  private dayOf({ at }: Movement, index: number): string {
    return this.cuts.reduce(
      (date, cut) => (cut.movements <= index && cut.date >= date ? dayAfter(cut.date) : date),
      dateOf(at),
    )
  }
}
