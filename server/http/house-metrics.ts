import { Gauge } from 'prom-client'
import type { Figures } from '../flow/report/figures'
import { registry } from '../sight/registry'

/** What is read for a scrape: of what we depend on, and of the books. Of the ledger's figures every process has the same: take the highest. */

const registers = [registry]

const up = new Gauge({
  name: 'fapai_dependency_up',
  help: '1 while it answers, as /readyz says; required: payments can’t go on without it',
  labelNames: ['dependency', 'required'],
  registers,
})
export function showDependencies(states: readonly { name: string; required: boolean; up: boolean }[]): void {
  for (const { name, required, up: is } of states)
    up.set({ dependency: name, required: required ? 'yes' : 'no' }, Number(is))
}

const figuresAt = new Gauge({
  name: 'fapai_figures_known',
  help: '1 while budgets and reconciliation could be read lately; without them their figures are missing, not nought',
  registers,
})
const budgetLeft = new Gauge({
  name: 'fapai_campaign_budget_left_ratio',
  help: 'Of campaigns that are on, the twenty with the least left: the part of the budget that is not committed to decks',
  labelNames: ['campaign'],
  registers,
})
const daysDue = new Gauge({
  name: 'fapai_reconciliation_days_due',
  help: 'By channel, days whose statement was due and that are not reconciled',
  labelNames: ['channel'],
  registers,
})
const unsettled = new Gauge({
  name: 'fapai_differences_unsettled',
  help: 'Differences that nobody has settled; 500 are 500 or more',
  registers,
})
/** Undefined: they couldn't be read. */
export function showFigures(figures: Figures | undefined): void {
  for (const gauge of [budgetLeft, daysDue]) gauge.reset()
  figuresAt.set(Number(figures !== undefined))
  unsettled.set(figures?.unsettled ?? Number.NaN)
  for (const { campaignId, leftRatio } of figures?.budgets ?? []) budgetLeft.set({ campaign: campaignId }, leftRatio)
  for (const { channel, daysDue: days } of figures?.reconciliation ?? []) daysDue.set({ channel }, days)
}

let readFeed: () => { ms: number; readers: number } = () => ({ ms: 0, readers: 0 })
export function watchFeedLag(read: typeof readFeed): void {
  readFeed = read
}
new Gauge({
  name: 'fapai_feed_lag_seconds',
  help: 'How long ago the live feed had told everything that was committed; 0 while nobody reads it',
  registers,
  collect() {
    this.set(readFeed().ms / 1_000)
  },
})
new Gauge({
  name: 'fapai_feed_readers',
  help: 'Pages that read the live feed in this process',
  registers,
  collect() {
    this.set(readFeed().readers)
  },
})
