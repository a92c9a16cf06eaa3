import type { CampaignBook } from '../../../flow/ports'
import type { DeedLog } from '../deed/log'
import type { Sql } from '../open-sql'
import { lastRejected, reviewLists } from './compare'
import { campaignDay, campaignHistory, campaignOverlaps, campaignPaces } from './day'
import { campaignMerchants, drawCandidates, knownCodes } from './merchants'
import { moveCampaign } from './move'
import { campaignBudgets, findCampaign, listCampaigns, overdueCampaigns } from './rows'
import { createCampaign, dropCampaign, editCampaign, importList } from './write'

const NO_PACE = { costFen: 0, spentFen: 0, days: 0 }

/** The {@link CampaignBook} on PostgreSQL. */
export function sqlCampaigns(sql: Sql, deeds: DeedLog): CampaignBook {
  return {
    create: (input) => createCampaign(sql, deeds, input),
    edit: (input) => editCampaign(sql, deeds, input),
    drop: (input) => dropCampaign(sql, deeds, input),
    replaceList: (input) => importList(sql, deeds, input),
    rejected: (campaignId) => lastRejected(sql, campaignId),
    reviewLists: (query) => reviewLists(sql, query),
    move: (move) => moveCampaign(sql, deeds, move),
    candidates: (campaignId, sight, days) => drawCandidates(sql, campaignId, sight, days),
    find: (campaignId, sight) => findCampaign(sql, campaignId, sight),
    list: (filter) => listCampaigns(sql, filter),
    known: (campaignId, codes, sight) => knownCodes(sql, campaignId, codes, sight),
    history: (campaignId) => campaignHistory(sql, campaignId),
    overlaps: (campaignId, today, sight) => campaignOverlaps(sql, campaignId, today, sight),
    day: (campaignId, date, sight) => campaignDay(sql, campaignId, date, sight),
    pace: async (campaignId, today, days) =>
      (await campaignPaces(sql, [campaignId], today, days)).get(campaignId) ?? NO_PACE,
    merchants: (query) => campaignMerchants(sql, query),
    overdue: (today, limit) => overdueCampaigns(sql, today, limit),
    budgets: (date, limit) => campaignBudgets(sql, date, limit),
  }
}
