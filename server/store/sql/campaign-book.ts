import type { CampaignBook } from '../../flow/ports'
import { campaignDay, campaignHistory, campaignOverlaps, campaignPace } from './campaign-day'
import { campaignMerchants, knownCodes } from './campaign-merchants'
import { moveCampaign } from './campaign-move'
import { findCampaign, listCampaigns, overdueCampaigns } from './campaign-rows'
import { createCampaign, editCampaign, importList } from './campaign-write'
import type { DeedLog } from './deed-log'
import type { Sql } from './open-sql'

/** The {@link CampaignBook} on PostgreSQL. */
export function sqlCampaigns(sql: Sql, deeds: DeedLog): CampaignBook {
  return {
    create: (input) => createCampaign(sql, deeds, input),
    edit: (input) => editCampaign(sql, deeds, input),
    replaceList: (input) => importList(sql, deeds, input),
    move: (move) => moveCampaign(sql, deeds, move),
    find: (campaignId, sight) => findCampaign(sql, campaignId, sight),
    list: (filter) => listCampaigns(sql, filter),
    known: (campaignId, codes, sight) => knownCodes(sql, campaignId, codes, sight),
    history: (campaignId) => campaignHistory(sql, campaignId),
    overlaps: (campaignId, today, sight) => campaignOverlaps(sql, campaignId, today, sight),
    day: (campaignId, date, sight) => campaignDay(sql, campaignId, date, sight),
    pace: (campaignId, today, days) => campaignPace(sql, campaignId, today, days),
    merchants: (query) => campaignMerchants(sql, query),
    overdue: (today, limit) => overdueCampaigns(sql, today, limit),
  }
}
