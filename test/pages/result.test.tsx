import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { justOpened } from '../../src/just-opened'
import ResultPage from '../../src/pages/result/index'
import { host } from '../../src/platform/host'
import { closedBecause } from '../../src/sentences'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, figuresOf, orderOf, problem } from '../support/taro-bff'

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
const rows = () => [...document.querySelectorAll('.rows__row')].map((row) => row.textContent)
const asked = () => fake.sent('GET', '/api/orders').length

describe('a paid order', () => {
  it('leads with what was paid and saved, then the breakdown', async () => {
    await open(() => ({ data: orderOf() }))
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
    expect(rows()).toEqual([
      '收款商户老街牛肉面',
      '订单金额¥100.00',
      '随机立减−¥5.00',
      '付款方式南城银行 (6217)',
      '时间2026-11-20 12:08:31',
      '订单号F20261120-7K3M-92QX-4T8B',
    ])
    expect(document.querySelector('.result__footer')?.textContent).toBe(
      '优惠由城南支行出，是本店当天的第 8 份另有 ¥5.00 奖励给店家',
    )
  })

  it('names what its deck committed to, and leads to the proof of its card in a browser and not in WeChat', async () => {
    const commitment = `v2.${'ab'.repeat(32)}`
    const card = { campaignId: 'c1', businessDate: '2026-11-19', slotNumber: 8, commitment }
    await open(() => ({ data: orderOf({ card }) }))
    expect(document.querySelector('.result__footer')?.textContent).toBe(
      `优惠由城南支行出，是本店当天的第 8 份另有 ¥5.00 奖励给店家优惠金额当天开始前就排好了，下面这串凭证是付款前就公布的。第二天起公开全部金额，谁都能用它核对没有改过。${commitment}`,
    )
    cleanup()
    process.env.TARO_ENV = 'h5'
    try {
      await open(() => ({ data: orderOf({ card }) }))
      fireEvent.click(screen.getByRole('button', { name: '第二天起可核对这一份' }))
      const told = `slot=8&fen=1000&commitment=${commitment}`
      const url = `/pages/verify/index?campaign=c1&merchant=M0001&date=2026-11-19&${told}`
      expect(fake.visits).toEqual([`navigateTo ${url}`])
    } finally {
      delete process.env.TARO_ENV
    }
  })

  it('says when no code was asked for, and where that is managed', async () => {
    await open(() => ({ data: orderOf({ verification: 'none' }) }))
    expect(rows()).toContain('确认方式免密支付 ›')
    fireEvent.click(screen.getByRole('button', { name: '免密支付，去管理' }))
    expect(fake.visits).toEqual(['navigateTo /pages/agreements/index'])
  })

  it('opened from the payer’s own payments it leads back to them', async () => {
    fake.pages = 2
    await open(() => ({ data: orderOf() }))
    fireEvent.click(screen.getByRole('button', { name: '完成' }))
    expect(fake.visits).toEqual(['navigateBack'])
  })

  it('speaks of no discount where there was none', async () => {
    await open(() => ({ data: orderOf({ ...figuresOf(600, 0), reason: 'below-threshold', slotNumber: null }) }))
    expect(verdict()).toBe('支付成功¥6.00')
    expect(rows()).not.toContainEqual(expect.stringContaining('随机立减'))
    expect(document.querySelector('.result__footer')).toBeNull()
  })

  it.each([
    [9_500, '退已全额退款¥95.00¥95.00 已退回原付款账户', '已退款¥95.00'],
    [3_333, '支付成功，部分已退款¥95.00¥33.33 已退回原付款账户已优惠 ¥5.00', '已退款¥33.33'],
  ])('of which %s fen were given back says so', async (refundedFen, said, row) => {
    await open(() => ({ data: orderOf({ refundedFen }) }))
    expect(verdict()).toBe(said)
    expect(rows()).toContain(row)
  })

  it('is asked for once; 完成 leads back to the merchant', async () => {
    await open(() => ({ data: orderOf() }))
    await pass(60_000)
    expect(asked()).toBe(1)
    fireEvent.click(screen.getByRole('button', { name: '完成' }))
    expect(fake.visits).toEqual(['reLaunch /pages/pay/index?merchant=M0001'])
  })
})

describe('an order the bank is still busy with', () => {
  it('warns against paying twice and asks at 0.5, 1, 2, 4, 8, 8 s until it ends', async () => {
    let ended = false
    await open(() => ({ data: ended ? orderOf() : orderOf({ state: 'paying', endedAt: null }) }))
    expect(verdict()).toBe('银行处理中，请勿重复付款¥95.00正在查询银行结果…')
    const counts = [asked()]
    for (const ms of [499, 1, 1_000, 2_000, 4_000, 8_000, 8_000]) {
      await pass(ms)
      counts.push(asked())
    }
    expect(counts).toEqual([1, 1, 2, 3, 4, 5, 6, 7])
    expect(verdict()).toBe('银行处理中，请勿重复付款¥95.00银行还没有回复，会一直查询；可以稍后再来看')
    ended = true
    await pass(8_000)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
  })

  it.each<[string, FakeAnswer]>([
    ['网络不通', 'offline'],
    ['操作太频繁', problem(429, 'too-many-requests')],
    ['服务暂时不可用', problem(500, 'internal')],
  ])('keeps asking when it has no answer, and says why: %s', async (why, fault) => {
    let state: 'paying' | 'gone' | 'paid' = 'paying'
    await open(() =>
      state === 'gone'
        ? fault
        : { data: orderOf({ state, endedAt: state === 'paid' ? '2026-11-20T04:08:31.000Z' : null }) },
    )
    state = 'gone'
    await pass(500)
    expect(verdict()).toBe(`银行处理中，请勿重复付款¥95.00${why}，会自动再查`)
    state = 'paid'
    await pass(1_000)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
  })
})

describe('an order that was closed', () => {
  it.each([
    ['authentication-failed', '没有付成', '验证码错了太多次。请重新付款，填新收到的验证码'],
    ['authentication-expired', '没有付成', '没有在时间内确认。请重新付款，收到验证码后尽快填写'],
    ['insufficient-funds', '没有付成', '账户余额不足。请换一个账户，或换一种方式付款'],
    ['bank-limit-exceeded', '没有付成', '超过了银行对这个账户的限额。请换一个账户，或换一种方式付款'],
    ['account-frozen', '没有付成', '这个账户被冻结了。请换一个账户，并联系开户银行'],
    ['risk-refused', '没有付成', '银行认为这笔付款有风险。请联系银行核实，或换一种方式付款'],
    ['agreement-not-active', '没有付成', '这个账户的签约已失效。请换一个账户，或重新签约'],
    ['order-closed', '付款已取消', '订单已关闭。要付款，请重新付一次'],
    ['channel-unavailable', '没有付成', '银行暂时无法受理。请稍等片刻再付，或换一种方式付款'],
    ['channel-code:X-99', '没有付成', '银行没有受理这笔付款。可以换一种方式再付，或问一下银行'],
    [null, '没有付成', '银行没有受理这笔付款。可以换一种方式再付，或问一下银行'],
  ])('%s says what it was and that nothing was debited, and one can pay the amount anew', async (code, title, why) => {
    await open(() => ({ data: orderOf({ state: 'closed', closeReason: code }) }))
    expect(verdict()).toBe(`×${title}¥95.00没有扣款${why}`)
    fireEvent.click(screen.getByRole('button', { name: '重新付款' }))
    expect(fake.visits).toEqual(['reLaunch /pages/pay/index?merchant=M0001&amount=100.00'])
  })

  it('every code by which a channel declines has its own sentence and the next step', () => {
    // as their tables are written: what they import is none of a browser's
    const tables = ['alipay/outcome', 'bank/outcome', 'unionpay/outcome', 'wechatpay/payments'].map((file) => {
      const text = readFileSync(join(__dirname, `../../server/channel/${file}.ts`), 'utf8')
      return /const DECLINE(?:S|_CODES)[\s\S]*?\n[}\]]/.exec(text)?.[0] ?? ''
    })
    const codes = tables.map((table) => table.match(/(?<=')[a-z]+(-[a-z]+)+(?=')/g) ?? [])
    for (const found of codes) expect(found.length).toBeGreaterThan(1)
    for (const code of new Set(codes.flat())) {
      const [why, next] = closedBecause(code, 'bank')
      expect([code, why]).not.toEqual([code, '银行没有受理这笔付款'])
      expect(next).not.toBe('')
    }
    expect(closedBecause('of-tomorrow', 'unionpay')).toEqual([
      '云闪付没有受理这笔付款',
      '可以换一种方式再付，或问一下云闪付',
    ])
  })

  it('for an agreement that has ended the accounts are near', async () => {
    await open(() => ({ data: orderOf({ state: 'closed', closeReason: 'agreement-not-active' }) }))
    fireEvent.click(screen.getByRole('button', { name: '看付款账户' }))
    expect(fake.visits).toEqual(['navigateTo /pages/agreements/index'])
  })
})

describe('an order that cannot be read', () => {
  it('is not taken for a failed payment', async () => {
    await open(() => 'offline')
    expect(document.querySelector('.page')?.textContent).toBe(
      '!网络不通请检查网络后重试。没有查到结果前，请勿重复付款重新查询',
    )
    fake.answer = bff({ [ORDER]: () => ({ data: orderOf() }) })
    fireEvent.click(screen.getByRole('button', { name: '重新查询' }))
    await pass(0)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
  })

  it('is said to be missing when the server does not know it', async () => {
    await open(() => problem(404, 'order-not-found'))
    expect(document.querySelector('.page')?.textContent).toBe(
      '?没有找到这笔订单别人的付款只有本人能看。是您付的，请在付款的设备上打开',
    )
  })
})

describe('an order that waits for its payer', () => {
  const action = { kind: 'jsapi' as const, params: { package: 'prepay_id=1' }, expiresAt: '2026-11-20T04:10:30.000Z' }
  const atWechat = { channel: 'wechatpay' as const, bankName: null, accountTail: null }
  const waiting = orderOf({ ...atWechat, state: 'paying', endedAt: null, action })
  const CLOSE = `POST /api/orders/${waiting.orderNo}/close`
  const bridges = window as { WeixinJSBridge?: object }
  let says = 'get_brand_wcpay_request:ok'
  const invoke = jest.fn((_name: string, _params: object, answer: (said: object) => void) => answer({ err_msg: says }))
  beforeEach(() => {
    says = 'get_brand_wcpay_request:ok'
    invoke.mockClear()
    bridges.WeixinJSBridge = { invoke }
  })
  afterEach(() => {
    delete bridges.WeixinJSBridge
    justOpened.take(waiting.orderNo)
    jest.restoreAllMocks()
  })
  const press = async (name: string) => {
    fireEvent.click(screen.getByRole('button', { name }))
    await pass(0)
  }

  it('hands it on once when they come from paying; the wallet’s word ends nothing, the server’s does', async () => {
    let order = waiting
    justOpened.note(waiting.orderNo)
    await open(() => ({ data: order }))
    await pass(4_000)
    expect(invoke).toHaveBeenCalledTimes(1)
    expect(invoke).toHaveBeenCalledWith('getBrandWCPayRequest', action.params, expect.any(Function))
    expect(verdict()).toContain('等待您付款')
    order = orderOf(atWechat)
    await pass(8_000)
    expect(verdict()).toContain('支付成功')
    expect(rows()).toContain('付款方式微信支付')
    expect(screen.queryByRole('button', { name: '去微信支付付款' })).toBeNull()
  })

  it('an action that comes only with a later answer is handed on as well', async () => {
    let order = orderOf({ ...waiting, action: null })
    justOpened.note(waiting.orderNo)
    await open(() => ({ data: order }))
    expect(verdict()).toBe('微信支付处理中，请勿重复付款¥95.00正在查询微信支付结果…')
    order = waiting
    await pass(1_000)
    expect(invoke).toHaveBeenCalledTimes(1)
  })

  it('waits for their tap when they come back to it, and opens it as often as they tap', async () => {
    await open(() => ({ data: waiting }))
    expect(invoke).not.toHaveBeenCalled()
    await press('去微信支付付款')
    await press('去微信支付付款')
    expect(invoke).toHaveBeenCalledTimes(2)
  })

  it('of another order nobody has just opened', async () => {
    justOpened.note('F20261120-OTHE-ROTH-EROT')
    await open(() => ({ data: waiting }))
    expect(invoke).not.toHaveBeenCalled()
  })

  it('put away it still waits, and what the server says is shown', async () => {
    says = 'get_brand_wcpay_request:cancel'
    justOpened.note(waiting.orderNo)
    await open(() => ({ data: waiting }))
    const before = asked()
    await pass(0)
    expect(asked()).toBeGreaterThanOrEqual(before)
    expect(verdict()).toContain('等待您付款')
    expect(screen.getByRole('button', { name: '去微信支付付款' })).toBeTruthy()
  })

  it('is given up by 取消付款, and another way to pay is one press away with the amount', async () => {
    await open(() => ({ data: waiting }))
    const closed = orderOf({ ...waiting, state: 'closed', closeReason: 'order-closed', action: null })
    fake.answer = bff({ [CLOSE]: () => ({ data: closed }) })
    await press('取消付款')
    expect(verdict()).toContain('付款已取消')
    await press('重新付款')
    expect(fake.visits).toEqual(['reLaunch /pages/pay/index?merchant=M0001&amount=100.00'])
  })

  it('paid while it was being given up is paid', async () => {
    await open(() => ({ data: waiting }))
    fake.answer = bff({ [CLOSE]: () => ({ data: orderOf(atWechat) }) })
    await press('取消付款')
    expect(verdict()).toContain('支付成功')
  })

  it('says until when and with what, and that nothing more is to be done here', async () => {
    jest.setSystemTime(Date.parse('2026-11-20T04:08:31Z'))
    await open(() => ({ data: waiting }))
    expect(verdict()).toBe('等待您付款¥95.00请在 12:10 前用微信支付付完，结果会自动显示')
  })

  it('says so where it can’t be opened, and how to pay otherwise', async () => {
    delete bridges.WeixinJSBridge
    await open(() => ({ data: waiting }))
    await press('去微信支付付款')
    await pass(3_000)
    expect(document.body.textContent).toContain('这里打不开微信支付，请取消后换一种付款方式')
    // whether it was paid elsewhere is the server's to say
    expect(document.body.textContent).not.toContain('没有扣款')
    expect(screen.getByRole('button', { name: '取消付款' })).toBeTruthy()
  })

  it('where it couldn’t be opened and was paid elsewhere, what is paid is said and nothing beside it', async () => {
    delete bridges.WeixinJSBridge
    let order = waiting
    await open(() => ({ data: order }))
    await press('去微信支付付款')
    await pass(3_000)
    order = orderOf(atWechat)
    await pass(10_000)
    expect(verdict()).toContain('支付成功')
    expect(document.body.textContent).not.toContain('打不开')
  })

  it('a wallet’s own page is opened once by itself, and after the way back by a tap', async () => {
    const payBy = jest.spyOn(host, 'payBy').mockResolvedValue('asked')
    const action = {
      kind: 'redirect' as const,
      params: { url: 'https://wallet.example/p' },
      expiresAt: waiting.createdAt,
    }
    const redirected = orderOf({ ...waiting, channel: 'unionpay', action })
    justOpened.note(waiting.orderNo)
    await open(() => ({ data: redirected }))
    expect(payBy).toHaveBeenCalledTimes(1)
    expect(payBy).toHaveBeenCalledWith(action, 'unionpay')
    cleanup()
    await open(() => ({ data: redirected }))
    expect(payBy).toHaveBeenCalledTimes(1)
    await press('去云闪付付款')
    expect(payBy).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['channel-code:X', '支付宝没有受理这笔付款。可以换一种方式再付，或问一下支付宝'],
    ['channel-unavailable', '支付宝暂时无法受理。请稍等片刻再付，或换一种方式付款'],
    ['insufficient-funds', '账户余额不足。请换一个账户，或换一种方式付款'],
    ['order-closed', '订单已关闭。要付款，请重新付一次'],
  ])('closed by the wallet for %s: %s', async (closeReason, said) => {
    await open(() => ({ data: orderOf({ channel: 'alipay', state: 'closed', closeReason }) }))
    expect(verdict()).toContain(said)
  })
})

it('a link without an order’s number asks nothing, and says that there is no such order', async () => {
  fake.params = {}
  await open(() => ({ data: { items: [] } }))
  expect(document.body.textContent).toContain('没有找到这笔订单')
  expect(asked()).toBe(0)
})
