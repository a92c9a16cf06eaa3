import { type ChangeRequest, kindsSeen, type RequestKind, type RequestState, seesRequest } from '../../domain/change'
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
