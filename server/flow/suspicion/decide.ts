import { addDays, businessDate } from '../../domain/business-date'
import type { RequestKind } from '../../domain/change'
import { OWN_CHANNEL } from '../../domain/channel'
import type { Operator } from '../../domain/operator'
import { newRefundNo } from '../../domain/refund'
import { type AskResult, askForChange, type ChangeDeps, type ChangeRefusal, logRefusal } from '../change/ask'
import type { Channels, ClawBackWish, HoldWish, Random, Suspicion, Suspicions } from '../ports'

/** What a person asks to have decided about a suspicion; another reviews it (I12). */

export interface DecideDeps extends ChangeDeps {
  suspicions: Suspicions
  channels: Channels
  random: Random
}

/** A year: longer is a typing error, or a matter for the merchant's contract. */
const LONGEST_HOLD_DAYS = 366

export type DecideResult =
  | AskResult
  | { kind: 'invalid'; code: 'suspicion-not-found' | 'until-invalid' | 'nobody-held' | 'channel-not-available' }

interface Asked {
  suspicionId: string
  note: string
}

/** Says that it is none. */
export async function askToDismiss(deps: DecideDeps, operator: Operator, asked: Asked): Promise<DecideResult> {
  const found = await deps.suspicions.find(asked.suspicionId)
  if (!found) return { kind: 'invalid', code: 'suspicion-not-found' }
  return ask(deps, operator, asked, 'farming.dismiss', { decision: 'dismissed', score: found.score })
}

/** Holds further discounts back, or lets them go again. What was quoted before is paid as it says. */
export async function askToHold(
  deps: DecideDeps,
  operator: Operator,
  asked: Asked & Pick<HoldWish, 'merchant' | 'payersOf' | 'until'>,
): Promise<DecideResult> {
  const found = await deps.suspicions.find(asked.suspicionId)
  if (!found) return { kind: 'invalid', code: 'suspicion-not-found' }
  const { merchant, payersOf, until } = asked
  const today = businessDate(deps.clock.now())
  if (until !== null && (until < today || until > addDays(today, LONGEST_HOLD_DAYS)))
    return { kind: 'invalid', code: 'until-invalid' }
  if (until !== null && !merchant && payersOf.length === 0) return { kind: 'invalid', code: 'nobody-held' }
  const wish: HoldWish = { ...placeOf(found), merchant, payersOf: [...new Set(payersOf)], until }
  return ask(deps, operator, asked, 'farming.hold', wish)
}

/** Claws the merchant's rewards of these orders back, each whole: what it still has of it. One that has none left refuses all. */
export async function askToClawBack(
  deps: DecideDeps,
  operator: Operator,
  asked: Asked & { orderNos: readonly string[] },
): Promise<DecideResult> {
  const found = await deps.suspicions.find(asked.suspicionId)
  if (!found) return { kind: 'invalid', code: 'suspicion-not-found' }
  if (!deps.channels.get(OWN_CHANNEL)?.refunds?.takesBack) return { kind: 'invalid', code: 'channel-not-available' }
  const place = placeOf(found)
  const orderNos = [...new Set(asked.orderNos)]
  const left = await deps.suspicions.clawable({ ...place, orderNos })
  const without = asked.orderNos.findIndex((orderNo) => !left.has(orderNo))
  if (without >= 0) return refused(deps, operator, asked, `orderNos.${without}`)
  const date = businessDate(deps.clock.now())
  const orders = orderNos.map((orderNo) => ({
    orderNo,
    refundNo: newRefundNo(date, deps.random(12)),
    fen: left.get(orderNo)!,
  }))
  const wish: ClawBackWish = { ...place, totalFen: orders.reduce((sum, { fen }) => sum + fen, 0), orders }
  return ask(deps, operator, asked, 'farming.claw-back', wish)
}

const placeOf = ({ campaignId, merchantCode }: Suspicion) => ({ campaignId, merchantCode })

function ask(deps: DecideDeps, operator: Operator, { suspicionId, note }: Asked, kind: RequestKind, after: unknown) {
  const subject = `suspicion/${suspicionId}`
  return askForChange(deps, operator, { kind, subject, branchCode: null, after, note })
}

/** Who tries to take a reward twice is in the log. */
async function refused(
  deps: DecideDeps,
  operator: Operator,
  { suspicionId }: Asked,
  field: string,
): Promise<ChangeRefusal> {
  const about = { kind: 'farming.claw-back' as const, subject: `suspicion/${suspicionId}`, verb: 'ask' }
  return { ...(await logRefusal(deps, operator, about, 'nothing-to-claw-back')), field }
}
