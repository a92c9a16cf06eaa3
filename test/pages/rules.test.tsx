import type { RulesView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import RulesPage from '../../src/pages/rules/index'
import { fake } from '../support/taro'
import { bff, problem, TODAYS } from '../support/taro-bff'

const RULES: RulesView = {
  campaignId: 'c1',
  campaignName: '美食街随机立减',
  headline: '满10元最高减5元',
  startDate: '2026-11-01',
  endDate: '2026-12-31',
  sections: [
    { title: '活动对象', lines: ['用本行账户付款的顾客。'] },
    { title: '优惠内容', lines: ['满 10 元随机立减。', '每家商户每天 20 份。'] },
  ],
  secretCommitment: `s1.${'cd'.repeat(32)}`,
  odds: {
    ...{
      meanFen: 386.5,
      inBand: 0.8,
      outside: 0.2,
      leastFen: 50,
      leastChance: 0.0002,
      mostFen: 500,
      mostChance: 0.00001,
    },
    bars: [
      { fromFen: 50, toFen: 249, chance: 0.1 },
      { fromFen: 250, toFen: 449, chance: 0.8 },
      { fromFen: 450, toFen: 500, chance: 0.1 },
    ],
  },
  today: { slotsToday: 20, remainingToday: 12, reason: null, availableAt: null },
  deckToday: { businessDate: '2026-11-20', commitment: 'ab'.repeat(32), dealtAt: '2026-11-19T16:00:05.000Z' },
}

beforeEach(() => {
  fake.reset()
  fake.params = { merchant: 'M0001' }
})
afterEach(cleanup)

async function open(answer: Parameters<typeof bff>[0][string]) {
  fake.answer = bff({ 'GET /api/merchants/M0001/rules': answer })
  await act(async () => void render(<RulesPage />))
}

describe('活动规则', () => {
  it('shows the disclosure of the server, line by line, and the commitment of the deck', async () => {
    await open(() => ({ data: RULES }))
    expect(document.querySelector('.rules__head')?.textContent).toBe(
      '满10元最高减5元美食街随机立减 · 2026-11-01 至 2026-12-31今日还剩 12 份',
    )
    expect([...document.querySelectorAll('.rules__section')].map((section) => section.textContent)).toEqual([
      '活动对象用本行账户付款的顾客。',
      '优惠内容满 10 元随机立减。每家商户每天 20 份。',
      '咨询与投诉优惠和活动的事问主办方；饭菜、货品和退款的事问店家对付款有疑问，请联系南城银行投诉：拨打上面的电话转 2，15 天内答复021-9550 5555',
      '您可能省多少平均每笔约 ¥3.87，每笔 ¥0.50–¥5.00；省到最高 ¥5.00 的机会不到 0.01%80%¥0.50¥5.00由活动规则直接算出，每一份的机会都一样',
      `整个活动的凭证每天的优惠金额都由一把密钥排出，下面是它的凭证（承诺值），活动批准时就已公布。活动结束后公开密钥，谁都可以核对金额没有挑选过。s1.${'cd'.repeat(32)}`,
      `今天的凭证2026-11-20 的优惠金额已在 2026-11-20 00:00:05 全部排好，下面是它们的凭证（承诺值）。当天结束后公开金额和排出它们的随机数（种子），谁都可以核对没有改过。${'ab'.repeat(32)}`,
    ])
  })

  it('draws the odds, and says them to whoever cannot see the picture', async () => {
    await open(() => ({ data: RULES }))
    const heights = [...document.querySelectorAll<HTMLElement>('.odds__bar')].map((bar) => bar.style.height)
    expect(heights).toEqual(['13%', '100%', '13%'])
    expect(document.querySelector('.odds')?.getAttribute('aria-label')).toBe(
      '顾客立减金额的概率分布：¥0.50 到 ¥2.49，10%；¥2.50 到 ¥4.49，80%；¥4.50 到 ¥5.00，10%',
    )
  })

  it.each(TODAYS)('says what can be given: %s', async (words, today) => {
    await open(() => ({ data: { ...RULES, today: { slotsToday: 20, ...today } } }))
    expect(document.querySelector('.rules__today')?.textContent).toBe(words)
  })

  it('has no commitment before a deck is dealt', async () => {
    await open(() => ({ data: { ...RULES, deckToday: null, secretCommitment: null } }))
    expect(document.querySelector('.rules__code')).toBeNull()
  })

  it('leads to the verification of past days, in a browser and not in WeChat', async () => {
    await open(() => ({ data: RULES }))
    const toVerify = () => screen.queryByRole('button', { name: '核对往日的优惠金额' })
    expect(toVerify()).toBeNull()
    cleanup()
    process.env.TARO_ENV = 'h5'
    try {
      await open(() => ({ data: RULES }))
      await act(async () => void fireEvent.click(toVerify()!))
      expect(fake.visits).toEqual(['navigateTo /pages/verify/index?campaign=c1&merchant=M0001'])
    } finally {
      delete process.env.TARO_ENV
    }
  })

  it('says that there is no campaign', async () => {
    await open(() => problem(404, 'rules-not-found'))
    expect(document.querySelector('.page')?.textContent).toBe('规这家商户没有活动')
  })
})
