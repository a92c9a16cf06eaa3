import type { MerchantSummaryView } from '@contract'
import { cleanup, render } from '@testing-library/react'
import { CampaignNote, periodWords } from '../../src/pages/merchant/campaign-note'
import { summaryOf, TODAYS } from '../support/taro-bff'

afterEach(cleanup)

const campaign = summaryOf().campaign!
type Reason = NonNullable<MerchantSummaryView['today']>['reason']

function shown(reason: Reason, paused: typeof campaign.paused = null) {
  render(<CampaignNote campaign={{ ...campaign, paused }} reason={reason} today="2026-11-29" />)
  const text = document.querySelector('.campaign-note')?.textContent
  cleanup()
  return text
}

it('a shop sees the campaign and its last day', () => {
  expect(shown(null)).toBe('美食街随机立减最后一天是 12 月 31 日')
})

it.each([
  ['2026-12-05', '2026-11-29', '最后一天是 12 月 5 日，连今天还有 7 天'],
  ['2026-12-06', '2026-11-29', '最后一天是 12 月 6 日'],
  ['2026-11-29', '2026-11-29', '最后一天是 11 月 29 日，就是今天'],
  ['2027-01-01', '2026-12-31', '最后一天是 2027 年 1 月 1 日，连今天还有 2 天'],
  ['2026-11-28', '2026-11-29', '11 月 28 日已结束'],
  ['2026-12-31', '2026-10-31', '11 月 1 日开始，最后一天是 12 月 31 日'],
])('a campaign until %s reads on %s: %s', (endDate, now, words) =>
  expect(periodWords({ ...campaign, endDate }, null, now)).toBe(words),
)

it('one that was ended before its last day has none to come', () => {
  expect(periodWords(campaign, 'campaign-ended', '2026-11-29')).toBe('已提前结束')
})

it('what is stopped is told with what it means, and only that', () => {
  const stopped = TODAYS.filter(([, { reason }]) => shown(reason)!.includes('收款照常到账')).map(([words]) => words)
  expect(stopped).toEqual(['活动暂停中', '活动经费已用完'])
})

it('who may know hears whether it is this shop or everywhere', () => {
  const means = '现在付款没有立减和奖励，收款照常到账'
  expect(shown('campaign-paused')).toContain(`活动暂停中。${means}`)
  expect(shown('campaign-paused', 'campaign')).toContain(`银行暂停了活动，参加的店都一样。${means}`)
  expect(shown('campaign-paused', 'shop')).toContain(`银行暂停了本店的优惠，原因请问归属网点。${means}`)
})
