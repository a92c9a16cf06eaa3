import type { MerchantOrderDetail, RefundView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantOrderPage from '../../src/pages/merchant-order/index'
import { fake } from '../support/taro'
import { arrivalOf, bff, problem } from '../support/taro-bff'

const NO = 'F20261120-7K3M-92QX-7F2A'
const PATH = `/api/merchant/orders/${NO}`

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
  fake.reset()
  fake.params = { orderNo: NO, merchant: 'M0001' }
  Object.assign(globalThis, { FAPAI_SANDBOX: true })
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms = 0) => act(() => jest.advanceTimersByTimeAsync(ms))
const detailOf = (more: Partial<MerchantOrderDetail> = {}): MerchantOrderDetail => ({
  ...arrivalOf(NO, '2026-11-20T04:06:12.000Z', {
    amountFen: 6_600,
    merchantRewardFen: 371,
    merchantReceivesFen: 6_971,
  }),
  ...{ accountTail: '6001', refundableFen: 6_229, mayRefund: true, refunds: [] },
  ...more,
})
const refundOf = (more: Partial<RefundView> = {}): RefundView => ({
  ...{ refundNo: 'R1', orderNo: NO, state: 'refunded', payerFen: 1_000, merchantFen: 1_119, glFen: 119 },
  ...{ reason: '顾客取消', businessDate: '2026-11-20', failReason: null },
  ...{ createdAt: '2026-11-20T04:09:00.000Z', endedAt: '2026-11-20T04:09:01.000Z' },
  ...more,
})
const PREVIEW = { payerFen: 1_000, merchantFen: 1_119, glFen: 119, leftFen: 6_229 }
type Routes = Parameters<typeof bff>[0]
async function open(routes: Routes) {
  fake.answer = bff(routes)
  render(<MerchantOrderPage />)
  await pass()
}
const page = () => document.querySelector('.page')?.textContent ?? ''
const press = async (name: string) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await pass()
}
const amount = () => screen.getByLabelText('退款金额，元') as HTMLInputElement
const type = (value: string) => fireEvent.change(amount(), { target: { value } })

describe('one payment that a merchant received', () => {
  it('tells every figure of it, and into which account, by its tail', async () => {
    await open({ [`GET ${PATH}`]: () => ({ data: detailOf() }) })
    const facts = '顾客订单金额¥66.00奖励+¥3.71到账¥69.71到账账户结算账户尾号 6001付款方式本行账户'
    expect(page()).toBe(`已收款¥66.00${facts}时间2026-11-20 12:06:12单号${NO}退款`)
  })

  it('lets a cashier look, and refund nothing', async () => {
    await open({ [`GET ${PATH}`]: () => ({ data: detailOf({ mayRefund: false }) }) })
    expect(page()).toMatch(/退款请找店主操作$/)
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('tells each refund with its state, and why one failed', async () => {
    const refunds = [
      refundOf({ refundNo: 'R3', state: 'failed', failReason: 'insufficient-merchant-funds', reason: null, glFen: 0 }),
      refundOf({ refundNo: 'R2', payerFen: 0, merchantFen: 371, glFen: 371, reason: null }),
      refundOf(),
    ]
    const gone = { refundedFen: 1_000, returnedFen: 1_490, refundableFen: 5_229 }
    await open({ [`GET ${PATH}`]: () => ({ data: detailOf({ refunds, ...gone }) }) })
    expect([...document.querySelectorAll('[role=listitem]')].map((one) => one.textContent)).toEqual([
      '退款没有成功：结算账户余额不足，存入后再退2026-11-20 12:09:00−¥10.00',
      '奖励已收回2026-11-20 12:09:00−¥3.71',
      '已退回顾客2026-11-20 12:09:00 · 顾客取消−¥10.00另退补贴 −¥1.19',
    ])
    expect(page()).toMatch(/^已部分退款/)
  })

  it('is nobody’s who is no longer bound, and an order of another shop isn’t there', async () => {
    await open({ [`GET ${PATH}`]: () => problem(404, 'order-not-found') })
    expect(page()).toBe('?没有找到这笔收款它不是本店的，或者没有付成')
    cleanup()
    let bound = true
    await open({
      [`GET ${PATH}`]: () => (bound ? { data: detailOf() } : problem(401, 'token-invalid')),
      'POST /api/merchant/session': () =>
        bound
          ? { data: { token: 't', expiresAt: '2099-01-01T00:00:00.000Z', merchant: { code: 'M0001', name: '面' } } }
          : problem(401, 'login-refused'),
    })
    expect(page()).toContain('¥66.00')
    bound = false
    await act(async () => void document.dispatchEvent(new Event('visibilitychange')))
    await pass()
    expect(page()).toBe('店您已不是这家店的成员这里不再显示它的收款。请从收款记录重新绑定')
  })
})

describe('a refund by the owner', () => {
  const routes = (more: Routes = {}): Routes => ({
    [`GET ${PATH}`]: () => ({ data: detailOf() }),
    [`GET ${PATH}/refunds/preview`]: () => ({ data: PREVIEW }),
    [`POST ${PATH}/refunds`]: () => ({ data: refundOf() }),
    ...more,
  })
  const sent = () => fake.sent('POST', `${PATH}/refunds`)
  const begin = async (more: Routes = {}) => {
    await open(routes(more))
    await press('退款')
  }

  it('is looked at twice, with what the server says it takes, and sent once', async () => {
    await begin()
    expect(amount().value).toBe('62.29')
    type('10')
    fireEvent.click(screen.getByRole('button', { name: '顾客取消' }))
    await press('下一步')
    expect(fake.sent('GET', `${PATH}/refunds/preview`)[0]?.path).toBe(`${PATH}/refunds/preview?amountFen=1000`)
    const sheet = document.querySelector('.sheet')?.textContent
    const taken = '从您的收款账户扣 ¥11.19，其中 ¥1.19 是按比例退回的优惠补贴。'
    expect(sheet).toBe(`退给顾客 ¥10.00？${taken}退款原路退回顾客的付款账户，不能撤回。确认退款再想想`)
    expect(sent()).toEqual([])
    await press('确认退款')
    expect(sent().map(({ body }) => body)).toEqual([{ amountFen: 1_000, leftFen: 6_229, reason: '顾客取消' }])
    expect(document.querySelector('.refund')).toBeNull()
  })

  it('is what was typed, with a comma for the point too, and not ten times as much', async () => {
    await begin()
    type('')
    for (const key of '6,5') type(amount().value + key)
    expect(amount().value).toBe('6.5')
    expect('人民币 1,000,000.00 元'.length).toBeLessThan(amount().maxLength)
    await press('下一步')
    expect(fake.sent('GET', `${PATH}/refunds/preview`)[0]?.path).toBe(`${PATH}/refunds/preview?amountFen=650`)
  })

  it('is no more than is left, and no less than a fen', async () => {
    await begin()
    const next = () => screen.getByRole('button', { name: '下一步' }) as HTMLButtonElement
    for (const [text, disabled] of [
      ['', true],
      ['0', true],
      ['0.01', false],
      ['62.29', false],
      ['62.30', true],
    ] as const) {
      type(text)
      expect([text, next().disabled]).toEqual([text, disabled])
    }
    expect(page()).toContain('最多可退 ¥62.29')
  })

  it('whose answer was lost is asked for again under the same key', async () => {
    let answers = 0
    await begin({ [`POST ${PATH}/refunds`]: () => (answers++ === 0 ? 'timeout' : { data: refundOf() }) })
    await press('下一步')
    await press('确认退款')
    expect(document.querySelector('.sheet')?.textContent).toContain('没有收到结果。可以再点一次确认，不会重复退款')
    await press('确认退款')
    const [first, second] = sent().map(({ header }) => header['Idempotency-Key'])
    expect(first).toMatch(/^refund-[a-z0-9]{20}$/)
    expect(second).toBe(first)
  })

  it('on two telephones at once is one: the other hears that something is left no longer, and reads anew', async () => {
    await begin({ [`POST ${PATH}/refunds`]: () => problem(409, 'refunded-meanwhile') })
    await press('下一步')
    const before = fake.sent('GET', PATH).length
    await press('确认退款')
    expect(document.querySelector('.sheet')).toBeNull()
    expect(page()).toContain('刚刚有另一笔退款，可退金额变了，请看过后再退')
    expect(fake.sent('GET', PATH).length).toBeGreaterThan(before)
  })

  it('asks for a new session where the server wants one, and goes on by itself', async () => {
    let stale = true
    await begin({
      [`POST ${PATH}/refunds`]: () => {
        if (!stale) return { data: refundOf() }
        stale = false
        return problem(401, 'session-stale')
      },
    })
    await press('下一步')
    await press('确认退款')
    expect(fake.sent('POST', '/api/merchant/session')).toHaveLength(2)
    expect(new Set(sent().map(({ header }) => header['Idempotency-Key'])).size).toBe(1)
    expect(document.querySelector('.refund')).toBeNull()
  })

  describe('typed when its page is led away to log in', () => {
    const typed = () => [amount().value, (screen.getByLabelText('退款原因') as HTMLInputElement).value]
    /** Nothing of the page is ended by that: what it had kept is there when it is opened anew. */
    const away = async (more: Routes = {}, ms = 60_000) => {
      await begin()
      type('10')
      await press('顾客取消')
      const left = { ...sessionStorage }
      cleanup()
      for (const [name, value] of Object.entries(left)) sessionStorage.setItem(name, value as string)
      jest.setSystemTime(Date.now() + ms)
      await open(routes(more))
    }

    it('is still there when they are back', async () => {
      await away()
      expect(typed()).toEqual(['10', '顾客取消'])
      await press('下一步')
      expect(sent()).toEqual([])
      await press('不退了')
      cleanup()
      await open(routes())
      expect(document.querySelector('.refund')).toBeNull()
    })

    it('is no longer, once anything has gone back: it may be this one', async () => {
      await away({ [`GET ${PATH}`]: () => ({ data: detailOf({ refundableFen: 5_229 }) }) })
      expect(document.querySelector('.refund')).toBeNull()
    })

    it('nor on another day', async () => {
      await away({}, 11 * 60_000)
      expect(document.querySelector('.refund')).toBeNull()
    })

    it('and nowhere, for who went back by themselves', async () => {
      await begin()
      type('10')
      cleanup()
      await open(routes())
      expect(document.querySelector('.refund')).toBeNull()
    })
  })

  it('under way is looked after until it has ended', async () => {
    let state: RefundView['state'] = 'refunding'
    await open(routes({ [`GET ${PATH}`]: () => ({ data: detailOf({ refunds: [refundOf({ state })] }) }) }))
    expect(page()).toMatch(/^退款处理中/)
    await pass(2_000)
    state = 'refunded'
    await pass(2_000)
    expect(page()).toContain('已退回顾客')
    const reads = fake.sent('GET', PATH).length
    await pass(10_000)
    expect(fake.sent('GET', PATH)).toHaveLength(reads)
  })
})
