/** Which days of the books are looked at, and which links of their chain are of those. */
export interface Scope {
  /** the first and the last business date, both included; null: there is no such end */
  from: string | null
  to: string | null
  /** what was chained after the one link and up to the other; null: the last there is */
  links: { after: number; upTo: number | null }
  /** orders of dates before it are in files that nobody gave us; null: none is */
  archivedBefore: string | null
  /** only what is of these days lies in tables of the session, which stand before those of the ledger (day-books.ts) */
  taken: boolean
}

export const ALL: Scope = { from: null, to: null, links: { after: 0, upTo: null }, archivedBefore: null, taken: false }

/** A statement, or one that depends on what is looked at. */
export type Scoped = string | ((scope: Scope) => string)

export const textOf = (text: Scoped, scope: Scope) => (typeof text === 'string' ? text : text(scope))

/** SQL: a date is one of those that are looked at. */
export function within({ from, to }: Scope, column: string): string {
  const bounds = [from !== null && `${column} >= date '${from}'`, to !== null && `${column} <= date '${to}'`]
  return bounds.filter(Boolean).join(' and ') || 'true'
}

/** SQL: an order is one of those that are looked at. */
export const taken = (scope: Scope, orderNo: string) =>
  scope.taken ? `${orderNo} in (select order_no from audited)` : 'true'

/** SQL: what stands after an order's number is of one whose day was archived, so that it isn't known whether it is gone. */
export const archived = ({ archivedBefore }: Scope, orderNo: string) =>
  archivedBefore === null ? 'false' : `${orderNo} < 'F${archivedBefore.replaceAll('-', '')}' collate "C"`

/** SQL: a link is of those days. */
export const linked = ({ links: { after, upTo } }: Scope, column: string) =>
  `${column} > ${after}${upTo === null ? '' : ` and ${column} <= ${upTo}`}`

/** SQL: a number of events or postings was given out between the two links; `column`: where links keep it. */
export function chainedIn({ links: { after, upTo } }: Scope, number: string, column: string): string {
  const end = (link: number) => `(select coalesce(max(${column}), 0) from ledger_links where link_no <= ${link})`
  const last = upTo === null ? `(select coalesce(max(${column}), 0) from ledger_links)` : end(upTo)
  return `${number} <= ${last}${after === 0 ? '' : ` and ${number} > ${end(after)}`}`
}
