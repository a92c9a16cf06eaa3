import { addDays, businessDate } from '../../domain/business-date'
import { drawCommitment, drawControls, drawSeed, listHash } from '../../domain/draw-controls'
import type { DeckKeys } from '../../domain/key-ring'
import type { Operator } from '../../domain/operator'
import { type CampaignDeps, changeable, type Refusal, refusal, subjectOf, written } from './access'

/** A merchant's turnover is of so many days. */
const TURNOVER_DAYS = 30

/**
 * Draws the merchants of a draft that are left out to compare with, `percent` of all it names so far, and so the others that take part
 * (docs/decisions/0054). The deed has the seed's commitment and the hash of what was drawn from; who has the campaign's secret,
 * as an auditor has, draws the same. Drawn lists stay drawn until somebody edits one.
 */
export async function drawControlMerchants(
  deps: CampaignDeps & DeckKeys,
  operator: Operator,
  campaignId: string,
  revision: number,
  percent: number,
): Promise<{ kind: 'written' } | Refusal> {
  const found = await changeable(deps, operator, campaignId, revision)
  if ('kind' in found) return found
  if (found.state !== 'draft') return refusal('not-a-draft')
  const at = deps.clock.now()
  const to = addDays(businessDate(at), -1)
  const turnover = { from: addDays(to, 1 - TURNOVER_DAYS), to }
  const candidates = await deps.campaigns.candidates(campaignId, operator, turnover)
  const hash = listHash(candidates)
  const seed = drawSeed(deps.campaignSecret(campaignId)!, campaignId, hash, percent)
  const controlCodes = drawControls(candidates, percent, seed)
  if (controlCodes.length === 0)
    return refusal('campaign-faulty', 'percent', `${percent} % of ${candidates.length} merchants are none`)
  const drawn = new Set(controlCodes)
  const merchantCodes = candidates.map(({ merchantCode }) => merchantCode).filter((code) => !drawn.has(code))
  const draw = { percent, listHash: hash, commitment: drawCommitment(seed), keyId: deps.deckKeyId }
  const deed = {
    at,
    username: operator.username,
    action: 'campaign.draw',
    subject: subjectOf(campaignId),
    after: { ...draw, merchants: merchantCodes.length, controls: controlCodes.length },
  }
  const lists = { merchantCodes, controlCodes, branchCode: operator.branchCode }
  const edit = { campaignId, revision: found.record.revision, terms: {}, ...lists, draw, at, deed }
  const result = await deps.campaigns.edit(edit)
  return result.kind === 'written' ? result : written(result)
}
