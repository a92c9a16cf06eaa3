import type { OrderView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import ResultPage from '../../src/pages/result/index'
import { host } from '../../src/platform/host'
import { challengeOf, redirectOf } from '../support/signing'
import { fake } from '../support/taro'
import { bff, orderOf, problem } from '../support/taro-bff'

const NO = 'F20261120-7K3M-92QX-4T8B'
const ORDER = `GET /api/orders/${NO}`
const CONFIRM = `POST /api/orders/${NO}/confirm`
const RESEND = `POST /api/orders/${NO}/resend`
const CLOSE = `POST /api/orders/${NO}/close`

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:08:30.000Z') })
  fake.reset()
  fake.params = { orderNo: NO, act: '1' }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
  jest.restoreAllMocks()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const asking = (more: Record<string, string> = {}): OrderView =>
  orderOf({ state: 'paying', endedAt: null, action: challengeOf(more) })
type Routes = Parameters<typeof bff>[0]

async function open(routes: Routes = {}) {
  const data = asking()
  fake.answer = bff({ [ORDER]: () => ({ data }), ...routes })
  render(<ResultPage />)
  await pass(0)
}
const answering = (routes: Routes) => {
  fake.answer = bff({ [ORDER]: () => ({ data: asking() }), ...routes })
}
const field = () => screen.getByLabelText<HTMLInputElement>('6 位短信验证码')
const type = (value: string) => fireEvent.change(field(), { target: { value } })
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const press = async (name: string | RegExp) => {
  fireEvent.click(button(name))
  await pass(0)
}
const said = () => document.querySelector('.challenge__said')?.textContent
const text = () => document.querySelector('.page')?.textContent
const verdict = () => document.querySelector('.verdict')?.textContent
const proofs = () => fake.sent('POST', `/api/orders/${NO}/confirm`).map(({ body }) => body)

describe('the bank asks the payer', () => {
  it('says to whom, how much, what it saves, from which account, and where the code went', async () => {
    await open()
    expect(text()).toBe(
      '向 老街牛肉面 付款¥95.00订单 ¥100.00，已优惠 ¥5.00南付款账户 南城银行 (6217)' +
        '短信验证码已发送到 138****567812:13 前有效60 秒后可重新发送确认付款 ¥95.00取消付款',
    )
    expect(fake.title).toBe('确认付款')
    expect(field().autocomplete).toBe('one-time-code')
    expect(document.activeElement).toBe(field())
    expect(button(/^确认付款/).disabled).toBe(true)
  })

  it('the right code pays, and the page is named for the result again', async () => {
    await open({ [CONFIRM]: () => ({ data: orderOf({ verification: 'sms' }) }) })
    type('12a34 56')
    expect(field().value).toBe('123456')
    await press(/^确认付款/)
    expect(proofs()).toEqual([{ challengeId: 'ch-1', proof: '123456' }])
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
    expect(fake.title).toBe('付款结果')
    expect(JSON.stringify([...fake.storage])).not.toContain('123456')
  })

  it('Enter answers as well, but nothing answers for five digits', async () => {
    await open({ [CONFIRM]: () => ({ data: orderOf() }) })
    type('12345')
    fireEvent.keyDown(field(), { key: 'Enter' })
    await pass(0)
    expect(proofs()).toEqual([])
    type('１２３4５６')
    expect(field().value).toBe('123456')
    fireEvent.keyDown(field(), { key: 'Enter' })
    await pass(0)
    expect(verdict()).toContain('支付成功')
  })

  it('a wrong code says so with the tries left, and the field is ready again', async () => {
    const wrong = asking({ attemptsLeft: '2', lastProof: 'wrong' })
    await open({ [CONFIRM]: () => ({ data: wrong }) })
    type('000001')
    await press(/^确认付款/)
    expect(said()).toBe('验证码不对，还可以试 2 次')
    expect(field().value).toBe('')
    type('1')
    expect(said()).toBe('')
  })

  it('the same wrong one again costs no try, and is said to be wrong again', async () => {
    const wrong = asking({ attemptsLeft: '2', lastProof: 'wrong' })
    await open({ [CONFIRM]: () => ({ data: wrong }) })
    for (let twice = 0; twice < 2; twice++) {
      type('000001')
      await press(/^确认付款/)
      expect(said()).toBe('验证码不对，还可以试 2 次')
      expect(field().value).toBe('')
    }
  })

  it('the third wrong one ends it, and nothing was debited', async () => {
    const closed = orderOf({ state: 'closed', closeReason: 'authentication-failed' })
    await open({ [CONFIRM]: () => ({ data: closed }) })
    type('000003')
    await press(/^确认付款/)
    expect(verdict()).toBe('×没有付成¥95.00没有扣款验证码错了太多次。请重新付款，填新收到的验证码')
  })

  it('a lost answer keeps what was typed, and asks how it went', async () => {
    await open({ [CONFIRM]: () => 'timeout' })
    type('123456')
    await press(/^确认付款/)
    expect(said()).toBe('没有收到回应。可以再按一次，同一个验证码不会重复扣款')
    expect(field().value).toBe('123456')
    answering({ [ORDER]: () => ({ data: orderOf() }) })
    await pass(2_000)
    expect(verdict()).toContain('支付成功')
  })

  it('two taps answer once', async () => {
    let answer = () => {}
    await open({ [CONFIRM]: () => new Promise((done) => (answer = () => done({ data: orderOf() }))) })
    type('123456')
    const confirm = button(/^确认付款/)
    fireEvent.click(confirm)
    fireEvent.click(confirm)
    answer()
    await pass(0)
    expect(proofs()).toHaveLength(1)
  })

  it('what the page asked before the end and hears after it takes nobody back to the sheet', async () => {
    let late = () => {}
    await open({ [CONFIRM]: () => ({ data: orderOf() }) })
    const data = asking()
    answering({
      [ORDER]: () => new Promise((done) => (late = () => done({ data }))),
      [CONFIRM]: () => ({ data: orderOf() }),
    })
    const asked = () => fake.sent('GET', '/api/orders').length
    const before = asked()
    await pass(2_000)
    expect(asked()).toBe(before + 1)
    type('123456')
    await press(/^确认付款/)
    late()
    await pass(0)
    expect(verdict()).toContain('支付成功')
  })

  it('a challenge that another took the place of is looked at anew', async () => {
    await open({ [CONFIRM]: () => problem(409, 'challenge-gone') })
    answering({
      [CONFIRM]: () => problem(409, 'challenge-gone'),
      [ORDER]: () => ({ data: asking({ challengeId: 'ch-2' }) }),
    })
    type('123456')
    await press(/^确认付款/)
    expect(said()).toBe('这个验证码已经失效')
    expect(field().value).toBe('')
  })

  it('survives a reload and is there on a second device: the order itself says that it waits', async () => {
    fake.params = { orderNo: NO }
    await open()
    expect(field()).toBeTruthy()
  })

  it('while it waits the page asks on, and what is typed stays', async () => {
    await open()
    type('123')
    for (let second = 0; second < 10; second++) await pass(1_000)
    expect(field().value).toBe('123')
    expect(fake.sent('GET', '/api/orders').length).toBeGreaterThan(3)
  })

  it('too late: the sheet goes with the server’s word, and nothing is said of money before the bank has', async () => {
    await open()
    const late = orderOf({ state: 'paying', endedAt: null })
    answering({ [ORDER]: () => ({ data: late }) })
    await pass(301_000)
    await pass(8_000)
    expect(verdict()).toBe('确认时间已过¥95.00正在向银行查询结果，请勿重复付款')
    answering({ [ORDER]: () => ({ data: orderOf({ state: 'closed', closeReason: 'authentication-expired' }) }) })
    await pass(8_000)
    expect(verdict()).toBe('×没有付成¥95.00没有扣款没有在时间内确认。请重新付款，收到验证码后尽快填写')
  })

  it('a confirmation in the bank’s app needs no field, and its result shows by itself', async () => {
    await open({ [ORDER]: () => ({ data: asking({ kinds: 'app' }) }) })
    expect(text()).toContain('请打开手机银行确认，12:13 前有效确认后，这里会自动显示结果')
    expect(screen.queryByLabelText('6 位短信验证码')).toBeNull()
    answering({ [ORDER]: () => ({ data: orderOf() }) })
    await pass(1_000)
    expect(verdict()).toContain('支付成功')
  })
})

describe('another code', () => {
  it('may be sent after a minute, and counts down anew', async () => {
    await open({ [RESEND]: () => ({ data: asking({ challengeId: 'ch-2', resendAt: String(Date.now() + 60_000) }) }) })
    expect(button('60 秒后可重新发送').disabled).toBe(true)
    for (let second = 0; second < 59; second++) await pass(1_000)
    expect(button('1 秒后可重新发送').disabled).toBe(true)
    await pass(1_000)
    type('123')
    await press('重新发送')
    expect(button('60 秒后可重新发送').disabled).toBe(true)
    expect(field().value).toBe('')
  })

  it('too soon for the bank: says so, and waits as long as it is told', async () => {
    await open({
      [ORDER]: () => ({ data: asking({ resendAt: '0' }) }),
      [RESEND]: () => problem(429, 'too-soon', { 'Retry-After': '20' }),
    })
    await press('重新发送')
    expect(said()).toBe('短信刚发过，请稍候')
    expect(button('20 秒后可重新发送').disabled).toBe(true)
  })

  it('without a network it was not sent, as far as anybody knows', async () => {
    await open({ [ORDER]: () => ({ data: asking({ resendAt: '0' }) }), [RESEND]: () => 'offline' })
    await press('重新发送')
    expect(said()).toBe('短信没有发出，请稍后再试')
  })
})

describe('cancelling', () => {
  it('closes at the bank; only the server’s word ends it', async () => {
    await open({ [CLOSE]: () => ({ data: orderOf({ state: 'closed', closeReason: 'order-closed' }) }) })
    await press('取消付款')
    expect(verdict()).toBe('×付款已取消¥95.00没有扣款订单已关闭。要付款，请重新付一次')
    await press('重新付款')
    expect(fake.visits).toEqual(['reLaunch /pages/pay/index?merchant=M0001&amount=100.00'])
  })

  it('of what the bank has booked meanwhile shows that it is paid', async () => {
    await open({ [CLOSE]: () => ({ data: orderOf() }) })
    await press('取消付款')
    expect(verdict()).toContain('支付成功')
  })

  it('of which nothing is known says that, and asks', async () => {
    await open({ [CLOSE]: () => 'timeout' })
    await press('取消付款')
    expect(document.querySelector('.confirm__said')?.textContent).toBe('还不知道取消了没有，正在查询')
    expect(field()).toBeTruthy()
  })
})

describe('on the bank’s own page', () => {
  const redirected = () => orderOf({ state: 'paying', endedAt: null, action: redirectOf() })

  it('only the payer’s tap leads there: who comes back isn’t sent again', async () => {
    const payBy = jest.spyOn(host, 'payBy').mockResolvedValue('asked')
    await open({ [ORDER]: () => ({ data: redirected() }) })
    expect(payBy).not.toHaveBeenCalled()
    expect(verdict()).toBe('等待您付款¥95.00请在 12:13 前到银行页面确认，结果会自动显示')
    await press('去银行页面确认')
    expect(payBy).toHaveBeenCalledTimes(1)
    answering({ [ORDER]: () => ({ data: orderOf() }) })
    await pass(1_000)
    expect(verdict()).toContain('支付成功')
  })

  it('where it can’t be opened the payer may cancel', async () => {
    jest.spyOn(host, 'payBy').mockResolvedValue('unavailable')
    await open({
      [ORDER]: () => ({ data: redirected() }),
      [CLOSE]: () => ({ data: orderOf({ state: 'closed', closeReason: 'order-closed' }) }),
    })
    await press('去银行页面确认')
    expect(text()).toContain('小程序里打不开银行页面，请取消后换一个账户')
    await press('取消付款')
    expect(verdict()).toContain('付款已取消')
  })
})
