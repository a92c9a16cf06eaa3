import { businessDate } from '../../domain/business-date'
import { type CampaignState, stateOn } from '../../domain/campaign'
import { changeDiff, type FieldChange } from '../../domain/campaign-diff'
import {
  type Amendment,
  type AskedKind,
  amendmentFaults,
  amendmentSeen,
  ask,
  type Change,
  isOwn,
  review,
  type Standing,
  withdraw,
} from '../../domain/campaign-life'
import { mayChange, type Operator, refuses } from '../../domain/operator'
import { amendedFaults, termsFaults } from '../../domain/promise'
import { newSecret } from '../deck/dealer'
import { type CampaignRecord, isTrusted, type Move } from '../ports'
import { byDate, type CampaignDeps, changeable, faulty, type Refusal, refusal, type Seen, subjectOf } from './access'

/** Changes of a campaign's life: one operator asks, another reviews (经办/复核). */

export interface AskInput {
  campaignId: string
  kind: AskedKind
  note: string | null
  amendment?: Amendment
  /** the revision that was looked at */
  revision: number
}

const ACTION: Record<AskedKind, string> = {
  launch: 'campaign.submit',
  resume: 'campaign.resume',
  end: 'campaign.end',
  amend: 'campaign.amend',
}

type Moved = { kind: 'moved' }

export async function askFor(deps: CampaignDeps, operator: Operator, input: AskInput): Promise<Moved | Refusal> {
  const { campaignId, kind, note, revision } = input
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  const at = deps.clock.now()
  const dates = { today: businessDate(at), startDate: found.record.startDate }
  const decision = ask(standing(found), kind, dates)
  if (decision.kind === 'refused')
    return refusal(decision.code, decision.code === 'start-passed' ? 'startDate' : undefined)
  const amendment = kind === 'amend' ? (input.amendment ?? {}) : null
  const fault = await promiseFault(deps, operator, found.record, { kind, amendment })
  if (fault) return fault
  const opens = newChange(deps, operator, { campaignId, kind, amendment, note, at })
  const said = { kind, changeId: opens.changeId, note, ...(amendment && { amendment }) }
  const move = moveOf(found, operator, { at, state: decision.state, action: ACTION[kind], said })
  const exclusive = kind === 'launch' || kind === 'amend' ? { amendment } : undefined
  return write(deps, { ...move, opens, ...(exclusive && { exclusive }) })
}

/** What waits for review from now on. */
export function newChange(
  { random }: Pick<CampaignDeps, 'random'>,
  { username: madeBy }: Operator,
  { at: madeAt, ...what }: Pick<Change, 'campaignId' | 'kind' | 'amendment' | 'note'> & { at: number },
): Change {
  const changeId = `H${Buffer.from(random(8)).toString('hex')}`
  const inForce = what.kind === 'pause'
  const unread = { state: 'open', reviewedBy: null, reviewedAt: null, reviewNote: null } as const
  return { changeId, ...what, inForce, madeBy, madeAt, ...unread }
}

export interface ReviewInput {
  campaignId: string
  verdict: 'approve' | 'reject'
  note: string | null
  revision: number
}

export async function reviewChange(
  deps: CampaignDeps,
  operator: Operator,
  input: ReviewInput,
): Promise<Moved | Refusal> {
  const { campaignId, verdict, note, revision } = input
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  const { record } = found
  const at = deps.clock.now()
  const dates = { today: businessDate(at), startDate: record.startDate }
  const decision = review(standing(found), verdict, operator.username, dates)
  if (decision.kind === 'refused') {
    if (decision.code === 'own-change') await logAttempt(deps, operator, record, verdict)
    return refusal(decision.code, decision.code === 'start-passed' ? 'startDate' : undefined)
  }
  const { changeId, kind, amendment } = record.open!
  const said = { kind, changeId, note }
  const releases = (kind === 'pause' && verdict === 'reject') || (kind === 'resume' && verdict === 'approve')
  const move: Move = {
    ...(releases && { releases }),
    ...moveOf(found, operator, { at, state: decision.state, action: `campaign.${verdict}`, said }),
    closes: { changeId, as: verdict === 'approve' ? 'approved' : 'rejected', by: operator.username, note },
  }
  if (verdict === 'reject' || (kind !== 'launch' && kind !== 'amend')) return write(deps, move)
  const fault = await promiseFault(deps, operator, record, record.open!)
  if (fault) return fault
  const secret = newSecret(deps, campaignId, at)
  const publishes: Move['publishes'] =
    kind === 'launch' ? { kind, secret } : { kind, amendment: amendment ?? {}, secret }
  return write(deps, { ...move, publishes, exclusive: { amendment } })
}

export async function withdrawChange(
  deps: CampaignDeps,
  operator: Operator,
  { campaignId, note, revision }: { campaignId: string; note: string | null; revision: number },
): Promise<Moved | Refusal> {
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  const { state, record } = found
  // a pause in force is nobody's to withdraw, so it is about what waits behind one
  const open = record.behind ?? record.open
  const decision = withdraw({ state, open }, operator.username)
  if (decision.kind === 'refused') return refusal(decision.code)
  const at = deps.clock.now()
  const { changeId, kind } = open!
  const said = { kind, changeId, note }
  const move = moveOf(found, operator, { at, state: decision.state, action: 'campaign.withdraw', said })
  return write(deps, { ...move, closes: { changeId, as: 'withdrawn', by: operator.username, note } })
}

export interface ReviewItem {
  record: CampaignRecord
  change: Change
  /** what approving it does */
  diff: FieldChange[]
  mayReview: boolean
}

/** What waits for review in the operator's sight: more than 200 nobody reads at once, and each leaves when it is decided. */
export async function reviewInbox(deps: CampaignDeps, operator: Operator): Promise<ReviewItem[]> {
  const today = businessDate(deps.clock.now())
  const { branchCode } = operator
  const { items } = await deps.campaigns.list({ branchCode, today, open: true, limit: 200 })
  return items.flatMap((record) => {
    const change = record.open
    if (!change) return []
    const mayReview =
      !isOwn(change, record.authors, operator.username) &&
      refuses(operator, 'review') === null &&
      mayChange(operator, record.branchCode) &&
      !(isBeyond(record, change) && (change.kind === 'launch' || change.kind === 'amend'))
    const diff = changeDiff(
      { ...change, amendment: amendmentSeen(change) },
      { ...record, state: stateOn(record, today) },
    )
    return [{ record, change, diff, mayReview }]
  })
}

/**
 * Persists what dates have started and ended; another process may do the same at once. How many it wrote: none on a doubtful
 * clock, since what has ended never starts again.
 */
export async function startAndEnd(deps: Pick<CampaignDeps, 'campaigns' | 'clock'>): Promise<number> {
  if (!isTrusted(deps.clock)) return 0
  const due = await deps.campaigns.overdue(businessDate(deps.clock.now()), 50)
  let count = 0
  for (const record of due) if ((await deps.campaigns.move(byDate(deps, record))).kind === 'moved') count++
  return count
}

const standing = ({ record, state }: Seen): Standing => ({ state, open: record.open, authors: record.authors })

/** Who reviews their own is refused, and it is seen that they tried. */
function logAttempt({ operators, clock }: CampaignDeps, { username }: Operator, record: CampaignRecord, verb: string) {
  const { changeId, kind } = record.open!
  const after = { verb, kind, code: 'own-change', changeId }
  return operators.logRefusal({
    at: clock.now(),
    username,
    action: 'campaign.refuse',
    subject: subjectOf(record.campaignId),
    after,
  })
}

function moveOf(
  { record, state: before }: Seen,
  operator: Operator,
  to: { at: number; state: Move['state']; action: string; said: object },
): Move {
  const { campaignId, revision } = record
  const { at, state: shown, action, said } = to
  const subject = subjectOf(campaignId)
  const state = storedAs(record, before, shown)
  const today = businessDate(at)
  const deed = {
    at,
    username: operator.username,
    action,
    subject,
    before: { state: before },
    after: { state: shown === before ? shown : stateOn({ ...record, state }, today), ...said },
  }
  return { campaignId, revision, state, at, today, deed }
}

/** That it is paused is its brake's to say: beneath that it is what it was, unless it was paused before there were brakes. */
function storedAs(record: CampaignRecord, before: CampaignState, shown: CampaignState): CampaignState {
  if (shown === before) return record.state
  return before === 'paused' && shown === 'running' && record.state !== 'paused' ? record.state : shown
}

async function write(deps: CampaignDeps, move: Move): Promise<Moved | Refusal> {
  const result = await deps.campaigns.move(move)
  switch (result.kind) {
    case 'moved':
      return { kind: 'moved' }
    case 'revision-changed':
      return refusal('revision-changed', 'If-Match')
    case 'priority-tie':
      return refusal('priority-tie', 'priority', `${result.name} (${result.campaignId}) at ${result.merchantCode}`)
  }
}

/**
 * Why a launch or an amendment can't be published, or not by them: a branch's people promise nothing at shops of another, whose cards are
 * paid from that one's account, and which they don't see.
 */
async function promiseFault(
  deps: CampaignDeps,
  operator: Operator,
  record: CampaignRecord,
  change: Pick<Change, 'kind' | 'amendment' | 'unseen'>,
): Promise<Refusal | undefined> {
  const { kind, amendment } = change
  if (kind !== 'launch' && kind !== 'amend') return undefined
  if (isBeyond(record, change))
    return refusal('branch-refused', 'merchantCodes', 'it reaches beyond the operator’s branch')
  return kind === 'launch' ? launchFault(deps, record) : amendFault(deps, operator, record, amendment)
}

/** It names merchants or budgets of other branches, or would from then on; which ones the branch isn't told. */
const isBeyond = ({ beyondBranch }: CampaignRecord, { unseen = [] }: Pick<Change, 'unseen'>) =>
  beyondBranch || unseen.length > 0

/** What can't be published: terms that can't be kept, or nobody to keep them to. */
function launchFault(deps: CampaignDeps, record: CampaignRecord): Refusal | undefined {
  const { merchantCount } = record
  const none = { field: 'merchantCodes', code: 'no-merchant', message: 'it names no merchant' }
  return faulty([...termsFaults(record, deps, merchantCount), ...(merchantCount === 0 ? [none] : [])])
}

async function amendFault(
  deps: CampaignDeps,
  operator: Operator,
  record: CampaignRecord,
  amendment: Amendment | null,
): Promise<Refusal | undefined> {
  if (!amendment) return undefined
  const codes = amendment.addMerchantCodes ?? []
  const known = await deps.campaigns.known(record.campaignId, codes, operator)
  const fault = amendmentFaults(record, amendment, new Set(known.named))[0]
  if (fault) return { ...refusal('not-favourable', fault.field, fault.message), reason: fault.code }
  const exist = new Set(known.exist)
  const unknown = codes.filter((code) => !exist.has(code))
  if (unknown.length > 0) return refusal('merchant-unknown', 'addMerchantCodes', unknown.slice(0, 10).join(', '))
  const added = new Set(codes).size - new Set(known.named).size
  return faulty(amendedFaults(record, amendment, added, deps))
}
