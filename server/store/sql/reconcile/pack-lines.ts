import type { Sql, Statement } from '../open-sql'
import { askedToPack } from '../payment/pack-books'
import { lineColumns } from './statement-rows'

/**
 * Lines of a statement that is reconciled, and so is the one after it: many in one row (`statement_packs`), a fifth of what they were, each as the
 * channel said it, to the letter. They stay the channel's own word: nothing of them is looked up in our orders.
 */

const COLUMNS = `channel, statement_date, ${lineColumns()}`

/** SQL for each line there is, packed or not. Of one statement it finds them by channel and date. */
export const LINES = `(select ${COLUMNS} from statement_lines union all select ${COLUMNS} from packed_lines)`

/** SQL for the lines of a number of ours at a channel, by the packs they may be in. Both are SQL. */
export const linesOf = (channel: string, orderNo: string) => `(
  select ${COLUMNS} from statement_lines where channel = ${channel} and order_no = ${orderNo}
  union all
  select ${COLUMNS} from packed_lines where numbered = left(${orderNo}, 9) and channel = ${channel}
    and first_no <= ${orderNo} and last_no >= ${orderNo} and order_no = ${orderNo})`

export interface PackedLines {
  lines: number
  /** the number to go on after; none: there is no more */
  next?: string
}

/** Orders whose lines are looked at: well under a second of it. */
const LOOKED_AT = 20 * 128

const PACKED: Statement = { name: 'pack-lines', text: 'select * from pack_lines($1::text, $2::integer)', replan: true }

/** Packs of a stretch of orders, from after a number on, their lines of statements that are reconciled. @throws PackingNotGranted */
export async function packLines(sql: Sql, after = '', lookAt = LOOKED_AT): Promise<PackedLines> {
  const { packed, ...more } = await askedToPack(sql, PACKED, 'statement lines', after, lookAt)
  return { lines: packed, ...more }
}
