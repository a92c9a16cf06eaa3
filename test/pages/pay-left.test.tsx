import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, orderOf, problem, quoteOf } from '../support/taro-bff'

/** What a payment leaves behind: one whose answer can't come any more, and the page that it was paid on. */

const NOON = Date.parse('2026-11-20T04:00:00.000Z')

beforeEach(() => {
  jest.useFakeTimers({ now: NOON })
  fake.reset()
  fake.params = { merchant: 'M0001' }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const TYPING_PAUSE_MS = 250

type Routes = Parameters<typeof bff>[0]

/** What the server answers from now on. */
function serve(routes: Routes) {
  fake.answer = bff({
    'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
    ...routes,
  })
}
async function open(routes: Routes) {
  serve(routes)
  render(<PayPage />)
  await pass(0)
}
const button = (name: string | RegExp) => screen.getByRole('button', { name })
const press = async (name: string | RegExp) => {
  fireEvent.click(button(name))
  await pass(0)
}
async function openAndPay(routes: Routes) {
  await open(routes)
  for (const key of '100') fireEvent.click(button(key))
  await pass(TYPING_PAUSE_MS)
  await press(/^付款/)
}
/** As a person leaves the page and comes back to it. */
async function reopen(routes: Routes) {
  cleanup()
  await open(routes)
}
const paying = (answer: FakeAnswer): Routes => ({ 'POST /api/orders': () => answer })
const sheet = () => screen.queryByRole('alertdialog')?.textContent
const banners = () => [...document.querySelectorAll('.earlier')].map((one) => one.textContent)
const payKey = () => document.querySelector('.key--pay') as HTMLButtonElement
const keysSent = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])
const keysKept = () => [...fake.storage].flatMap(([name, kept]) => (/intents/.test(name) ? (kept as []) : []))
const text = () => document.body.textContent

const UNSURE = /^付款结果还不知道12:00 的 ¥95\.00 已提交/
const DAY_MS = 24 * 3_600_000
/** As a tab sleeps: no timer runs, and the clock goes on. */
const sleep = (ms: number) => jest.setSystemTime(Date.now() + ms)

describe('an answer that was lost', () => {
  it('and that a page left open asks for when its key has been forgotten, is told as nothing: it may have been paid', async () => {
    await openAndPay(paying('offline'))
    await pass(6_000)
    expect(sheet()).toMatch(UNSURE)
    sleep(DAY_MS + 3_600_000)
    serve(paying(problem(409, 'quote-expired')))
    await pass(15_000)
    expect([sheet(), banners(), payKey().textContent]).toEqual([undefined, [], '付款¥95.00'])
    expect(text()).not.toContain('没有扣款')
    const asked = keysSent().length
    await pass(60_000)
    expect(keysSent()).toHaveLength(asked)
  })

  it('and that comes a minute before that is the payment’s own', async () => {
    await openAndPay(paying('offline'))
    await pass(6_000)
    sleep(DAY_MS - 60_000)
    serve(paying(problem(409, 'quote-expired')))
    await pass(15_000)
    expect(sheet()).toMatch(/没有扣款/)
    expect(keysKept()).toEqual([])
  })

  it('stays unknown when whoever asks isn’t let in any more, and is asked for by the payer’s own tap', async () => {
    await openAndPay(paying('offline'))
    const refused = problem(403, 'login-blocked')
    serve({ ...paying(problem(401, 'token-invalid')), 'POST /api/session': () => refused })
    await pass(500)
    expect(sheet()).toMatch(/^登录失效了12:00 的 ¥95\.00 已提交/)
    expect(keysKept()).toMatchObject([{ key: keysSent()[0] }])
    const asked = keysSent().length
    await pass(60_000)
    expect(keysSent()).toHaveLength(asked)
    await press('不等了')
    expect(banners()).toEqual(['12:00 的 ¥95.00 还不知道结果继续确认 ›'])
    serve(paying({ data: orderOf() }))
    await press(/继续确认/)
    expect([new Set(keysSent()).size, fake.visits.length, keysKept()]).toEqual([1, 1, []])
  })

  it('stays kept through an opening that isn’t let in', async () => {
    await openAndPay(paying('offline'))
    for (const name of fake.storage.keys()) if (name.includes('session')) fake.storage.delete(name)
    const refused = problem(403, 'login-blocked')
    const late = () => new Promise<FakeAnswer>((done) => setTimeout(done, 100, refused))
    await reopen({ 'POST /api/session': late })
    // nobody is told of it before it is known whose it is
    expect([payKey().textContent, banners()]).toEqual(['付款', []])
    await pass(100)
    expect(text()).toContain('微信暂不允许登录')
    expect(text()).not.toContain('没有扣款')
    expect(keysKept()).toMatchObject([{ key: keysSent()[0] }])
    await reopen(paying({ data: orderOf() }))
    expect([new Set(keysSent()).size, fake.visits.length]).toEqual([1, 1])
  })

  it('of a person who has logged out of this very page isn’t told to the next, whose payment is another', async () => {
    await openAndPay(paying('offline'))
    serve(paying(problem(403, 'quote-foreign')))
    await pass(500)
    expect([sheet(), banners(), keysKept().length]).toEqual([undefined, [], 1])
    await press(/^付款/)
    expect(sheet()).toBe('这笔付款没有受理没有扣款。请核对金额后再付。重新核对')
    expect([new Set(keysSent()).size, keysKept().length]).toEqual([2, 1])
  })
})

it('whoever isn’t let in as they pay is told so: nothing was sent, and the amount is not at fault', async () => {
  await open({})
  for (const key of '100') fireEvent.click(button(key))
  await pass(TYPING_PAUSE_MS)
  serve({
    'GET /api/orders': () => problem(401, 'token-invalid'),
    'POST /api/session': () => problem(403, 'login-blocked'),
  })
  await press(/^付款/)
  expect(sheet()).toBe('微信暂不允许登录没有扣款。请联系微信客服，或换一种方式付款。再试一次不付了')
  expect(keysSent()).toEqual([])
})

describe('the page on which it was paid', () => {
  const show = async () => {
    act(() => fake.didShow.forEach((tell) => void tell()))
    await pass(TYPING_PAUSE_MS)
  }
  const paid = orderOf({ createdAt: '2026-11-20T04:00:00.000Z' })

  it('leads nowhere else meanwhile: the result would take the place of what lies above', async () => {
    let comes: (answer: FakeAnswer) => void = () => {}
    const answer = new Promise<FakeAnswer>((done) => {
      comes = done
    })
    await openAndPay({ 'POST /api/orders': () => answer })
    expect(button('活动规则')).toHaveProperty('disabled', true)
    await show()
    expect(payKey().textContent).toBe('付款中')
    await act(async () => comes({ data: paid }))
    expect(fake.visits).toEqual([`redirectTo /pages/result/index?orderNo=${paid.orderNo}`])
  })

  it('is there to pay on when it is seen again, below the result or without it, and shows what was paid', async () => {
    await openAndPay(paying({ data: paid }))
    expect([payKey().textContent, fake.visits.length]).toEqual(['付款中', 1])
    serve({ 'GET /api/orders': () => ({ data: { items: [paid] } }) })
    await show()
    expect(sheet()).toBe('刚刚付过一笔刚才 12:00 的 ¥95.00 已支付。要再付一笔吗？看结果再付一笔')
    await press('再付一笔')
    expect([sheet(), payKey().textContent, payKey().disabled]).toEqual([undefined, '付款¥95.00', false])
    expect(button('活动规则')).toHaveProperty('disabled', false)
  })
})
