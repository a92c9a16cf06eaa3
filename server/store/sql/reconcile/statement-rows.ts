import { addTotals, type EntryKind, type Legs, NO_TOTALS, type StatementLine, type Totals } from '../../../domain/match'

/** Rows of a statement's lines, and of sums over them. Numbers arrive as numbers (open-sql.ts). */

export interface LineRow {
  line_no: number
  kind: EntryKind
  order_no: string
  refund_no: string | null
  channel_trade_no: string
  booked_at: number
  payer_fen: number
  gl_fen: number
  merchant_fen: number
  gl_account: string | null
  merchant_account: string
  payer_tail: string | null
  currency: string
}

const LINE_COLUMNS = Object.keys({
  line_no: 0,
  kind: 0,
  order_no: 0,
  refund_no: 0,
  channel_trade_no: 0,
  booked_at: 0,
  payer_fen: 0,
  gl_fen: 0,
  merchant_fen: 0,
  gl_account: 0,
  merchant_account: 0,
  payer_tail: 0,
  currency: 0,
} satisfies Record<keyof LineRow, 0>)

/** The columns of {@link LineRow}, each of the table or alias when one is given. */
export function lineColumns(of?: string): string {
  return LINE_COLUMNS.map((column) => (of ? `${of}.${column}` : column)).join(', ')
}

export function lineOf(row: LineRow): StatementLine {
  return {
    lineNo: row.line_no,
    kind: row.kind,
    orderNo: row.order_no,
    refundNo: row.refund_no,
    channelTradeNo: row.channel_trade_no,
    bookedAt: row.booked_at,
    payerFen: row.payer_fen,
    glFen: row.gl_fen,
    merchantFen: row.merchant_fen,
    glAccount: row.gl_account,
    merchantAccount: row.merchant_account,
    payerTail: row.payer_tail,
    currency: row.currency,
  }
}

/** A {@link Side} of each kind; `null` sums are of no rows. */
export type SideRow = { kind: EntryKind; count: number } & { [leg in keyof Legs]: number | null }

/** The columns of {@link SideRow} but `kind`, over the rows that meet the condition; `of` prefixes the amounts' columns. */
export function sideSums(condition?: string, of = ''): string {
  const filter = condition ? ` filter (where ${condition})` : ''
  const sum = (column: string, name: string) => `sum(${of}${column})${filter}::bigint as "${name}"`
  const legs = [sum('payer_fen', 'payerFen'), sum('gl_fen', 'glFen'), sum('merchant_fen', 'merchantFen')]
  return [`count(*)${filter} as count`, ...legs].join(', ')
}

/** The same as one JSON object, for several sums in a row. */
export function sideJson(condition: string, of = ''): string {
  const sum = (column: string) => `sum(${of}${column}) filter (where ${condition})`
  return `jsonb_build_object('kind', kind, 'count', count(*) filter (where ${condition}),
    'payerFen', ${sum('payer_fen')}, 'glFen', ${sum('gl_fen')}, 'merchantFen', ${sum('merchant_fen')})`
}

export function totalsOfRows(rows: readonly SideRow[]): Totals {
  return rows.reduce<Totals>(
    (sum, { kind, count, payerFen, glFen, merchantFen }) =>
      addTotals(sum, {
        ...NO_TOTALS,
        [kind]: { count, payerFen: payerFen ?? 0, glFen: glFen ?? 0, merchantFen: merchantFen ?? 0 },
      }),
    NO_TOTALS,
  )
}
