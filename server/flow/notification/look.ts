import { businessDate, DAY_MS, endOfBusinessDate } from '../../domain/business-date'
import { daysLeft, runsShort } from '../campaign/days-left'
import { type Clock, type Desk, isTrusted, type NewNotification, type Reconciliations } from '../ports'
import { type ListedDay, listDays } from '../reconcile/due'
import { reconciledChannels, type SourceDeps, sourceOf } from '../reconcile/source'
import { budgetPaces } from '../report/today'

export interface LookDeps extends SourceDeps {
  desk: Pick<Desk, 'today' | 'notifications'>
  reconciliations: Pick<Reconciliations, 'days' | 'firstDay'>
  clock: Clock
}

/** Days that are looked at again: statements come late, are fetched by hand after a holiday, and are issued anew. */
const LOOKED_DAYS = 14
/** A statement that comes so much later than it is due is somebody's to ask for. */
const LATE_MS = 6 * 3_600_000
const KEPT_MS = 90 * DAY_MS
const PRUNED = 1_000
const CAMPAIGNS = 2_000

/**
 * Looks for what nobody does and the books show: budgets that end before their campaign, and days that didn't close. Each is told once,
 * a budget anew when it was changed. Takes away what is long past.
 */
export async function lookForNews(deps: LookDeps): Promise<'done'> {
  // A doubtful clock might make a day late that isn't.
  if (!isTrusted(deps.clock)) return 'done'
  const found = [...(await lowBudgets(deps)), ...(await openDays(deps))]
  await deps.desk.notifications.add(found)
  await deps.desk.notifications.prune(deps.clock.now() - KEPT_MS, PRUNED)
  return 'done'
}

async function lowBudgets(deps: LookDeps): Promise<NewNotification[]> {
  const at = deps.clock.now()
  const today = businessDate(at)
  const asked = { branchCode: null, dates: [], today, stuckBefore: 0, limit: CAMPAIGNS }
  const [{ campaigns }, paces] = await Promise.all([deps.desk.today.read(asked), budgetPaces(deps)])
  return campaigns.flatMap((one): NewNotification[] => {
    const { campaignId, name, budgetFen, endDate } = one
    const left = daysLeft(one, paces.get(campaignId), today)
    if (!runsShort(one, left, today)) return []
    return [
      {
        key: `budget/${campaignId}/${budgetFen}/${endDate}`,
        topic: 'budget',
        subject: `campaign/${campaignId}`,
        at,
        content: { kind: 'budget-low', name, daysLeft: left!, endDate },
        campaignId,
      },
    ]
  })
}

async function openDays(deps: LookDeps): Promise<NewNotification[]> {
  const days = await Promise.all(
    reconciledChannels(deps).map((channel) => listDays(deps, channel, undefined, LOOKED_DAYS)),
  )
  return days.flat().flatMap((day) => newsOf(deps, day))
}

function newsOf(deps: LookDeps, { channel, date, state, openCount, waitingCount }: ListedDay): NewNotification[] {
  const at = deps.clock.now()
  const fromMs = sourceOf(deps, channel)?.reconcileFromMs ?? null
  const isLate = fromMs !== null && at - endOfBusinessDate(date) - fromMs >= LATE_MS
  if (state !== 'differences' && !(state === 'missing' && isLate)) return []
  const count = (openCount ?? 0) + (waitingCount ?? 0)
  return [
    {
      key: `reconciliation/${channel}/${date}/${state}`,
      topic: 'reconciliation',
      subject: `reconciliation/${channel}/${date}`,
      at,
      content: { kind: 'reconciliation-open', channel, date, state, count },
      campaignId: null,
    },
  ]
}
