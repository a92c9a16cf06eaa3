import { createHmac } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { CheckedChain, DaySeal, KeyRing, LinkBreak } from '../../../flow/ports'
import type { Tables } from '../tables'
import { linked, type Scope } from './scope'

/** Links of the books' chain: what a mac is of, and the chain read back. */

export type LinkRow = Selectable<Tables['ledger_links']>

/** `content` of a link as its parts give it now. */
export const CONTENT = (link: string) => `(
  select encode(sha256(convert_to(
    coalesce(string_agg(p.kind || p.names::text || p.marks::text, ';' order by p.kind), ''), 'UTF8')), 'hex')
  from ledger_link_parts p where p.link_no = ${link})`

export const LINKS = (scope: Scope) =>
  `select l.*, ${CONTENT('l.link_no')} as found from ledger_links l where ${linked(scope, 'l.link_no')} order by l.link_no`

/** Of the link after which others are looked at: what their macs follow from. */
export const LINK_BEFORE = 'select link_no as at, mac from ledger_links where link_no = $1'

export function macOf(key: Uint8Array, link: Omit<LinkRow, 'mac'>, before: string): string {
  const said = [
    before,
    link.link_no,
    link.at,
    link.business_date,
    link.last_event,
    link.last_refund_event,
    link.last_posting,
    link.last_action,
    link.action_mac,
    link.content,
    link.key_id,
  ]
  return createHmac('sha256', key).update(JSON.stringify(said)).digest('hex')
}

/** Whoever looks wants to know where it begins. */
const MAX_BREAKS = 50

/** Recomputes each mac from its link, its parts and the mac before it. An end that was cut off shows only beside what was given out, or in the log. */
export async function checkLinks(
  keys: KeyRing,
  batches: AsyncIterable<(LinkRow & { found: string })[]>,
  before = { at: 0, mac: '' },
): Promise<CheckedChain> {
  const breaks: LinkBreak[] = []
  const seals: DaySeal[] = []
  let links = 0
  let last = before
  for await (const batch of batches)
    for (const link of batch) {
      const fault = faultOf(keys, link, last)
      if (fault && breaks.length < MAX_BREAKS)
        breaks.push({ link: fault === 'missing' ? last.at + 1 : link.link_no, fault })
      const seal = sealOf(link)
      if (seal) seals.push(seal)
      last = { at: link.link_no, mac: link.mac }
      links++
    }
  return { links, breaks, seals }
}

function faultOf(
  keys: KeyRing,
  link: LinkRow & { found: string },
  before: { at: number; mac: string },
): LinkBreak['fault'] | null {
  if (link.link_no !== before.at + 1) return 'missing'
  const key = keys.byId(link.key_id)
  if (!key) return 'key-unknown'
  return link.content === link.found && macOf(key, link, before.mac) === link.mac ? null : 'changed'
}

export function sealOf({ business_date: date, link_no: link, at, mac }: LinkRow): DaySeal | null {
  return date === null ? null : { date, link, at, mac }
}
