import type { Brake } from '../../domain/brake'
import { businessDate } from '../../domain/business-date'
import { heldState } from '../../domain/campaign'
import { pull } from '../../domain/campaign-life'
import { mayChange, type Operator } from '../../domain/operator'
import { type AskResult, askForChange, type ChangeDeps } from '../change/ask'
import type { Brakes, Catalog, Clock, HeldBrake, HeldMerchant, Random } from '../ports'
import { type Refusal, refusal, type Seen, seenOn, subjectOf } from './access'
import { newChange } from './review'

/**
 * The brake: any maker or checker stops discounts at once, of a campaign, at a merchant, or all of them, whatever else is open. It asks
 * for no revision, since stopping is right whatever has changed. Pulling one that is held changes nothing, unless it waits for review that it
 * be let go of: that is set back. What was quoted before is paid as it says. Letting go takes two people.
 */
export interface BrakeDeps {
  brakes: Brakes
  catalog: Catalog
  clock: Clock
  random: Random
}

/** Its pause waits for review before anything else of the campaign. */
export async function pauseCampaign(
  deps: BrakeDeps,
  operator: Operator,
  { campaignId, note }: { campaignId: string; note: string | null },
): Promise<Seen | Refusal> {
  const record = await deps.brakes.campaign(campaignId, operator)
  if (!record) return refusal('campaign-not-found')
  if (!mayChange(operator, record.branchCode)) return refusal('branch-refused')
  const at = deps.clock.now()
  const { state: before } = seenOn(record, businessDate(at))
  const decision = pull(before)
  if (decision.kind === 'refused') return refusal(decision.code)
  const opens = newChange(deps, operator, { campaignId, kind: 'pause', amendment: null, note, at })
  const subject = subjectOf(campaignId)
  const deed = {
    at,
    username: operator.username,
    action: 'campaign.pause',
    subject,
    before: { state: before },
    after: { state: heldState(before), kind: 'pause', changeId: opens.changeId, note },
  }
  await deps.brakes.pull({ subject, note, at, opens, deed })
  deps.catalog.forgetCampaigns?.()
  const after = (await deps.brakes.campaign(campaignId, operator)) ?? record
  return seenOn(after, businessDate(at))
}

export async function pauseMerchant(
  deps: BrakeDeps,
  operator: Operator,
  { merchantCode, note }: { merchantCode: string; note: string | null },
): Promise<Brake | 'merchant-not-found'> {
  if (!(await deps.brakes.merchant(merchantCode, operator))) return 'merchant-not-found'
  return hold(deps, operator, `merchant/${merchantCode}`, 'merchant.pause', note)
}

/** Everything stops. */
export const pauseAll = (deps: BrakeDeps, operator: Operator, note: string | null): Promise<Brake> =>
  hold(deps, operator, 'brake/all', 'brake.pull', note)

async function hold(
  deps: BrakeDeps,
  { username }: Operator,
  subject: Brake['subject'],
  action: string,
  note: string | null,
): Promise<Brake> {
  const at = deps.clock.now()
  const { brake } = await deps.brakes.pull({
    subject,
    note,
    at,
    deed: { at, username, action, subject, after: { note } },
  })
  deps.catalog.forgetCampaigns?.()
  return brake
}

/**
 * Asks for the discounts of a merchant, or of the house, to go on: another operator approves it. `revision`: of the pull that was looked
 * at; `no-brake`: nothing is held there.
 */
export async function askToResume(
  deps: BrakeDeps & ChangeDeps,
  operator: Operator,
  input: { merchantCode: string | null; note: string | null; revision: number },
): Promise<AskResult | 'merchant-not-found' | 'no-brake' | 'revision-changed'> {
  const { merchantCode, note, revision } = input
  const merchant = merchantCode === null ? null : await deps.brakes.merchant(merchantCode, operator)
  if (merchant === undefined) return 'merchant-not-found'
  const subject = merchantCode === null ? 'brake/all' : (`merchant/${merchantCode}` as const)
  const brake = await deps.brakes.find(subject)
  if (!brake) return 'no-brake'
  if (brake.revision !== revision) return 'revision-changed'
  const kind = merchantCode === null ? 'brake.release' : 'merchant.resume'
  const branchCode = merchant?.branchCode ?? null
  return askForChange(deps, operator, { kind, subject, branchCode, after: { held: false }, note })
}

/** More than that nobody holds one by one. */
const MOST_MERCHANTS = 200

export interface HeldNow {
  all: HeldBrake | null
  merchants: HeldMerchant[]
}

/** What is held, as far as the operator sees: everything, and merchants one by one. Campaigns say it themselves. */
export async function heldNow({ brakes }: Pick<BrakeDeps, 'brakes'>, operator: Operator): Promise<HeldNow> {
  const [all, merchants] = await Promise.all([brakes.find('brake/all'), brakes.heldMerchants(operator, MOST_MERCHANTS)])
  return { all: all ?? null, merchants }
}
