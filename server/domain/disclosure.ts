import { type Campaign, headline, maxPayerDiscountFen } from './campaign'
import { CHANNEL_LABELS, CHANNELS, type ChannelName } from './channel'
import { plainYuan, splitDiscount } from './money'
import { type Odds, oddsOf } from './odds'
import { bandCount, largestCard, smallestCard } from './rule'
import { windowsWords } from './window'

export interface Section {
  title: string
  lines: string[]
}

type Disclosed = Pick<
  Campaign,
  | 'rule'
  | 'startDate'
  | 'endDate'
  | 'windows'
  | 'dailyBudgetFen'
  | 'maxPerPayerPerDay'
  | 'maxPerPayerPerCampaignDay'
  | 'channels'
  | 'organiser'
>

/**
 * The disclosure that 规范促销行为暂行规定 (2020-12-01) asks for before a prize promotion starts — organiser, period,
 * conditions, amounts, quantity and odds — derived from the campaign's parameters, so it can't differ from what is dealt.
 */
export function disclosure(campaign: Disclosed): Section[] {
  const { rule } = campaign
  const payer = (discountFen: number) => plainYuan(splitDiscount(discountFen, rule.payerPercent).payerFen)
  const inBand = bandCount(rule)
  return [
    { title: '主办方', lines: [campaign.organiser] },
    { title: '活动时间', lines: timeLines(campaign) },
    { title: '参与条件', lines: conditionLines(campaign) },
    {
      title: '优惠金额',
      lines: [
        `${headline(rule)}：每份优惠总额 ${plainYuan(smallestCard(rule))}–${plainYuan(largestCard(rule))} 元，其中 ${rule.payerPercent}% 立减给顾客，${100 - rule.payerPercent}% 奖励给商户`,
        `顾客每笔立减 ${payer(smallestCard(rule))}–${plainYuan(maxPayerDiscountFen(rule))} 元，分到零头时归顾客`,
      ],
    },
    {
      title: '数量与概率',
      lines: [
        ...quantityLines(campaign),
        '活动经费用尽时，商户当日的份数会减少，或者没有；已经排定的份数不变',
        `每家商户每日至少 ${inBand} 份的优惠总额在 ${plainYuan(rule.bandMinFen)}–${plainYuan(rule.bandMaxFen)} 元之间（顾客立减 ${payer(rule.bandMinFen)}–${payer(rule.bandMaxFen)} 元）`,
        ...oddsLines(oddsOf(rule)),
        '金额在每日开始前由系统随机排定并洗牌，按付款先后依次发放，每份出现在各个位置的机会相同',
      ],
    },
    {
      title: '如何保证公平',
      lines: [
        '当天的全部优惠金额像一副洗好的牌，付款前就排好了，同时公布一串凭证（承诺值，SHA-256）：金额改动一分，凭证就对不上。付款前后都会告诉您',
        '当日结束后公开全部金额和排出它们的随机数（种子），活动结束后公开活动密钥（它的凭证在活动批准时就已公布）：任何人都可以核对金额没有挑选过，也没有中途更改',
      ],
    },
    {
      title: '退款与暂停',
      lines: [
        '店家退款时，您实际付的钱按原路退回；部分退款的，按您实际付的钱退，优惠不另外退给您。退款后，用过的这份优惠不再补发',
        '主办方可以暂停活动，暂停时付款页面会写明。暂停前已为您保留的优惠，在保留时间内付款仍然有效',
      ],
    },
    {
      title: '其他说明',
      lines: [
        '优惠金额为您保留至页面提示的时间，逾期退回名额池。每位顾客同时保留的未付款优惠，和当日在同一商户保留的时间都有上限',
        '未付款的优惠异常增多时，付款前可能只显示立减金额的范围，付款时揭晓',
        '优惠由商户归属网点承担，付款时实时抵扣，不兑换现金',
      ],
    },
  ]
}

function conditionLines({
  rule,
  channels,
  maxPerPayerPerDay: here,
  maxPerPayerPerCampaignDay: inAll,
}: Disclosed): string[] {
  const words = (names: readonly ChannelName[]) => names.map((name) => CHANNEL_LABELS[name]).join('、')
  const others = CHANNELS.filter((name) => !channels.includes(name))
  const unlimited = here === null && inAll === null
  return [
    `在活动商户扫收款码，选择${words(channels)}付款`,
    `单笔订单满 ${plainYuan(rule.thresholdFen)} 元`,
    ...(unlimited ? ['每位顾客不限次数，以商户当日名额为限'] : []),
    ...(here === null ? [] : [`每位顾客在同一商户每日最多享受 ${here} 次`]),
    ...(inAll === null ? [] : [`每位顾客在所有活动商户每日合计最多享受 ${inAll} 次`]),
    ...(unlimited ? [] : ['同一个人用不同的登录方式或同一银行账户付款，次数合并计算']),
    ...(others.length > 0 ? [`用${words(others)}付款的，不享受本活动优惠`] : []),
  ]
}

function quantityLines({ rule, windows, dailyBudgetFen }: Disclosed): string[] {
  const day = windows.length > 0 ? '每个活动日' : '每日'
  const whole = `每家商户${day} ${rule.slots} 份，用完即止`
  if (dailyBudgetFen === null) return [whole]
  const most = `以 ${plainYuan(dailyBudgetFen)} 元为限（每份按可能的最高金额计）`
  return [whole, `所有商户${day}的份数合计${most}，达到以后其余商户当日没有份数`]
}

/** When a payment may have a card; what is over at midnight has cards of the next day. */
function timeLines({ startDate, endDate, windows }: Pick<Campaign, 'startDate' | 'endDate' | 'windows'>): string[] {
  if (windows.length === 0) return [`${startDate} 至 ${endDate}，每日 0:00–24:00（北京时间）`]
  return [
    `${startDate} 至 ${endDate}，${windowsWords(windows)}（北京时间）`,
    '其余时间付款不享受本活动优惠；份数按自然日计，零点以后是新一天的',
  ]
}

/** The odds that the rules ask for; the picture of them is the page's. */
function oddsLines(odds: Odds): string[] {
  const most = `最高 ${plainYuan(odds.mostFen)} 元（${chanceWords(odds.mostChance)}）`
  const least = `最少 ${plainYuan(odds.leastFen)} 元（${chanceWords(odds.leastChance)}）`
  const band = `每一份落在上述区间的概率为 ${percentWords(odds.inBand)}，在区间以外的为 ${percentWords(odds.outside)}`
  return [
    ...(odds.outside > 0 ? [band] : []),
    `顾客每笔平均立减约 ${plainYuan(Math.round(odds.meanFen))} 元，${least}，${most}`,
  ]
}

const chanceWords = (chance: number) => (chance < 0.000_1 ? '概率不到 0.01%' : `概率约 ${percentWords(chance)}`)
/** Two decimals at the most. */
const percentWords = (chance: number) => `${Math.round(chance * 10_000) / 100}%`
