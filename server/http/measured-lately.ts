import { businessDate } from '../domain/business-date'
import type { EffectBooks, Effects, ReportScope } from '../flow/ports'
import type { HttpDeps } from './deps'
import { lately } from './remembered'

/** As of the end of yesterday: what changes it later, a payment that was unknown or a merchant that joins, is in it within a minute of a look. */
const FRESH_MS = 60_000
const KEPT_MS = 60 * FRESH_MS
/** Of so many campaigns and branches what was counted is kept. */
const KEPT = 40

/** What a campaign that has begun is measured by, which is dear; `forget` it when the books change by an operator's hand. */
export function measuredLately({ desk, clock, elapsed }: HttpDeps) {
  const { effects } = desk
  const known = new Map<string, () => Promise<EffectBooks>>()
  const measure: Effects['measure'] = (scope, stretches) => {
    if (stretches.looks.at(-1)! >= businessDate(clock.now())) return effects.measure(scope, stretches)
    const key = JSON.stringify([scope.campaignId, scope.branchCode, stretches])
    const found = known.get(key) ?? lately(FRESH_MS, KEPT_MS, elapsed, () => effects.measure(scope, stretches))
    if (known.size >= KEPT && !known.has(key)) known.clear()
    known.set(key, found)
    return found()
  }
  return {
    desk: { effects: { planned: (scope: ReportScope) => effects.planned(scope), measure } },
    forget: () => known.clear(),
  }
}
export type Lately = ReturnType<typeof measuredLately>
