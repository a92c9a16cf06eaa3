import { addDays, businessDate } from '../domain/business-date'
import type { Campaign } from '../domain/campaign'
import { OWN_CHANNEL, type WalletAccounts } from '../domain/channel'
import type { Merchant } from '../flow/ports'

/** The case's food street: twenty merchants in two branches, one campaign on all of them. */

const BRANCHES = [
  { branchCode: 'B01', branchName: '城南支行', glAccount: '6421-03' },
  { branchCode: 'B02', branchName: '城北支行', glAccount: '6421-07' },
]

const NAMES = [
  '老街牛肉面', '阿婆豆花', '张记锅贴', '江边烧烤', '巷口馄饨', '春和茶铺', '小满甜品', '大壮煎饼', '南门米线', '盐水鸭店',
  '陈家汤圆', '码头炒饭', '二姐凉皮', '石板烤鱼', '福满包子', '竹影奶茶', '红泥火锅', '西关肠粉', '山里酸汤', '月下小馆',
] // biome-ignore format: two rows of ten

/** M0001…M0020; odd numbers belong to the first branch, even ones to the second. */
export const merchants: Merchant[] = NAMES.map((name, i) => {
  const merchantCode = `M${String(i + 1).padStart(4, '0')}`
  return {
    merchantCode,
    name,
    ...BRANCHES[i % 2]!,
    account: `acct-${merchantCode}`,
    walletAccounts: walletAccountsOf(i + 1),
  }
})

/** Its number at each of the sandbox's wallets, as long as real ones; a wallet's sandbox knows them by {@link merchants}. */
function walletAccountsOf(n: number): WalletAccounts {
  const tail = String(n).padStart(4, '0')
  return { wechatpay: `190000${tail}`, alipay: `208810000000${tail}`, unionpay: `77729005814${tail}` }
}

/** A year of every deck at its dearest for all twenty would be ¥1.46 million; this pays for about seven weeks of typical ones. */
const BUDGET_FEN = 15_000_000

/** What a payer may use in a day, at a merchant and in all; the case leaves it open. */
const LIMITS = { maxPerPayerPerDay: 1, maxPerPayerPerCampaignDay: 3 }
/** For benches and scripts, whose few payers pay as many: each deck is used up by whoever comes. */
export const UNLIMITED = { maxPerPayerPerDay: null, maxPerPayerPerCampaignDay: null }

/** The case's campaign, running from today for sixty days. Figures from the case; the smallest card (¥1.00) is ours. */
export function campaign(
  nowMs: number,
  limits: Pick<Campaign, 'maxPerPayerPerDay' | 'maxPerPayerPerCampaignDay'> = LIMITS,
): Campaign {
  const startDate = businessDate(nowMs)
  return {
    campaignId: 'food-street',
    version: 1,
    name: '美食街扫码立减',
    organiser: '发牌示范银行',
    state: 'running',
    startDate,
    endDate: addDays(startDate, 59),
    rule: {
      thresholdFen: 1_000,
      slots: 20,
      minFen: 100,
      maxFen: 1_000,
      bandMinFen: 700,
      bandMaxFen: 900,
      bandPercent: 80,
      payerPercent: 50,
    },
    budgetFen: BUDGET_FEN,
    dailyBudgetFen: null,
    windows: [],
    ...limits,
    channels: [OWN_CHANNEL],
  }
}
