import { z } from 'zod'
import type { Refusal } from '../../../flow/campaign/access'
import { campaignDetail } from '../../../flow/campaign/campaigns'
import { campaignId } from '../../contract'
import type { HttpDeps } from '../../deps'
import { presentDetail } from '../../present/campaign'
import { HttpProblem, type ProblemCode } from '../../problem'
import type { Actor, ReplyHeaders } from '../../route'

/** What the routes of campaigns share. */

export const campaignParams = z.object({ id: campaignId })

/** The result, or its refusal as a problem. */
export function orProblem<T extends object>(result: T | Refusal): T {
  const refused = result as Partial<Refusal>
  if (refused.kind !== 'refused') return result as T
  const { code, field, detail, reason } = refused as Refusal
  throw new HttpProblem(code satisfies ProblemCode, { field, detail, ...(reason && { reason }) })
}

/** The campaign as it is after whatever was done, with its ETag. */
export async function answerDetail(
  deps: HttpDeps,
  operator: Extract<Actor, { kind: 'operator' }>,
  campaignId: string,
  reply: (headers: ReplyHeaders) => void,
) {
  const detail = orProblem(await campaignDetail(deps, operator, campaignId))
  reply({ etag: detail.record.revision })
  return presentDetail(detail)
}
