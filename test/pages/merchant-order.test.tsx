import type { MerchantOrderDetail, RefundView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantOrderPage from '../../src/pages/merchant-order/index'
import { type FakeAnswer, fake } from '../support/taro'
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

it.each<[string, FakeAnswer]>([
  ['网络不通', 'offline'],
  ['服务暂时不可用', problem(503, 'busy')],
  ['现在使用的人太多', problem(503, 'overloaded')],
])('what was read stays in sight when it can’t be read again, said to be old, and why: %s', async (why, fault) => {
  let answer: FakeAnswer = { data: detailOf() }
  await open({ [`GET ${PATH}`]: () => answer })
  answer = fault
  await act(async () => void document.dispatchEvent(new Event('visibilitychange')))
  await pass()
  expect(page()).toContain('¥66.00')
  expect(document.querySelector('.detail__note[role=status]')?.textContent).toBe(`${why}，显示的可能不是最新`)
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

  describe('of which nobody knows yet whether it was booked', () => {
    let answer: () => FakeAnswer
    let order: () => FakeAnswer
    const lost = async () => {
      answer = () => 'timeout'
      order = () => ({ data: detailOf() })
      await begin({ [`POST ${PATH}/refunds`]: () => answer(), [`GET ${PATH}`]: () => order() })
      type('10')
      await press('下一步')
      await press('确认退款')
      order = () => ({ data: detailOf({ refundedFen: 1_000, refundableFen: 5_229, refunds: [refundOf()] }) })
    }

    it.each<[string, () => void]>([
      ['再想想', () => fireEvent.click(screen.getByRole('button', { name: '再想想' }))],
      ['Escape', () => fireEvent.keyDown(screen.getByRole('alertdialog'), { key: 'Escape' })],
    ])('%s leads to what has gone back, and not to a form that would send another', async (_, closes) => {
      await lost()
      closes()
      await pass()
      expect(document.querySelector('.refund')).toBeNull()
      expect(page()).toContain('已退回顾客')
      expect(page()).not.toContain('不会重复退款')
      expect(sent()).toHaveLength(1)
    })

    it('a refusal of another try says nothing of the first: it stays the same refund', async () => {
      await lost()
      answer = () => problem(429, 'too-many-requests')
      await press('确认退款')
      expect(document.querySelector('.sheet')?.textContent).toContain('操作太频繁')
      answer = () => ({ data: refundOf() })
      await press('确认退款')
      expect(new Set(sent().map(({ header }) => header['Idempotency-Key'])).size).toBe(1)
      expect(sent()).toHaveLength(3)
      expect(document.querySelector('.refund')).toBeNull()
    })

    it.each([
      ['a ledger that went away may have it', problem(503, 'ledger-unavailable')],
      ['a page of a proxy’s is nobody’s word', problem(403, 'http-403')],
    ])('%s', async (_, said) => {
      await begin({ [`POST ${PATH}/refunds`]: () => said })
      await press('下一步')
      await press('确认退款')
      await press('确认退款')
      expect(new Set(sent().map(({ header }) => header['Idempotency-Key'])).size).toBe(1)
      await press('再想想')
      expect(document.querySelector('.refund')).toBeNull()
    })

    it('can’t be closed while it is under way', async () => {
      await begin({ [`POST ${PATH}/refunds`]: () => new Promise(() => {}) })
      await press('下一步')
      await press('确认退款')
      await press('再想想')
      expect(document.querySelector('.sheet')).not.toBeNull()
    })

    it('one that is asked for anew, by who saw nothing of it, is told first that less is left', async () => {
      await lost()
      order = () => 'offline'
      await press('再想想')
      await press('退款')
      type('10')
      fake.answer = bff(routes({ [`GET ${PATH}/refunds/preview`]: () => ({ data: { ...PREVIEW, leftFen: 5_229 } }) }))
      await press('下一步')
      expect(document.querySelector('.sheet')).toBeNull()
      expect(page()).toContain('刚刚有另一笔退款，可退金额变了，请看过后再退')
      await press('下一步')
      expect(document.querySelector('.sheet')).not.toBeNull()
    })
  })

  it('that couldn’t be weighed was not sent, and nothing is said of sending it again', async () => {
    await begin({ [`GET ${PATH}/refunds/preview`]: () => 'offline' })
    await press('下一步')
    expect(document.querySelector('.refund__said')?.textContent).toBe('网络不通，请检查网络后重试')
  })

  it('is kept in sight by a log-in that doesn’t come off, and begins anew where the order was out of sight', async () => {
    let seen: FakeAnswer = { data: detailOf() }
    await begin({ [`GET ${PATH}`]: () => seen })
    for (const [answer, there] of [
      [problem(403, 'http-403'), true],
      [problem(429, 'http-429'), true],
      [problem(404, 'order-not-found'), false],
      [{ data: detailOf() }, false],
    ] as const) {
      seen = answer
      await act(async () => void window.dispatchEvent(new Event('online')))
      await pass()
      expect(document.querySelector('.refund') !== null).toBe(there)
    }
    expect(page()).toMatch(/^已收款/)
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
