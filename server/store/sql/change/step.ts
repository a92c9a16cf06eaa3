import { isDeepStrictEqual } from 'node:util'
import { type ChangeRequest, type RequestKind, type RequestState, sayable, type Verdict } from '../../../domain/change'
import type { Changes, RequestFault, Stepped } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { orRefused, Refused } from '../refused'
import type { Tx } from './kind'
import { KINDS } from './kinds'
import { REQUEST_COLUMNS, requestOf } from './rows'

/** The steps of a request's life, each with its deed in one transaction, guarded by the revision that was looked at. */

const STATE: Record<Verdict, RequestState> = { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' }

export function stepChange(sql: Sql, deeds: DeedLog, input: Parameters<Changes['step']>[0]): Promise<Stepped> {
  const { changeId, revision, verdict, by, at, note, effectiveAt, effect } = input
  const stepped = sql.transaction(async (tx): Promise<Stepped> => {
    const was = await locked(tx, changeId)
    if (was?.revision !== revision) throw new Refused<Stepped>({ kind: 'revision-changed' })
    const reviewed = verdict !== 'withdraw' && { reviewed_by: by, reviewed_at: at, review_note: note }
    const fault = verdict === 'approve' ? await faultOf(tx, was) : null
    if (fault) return { kind: 'stepped', request: await overtake(tx, deeds, was, fault, { by, at }) }
    const to = { state: STATE[verdict], ...reviewed, effective_at: verdict === 'approve' ? effectiveAt : null }
    const request = await write(tx, was, to)
    await deeds.write(tx, deedOf(was, `change.${verdict}`, { by, at }, { note, ...timeOf(request) }))
    const now = verdict === 'approve' && effectiveAt !== null && effectiveAt <= at
    return { kind: 'stepped', request: now ? await take(tx, deeds, request, { by, at, effect }) : request }
  })
  return orRefused<Stepped, Stepped>(stepped)
}

/** Lets one take effect whose time has come, once: whoever comes second finds it applied. */
export function applyChange(
  sql: Sql,
  deeds: DeedLog,
  changeId: string,
  now: number,
): Promise<ChangeRequest | undefined> {
  return sql.transaction(async (tx) => {
    const was = await locked(tx, changeId)
    if (was?.state !== 'approved' || was.effectiveAt === null || was.effectiveAt > now) return undefined
    const doer = { by: 'system', at: now }
    const fault = await faultOf(tx, was)
    return fault ? overtake(tx, deeds, was, fault, doer) : take(tx, deeds, was, doer)
  })
}

async function locked(tx: Tx, changeId: string): Promise<ChangeRequest | undefined> {
  const query = tx.selectFrom('change_requests').select(REQUEST_COLUMNS).where('change_id', '=', changeId).forUpdate()
  const row = await query.executeTakeFirst()
  return row && requestOf(row)
}

/** Why what was asked for can't be done now. */
async function faultOf(tx: Tx, request: ChangeRequest): Promise<RequestFault | null> {
  const people = [request.askedBy, ...(request.reviewedBy === null ? [] : [request.reviewedBy])]
  const gone = tx.selectFrom('operators').select('username').where('username', 'in', people)
  // Whoever was shut out meanwhile may have been so for this: somebody else asks again.
  if (await gone.where('disabled_at', 'is not', null).executeTakeFirst()) return { code: 'person-disabled' }
  const kind = KINDS[request.kind]
  const fault = await kind.check(tx, request)
  if (fault || !kind.standing) return fault
  const now = (await kind.standing(tx, request)) ?? null
  return isDeepStrictEqual(JSON.parse(JSON.stringify(now)), request.before) ? null : { code: 'subject-changed' }
}

interface Doer {
  by: string
  at: number
}

async function take(
  tx: Tx,
  deeds: DeedLog,
  was: ChangeRequest,
  { by, at, effect }: Doer & { effect?: unknown },
): Promise<ChangeRequest> {
  await KINDS[was.kind].apply(tx, was, at, effect)
  const request = await write(tx, was, { state: 'applied', effective_at: at })
  await deeds.write(tx, deedOf(was, 'change.apply', { by, at }))
  return request
}

async function overtake(tx: Tx, deeds: DeedLog, was: ChangeRequest, { code }: RequestFault, doer: Doer) {
  const request = await write(tx, was, { state: 'overtaken', effective_at: null, reason: code })
  await deeds.write(tx, deedOf(was, 'change.overtake', doer, { reason: code }))
  return request
}

/**
 * Sets back what waits for a subject: it is not what was asked of any more, and nobody approves it unseen. Whoever decides it at this moment comes
 * first. True: there was something.
 */
export async function setBackRequests(
  tx: Tx,
  deeds: DeedLog,
  { subject, kinds }: { subject: string; kinds: readonly RequestKind[] },
  doer: Doer,
): Promise<boolean> {
  const query = tx.selectFrom('change_requests').select(REQUEST_COLUMNS).where('subject', '=', subject)
  const waiting = query.where('kind', 'in', [...kinds]).where('state', 'in', ['open', 'approved'])
  const rows = await waiting.orderBy('change_id').forUpdate().execute()
  for (const row of rows) await overtake(tx, deeds, requestOf(row), { code: 'subject-changed' }, doer)
  return rows.length > 0
}

/** What is written of it for good: who asked, who approved, and from what to what. */
function deedOf(was: ChangeRequest, action: string, { by, at }: Doer, said: object = {}) {
  const { changeId, kind, subject, askedBy, reviewedBy, before, after, lineCount } = was
  const what = lineCount > 1 ? { lines: lineCount } : { after: sayable(kind, after) }
  return {
    at,
    username: by,
    action,
    subject,
    before,
    after: { changeId, kind, askedBy, ...(reviewedBy !== null && { reviewedBy }), ...what, ...said },
  }
}

const timeOf = ({ effectiveAt }: ChangeRequest) => (effectiveAt === null ? {} : { effectiveAt })

async function write(
  tx: Tx,
  { changeId, revision }: ChangeRequest,
  to: Partial<Record<'reviewed_by' | 'review_note' | 'reason', string | null>> & {
    state: RequestState
    reviewed_at?: number
    effective_at?: number | null
  },
): Promise<ChangeRequest> {
  const updated = tx
    .updateTable('change_requests')
    .set({ ...to, revision: revision + 1 })
    .where('change_id', '=', changeId)
    .returning(REQUEST_COLUMNS)
  return requestOf(await updated.executeTakeFirstOrThrow())
}
