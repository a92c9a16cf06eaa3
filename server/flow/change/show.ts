import { type ChangeRequest, kindsSeen, type RequestKind, type RequestState, seesRequest } from '../../domain/change'
import type { ChannelName } from '../../domain/channel'
import type { Operator } from '../../domain/operator'
import { type Page, pageOf } from '../../domain/page'
import type { RequestLine } from '../ports'
import type { ChangeDeps } from './ask'

/** Change requests as operators see them: their own branch's, and of the kinds that are for them. */

const PAGE = 50
const LINES = 100

export async function changePage(
  { changes }: Pick<ChangeDeps, 'changes'>,
  operator: Operator,
  query: { kind?: RequestKind | undefined; states?: readonly RequestState[] | undefined; cursor?: string | undefined },
): Promise<Page<ChangeRequest>> {
  const { kind, states, cursor } = query
  const seen = kindsSeen(operator)
  const kinds = kind ? seen.filter((one) => one === kind) : seen
  const [askedAt, changeId] = cursor?.split('.') ?? []
  const before = changeId === undefined ? undefined : { askedAt: Number(askedAt), changeId }
  const { branchCode } = operator
  const found = await changes.list({ branchCode, kinds, states, before, limit: PAGE + 1 })
  return pageOf(found, PAGE, (last) => `${last.askedAt}.${last.changeId}`)
}

/** Undefined: there is none, or it isn't the operator's to see. */
export async function changeSeen(
  { changes }: Pick<ChangeDeps, 'changes'>,
  operator: Operator,
  changeId: string,
): Promise<ChangeRequest | undefined> {
  const request = await changes.find(changeId)
  return request && seesRequest(operator, request) ? request : undefined
}

/** Its lines, page by page; the cursor is the number of a page's last. Undefined as above. */
export async function changeLines(
  deps: Pick<ChangeDeps, 'changes'>,
  operator: Operator,
  changeId: string,
  cursor: string | undefined,
): Promise<Page<RequestLine> | undefined> {
  if (!(await changeSeen(deps, operator, changeId))) return undefined
  const found = await deps.changes.lines(changeId, Number(cursor ?? 0), LINES + 1)
  return pageOf(found, LINES, (last) => String(last.line))
}

/** Ends of the accounts, to tell them by. */
export interface AccountChange {
  /** whose account it is: the bank's is the settlement account */
  channel: ChannelName
  fromTail: string
  toTail: string
  effectiveAt: number
  inForce: boolean
  /** whom to call when it is wrong */
  phone: string | null
}

/** An owner who looks once a week still sees it. */
const TOLD_MS = 7 * 86_400_000

/**
 * That a merchant's money goes elsewhere, and from when: whoever is paid must hear of it from us, and not from what is missing.
 * Null: nothing waits, and nothing changed in the last days.
 */
export async function accountChange(
  { changes, clock, bankPhone: phone }: Pick<ChangeDeps, 'changes' | 'clock'> & { bankPhone: string | null },
  merchantCode: string,
): Promise<AccountChange | null> {
  const found = await changes.accountChange(merchantCode, clock.now() - TOLD_MS)
  if (!found) return null
  const { channel, from, to, state, effectiveAt } = found
  return {
    channel,
    fromTail: from.slice(-TAIL),
    toTail: to.slice(-TAIL),
    effectiveAt,
    inForce: state === 'applied',
    phone,
  }
}

export const TAIL = 4
