import type { MerchantSummaryView } from '@contract'
import { Box } from '../../components/base'

type Campaign = NonNullable<MerchantSummaryView['campaign']>
type Reason = NonNullable<MerchantSummaryView['today']>['reason']

interface CampaignNoteProps {
  campaign: Campaign
  reason: Reason
  today: string
}

/** To a shop: which campaign is on, until when, and what it means that it is stopped. */
export function CampaignNote({ campaign, reason, today }: CampaignNoteProps) {
  const stopped = stoppedWords(reason, campaign.paused)
  return (
    <Box className="campaign-note">
      <Box className="campaign-note__name">{campaign.name}</Box>
      <Box className="campaign-note__days">{periodWords(campaign, reason, today)}</Box>
      {stopped && <Box className="campaign-note__stopped">{stopped}</Box>}
    </Box>
  )
}

/** From here on its days are counted. */
const SOON_DAYS = 7

/** `最后一天是 12 月 1 日，还有 3 天` */
export function periodWords({ startDate, endDate }: Omit<Campaign, 'paused'>, reason: Reason, today: string): string {
  if (today < startDate) return `${dayWords(startDate, today)}开始，最后一天是 ${dayWords(endDate, today)}`
  if (today > endDate) return `${dayWords(endDate, today)}已结束`
  // by the bank, before its last day
  if (reason === 'campaign-ended') return '已提前结束'
  const left = daysBetween(today, endDate) + 1
  const counted = left === 1 ? '，就是今天' : left <= SOON_DAYS ? `，连今天还有 ${left} 天` : ''
  return `最后一天是 ${dayWords(endDate, today)}${counted}`
}

const MEANS = '现在付款没有立减和奖励，收款照常到账'

/** What a stop means to a shop. Who at the bank stopped it, and in which words, is the bank's to tell. */
function stoppedWords(reason: Reason, paused: Campaign['paused']): string {
  if (reason === 'campaign-paused' && paused === 'shop') return `银行暂停了本店的优惠，原因请问归属网点。${MEANS}`
  if (reason === 'campaign-paused' && paused === 'campaign') return `银行暂停了活动，参加的店都一样。${MEANS}`
  if (reason === 'campaign-paused') return `活动暂停中。${MEANS}`
  if (reason === 'budget-exhausted') return `活动经费用完了。${MEANS}`
  if (reason === 'not-eligible') return MEANS
  return ''
}

/** How many days the second date is after the first; negative before it. */
function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000
}

/** `2026-12-01` → `12 月 1 日`, with its year where that isn't `today`'s. */
function dayWords(date: string, today: string): string {
  const [year, month, day] = date.split('-').map(Number)
  return `${date.slice(0, 4) === today.slice(0, 4) ? '' : `${year} 年 `}${month} 月 ${day} 日`
}
