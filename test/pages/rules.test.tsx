import type { RulesView } from '@contract'
import { act, cleanup, fireEvent, render } from '@testing-library/react'
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
      `今日牌组承诺2026-11-20 的优惠金额已在 2026-11-20 00:00:05 定好，下面是种子的 SHA-256。当日结束后公布种子，任何人都可以核对。${'ab'.repeat(32)}`,
    ])
  })

  it.each(TODAYS)('says what can be given: %s', async (words, today) => {
    await open(() => ({ data: { ...RULES, today: { slotsToday: 20, ...today } } }))
    expect(document.querySelector('.rules__today')?.textContent).toBe(words)
  })

  it('has no commitment before a deck is dealt', async () => {
    await open(() => ({ data: { ...RULES, deckToday: null } }))
    expect(document.querySelector('.rules__code')).toBeNull()
  })

  it('leads to the verification of past days, in a browser and not in WeChat', async () => {
    await open(() => ({ data: RULES }))
    expect(document.querySelector('button')).toBeNull()
    cleanup()
    process.env.TARO_ENV = 'h5'
    try {
      await open(() => ({ data: RULES }))
      await act(async () => void fireEvent.click(document.querySelector('button')!))
      expect(fake.visits).toEqual(['navigateTo /pages/verify/index?campaign=c1&merchant=M0001'])
    } finally {
      delete process.env.TARO_ENV
    }
  })

  it('says that there is no campaign', async () => {
    await open(() => problem(404, 'no-campaign'))
    expect(document.querySelector('.page')?.textContent).toBe('规这家商户没有活动')
  })
})
