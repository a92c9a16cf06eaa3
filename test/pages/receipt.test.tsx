import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import ResultPage from '../../src/pages/result/index'
import { host } from '../../src/platform/host'
import { fake } from '../support/taro'
import { bff, orderOf } from '../support/taro-bff'

const ORDER = 'GET /api/orders/F20261120-7K3M-92QX-4T8B'

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { orderNo: 'F20261120-7K3M-92QX-4T8B' }
})

afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))

async function open(order: Parameters<typeof bff>[0][string]) {
  fake.answer = bff({ [ORDER]: order })
  render(<ResultPage />)
  await pass(0)
}

const verdict = () => document.querySelector('.verdict')?.textContent

describe('what a payer does with a receipt', () => {
  const press = async (name: string) => {
    fireEvent.click(screen.getByRole('button', { name }))
    await pass(0)
  }
  const forShop = () => screen.queryByRole('dialog')?.textContent

  it('is held up for the shop: what it asked for first, over a clock that runs, and put away by Escape too', async () => {
    jest.setSystemTime(Date.parse('2026-11-20T04:10:05.000Z'))
    await open(() => ({ data: orderOf({ refundedFen: 1_000 }) }))
    await press('给店家看')
    const said = (now: string) =>
      `已付款¥100.00老街牛肉面顾客付 ¥95.00，银行补 ¥5.00，另奖励店家 ¥5.00其中已退给顾客 ¥10.002026-11-20 12:08:31 付款，订单尾号 4T8B现在 ${now}以店家自己的收款记录为准关闭`
    expect(forShop()).toBe(said('12:10:05'))
    await pass(2_000)
    expect(forShop()).toBe(said('12:10:07'))
    fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' })
    await pass(0)
    expect(forShop()).toBeUndefined()
    await press('给店家看')
    await press('关闭')
    expect(forShop()).toBeUndefined()
  })

  it('is shared in words: no link, and nothing of the account', async () => {
    const share = jest.fn<ReturnType<NonNullable<typeof host.share>>, [string]>(async () => 'copied')
    const before = host.share
    host.share = share
    await open(() => ({ data: orderOf({ refundedFen: 1_000 }) }))
    await press('分享小票')
    expect(share).toHaveBeenCalledWith(
      '付款小票 · 老街牛肉面\n已付款 ¥95.00（订单 ¥100.00，优惠 ¥5.00）\n已退款 ¥10.00\n时间 2026-11-20 12:08:31\n订单号 F20261120-7K3M-92QX-4T8B',
    )
    expect(screen.getByText('小票已复制，可以粘贴给别人')).toBeTruthy()
    host.share = before!
  })

  it('handed on in WeChat it leads to the shop, and nobody to the order', async () => {
    const card = () => fake.share.map((made) => made())
    await open(() => ({ data: orderOf() }))
    expect(card()).toEqual([{ title: '在老街牛肉面付了 ¥95.00，省了 ¥5.00', path: '/pages/pay/index?merchant=M0001' }])
    cleanup()
    await open(() => ({ data: orderOf({ state: 'closed', closeReason: 'order-closed' }) }))
    expect(card()).toEqual([{ title: '扫店里的收款码付款', path: '/pages/pay/index' }])
  })

  it.each([
    ['under way', { state: 'paying' as const, endedAt: null }],
    ['closed', { state: 'closed' as const, closeReason: 'insufficient-funds' }],
    ['given back whole', { refundedFen: 9_500 }],
  ])('one that is %s is nothing to hold up or to share', async (_, more) => {
    await open(() => ({ data: orderOf(more) }))
    expect(screen.queryByRole('button', { name: '给店家看' })).toBeNull()
    expect(screen.queryByRole('button', { name: '分享小票' })).toBeNull()
  })

  it('names whom to call and how to complain, as the bank has said', async () => {
    const dial = jest.spyOn(host, 'dial').mockReturnValue()
    await open(() => ({ data: orderOf() }))
    expect(document.querySelector('.contact')?.textContent).toBe(
      '对付款有疑问，请联系南城银行投诉：拨打上面的电话转 2，15 天内答复021-9550 5555',
    )
    fireEvent.click(screen.getByRole('button', { name: '拨打南城银行 021-9550 5555' }))
    expect(dial).toHaveBeenCalledWith('021-9550 5555')
    cleanup()
    fake.answer = bff({ [ORDER]: () => ({ data: orderOf() }), 'GET /api/bank': () => 'offline' })
    render(<ResultPage />)
    await pass(0)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
    expect(document.querySelector('.contact')).toBeNull()
  })
})
