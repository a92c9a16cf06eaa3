import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { seal } from '../../server/domain/seal'
import { api } from '../../src/api'
import { holderOf } from '../../src/holder'
import OrdersPage from '../../src/pages/orders/index'
import PayPage from '../../src/pages/pay/index'
import SignPage from '../../src/pages/sign/index'
import { payerNow } from '../../src/session'
import { type FakeAnswer, fake } from '../support/taro'
import { agreements, bff, orderOf, problem, quoteOf } from '../support/taro-bff'

/** One telephone, and two people one after the other: what is kept of the first is neither shown to the second nor lost. */

const NOON = Date.parse('2026-11-20T04:00:00.000Z')
const KEY = Buffer.alloc(32, 7)
const sessionOf = (sub: string) => () => ({
  data: { token: seal(KEY, 'session', { kind: 'payer', sub, exp: NOON }), expiresAt: '2099-01-01T00:00:00.000Z' },
})
const LOG_IN = 'POST /api/session'

beforeEach(() => {
  jest.useFakeTimers({ now: NOON })
  fake.reset()
  fake.params = { merchant: 'M0001' }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
  jest.restoreAllMocks()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
type Routes = Parameters<typeof bff>[0]

function serve(sub: string, routes: Routes) {
  const quoting: Routes = {
    'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
  }
  fake.answer = bff({ ...quoting, [LOG_IN]: sessionOf(sub), ...routes })
}
async function open(sub: string, routes: Routes = {}) {
  serve(sub, routes)
  render(<PayPage />)
  await pass(0)
}
/** The page is opened anew; in the bank's app a session doesn't outlast it. */
async function reopen(sub: string, routes: Routes = {}) {
  cleanup()
  for (const name of [...fake.storage.keys()]) if (name.includes('session')) fake.storage.delete(name)
  await open(sub, routes)
}
const button = (name: string | RegExp) => screen.getByRole('button', { name })
async function pay() {
  for (const key of '100') fireEvent.click(button(key))
  await pass(250)
  fireEvent.click(button(/^付款/))
  await pass(0)
}
const sent = () => fake.sent('POST', '/api/orders').map(({ header }) => header['Idempotency-Key'])
const text = () => document.body.textContent
const THEIRS = /12:00 的 ¥95\.00|还不知道结果|付款中/

it('a token says whom it was issued to, whatever they are called, and nothing else is one', () => {
  for (const sub of ['payer-1', '张三', 'a', 'ab', 'abc', 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M'])
    expect(holderOf(seal(KEY, 'session', { kind: 'payer', sub }))).toBe(sub)
  for (const other of ['token-1', '', '.', 'abc.def', seal(KEY, 'session', 5), seal(KEY, 'session', { sub: 5 })])
    expect(holderOf(other)).toBeUndefined()
})

it('an unknown payment of the person before is told to nobody else, not even while they log in without a network', async () => {
  await open('anna', { 'POST /api/orders': () => 'offline' })
  await pay()
  await pass(6_000)
  expect(text()).toMatch(THEIRS)
  const [theirs] = sent()
  let answer: (given: ReturnType<ReturnType<typeof sessionOf>>) => void = () => {}
  await reopen('bert', { [LOG_IN]: () => new Promise((done) => (answer = done)) })
  expect(text()).not.toMatch(THEIRS)
  await act(async () => answer(sessionOf('bert')()))
  await pass(60_000)
  expect(text()).not.toMatch(THEIRS)
  fake.requests.length = 0
  await pay()
  expect(new Set(sent())).toEqual(new Set([sent()[0]]))
  expect(sent()).not.toContain(theirs)
})

it('and is still there for its own payer, by the same key', async () => {
  await open('anna', { 'POST /api/orders': () => 'offline' })
  await pay()
  const [theirs] = sent()
  await reopen('bert')
  await reopen('anna', { 'POST /api/orders': () => ({ data: orderOf() }) })
  expect([new Set(sent()), fake.visits.length]).toEqual([new Set([theirs]), 1])
  expect([...fake.storage.keys()].filter((name) => name.includes('intents'))).toEqual([])
})

it.each([
  ['', false],
  [', where the tab keeps nothing', true],
])(
  'another person who logs in on the open page begins anew: no account, no order and no amount of the one before%s',
  async (_, refuses) => {
    if (refuses) {
      jest.spyOn(Storage.prototype, 'getItem').mockReturnValue(null)
      jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
        throw new Error('refused')
      })
    }
    const open1 = orderOf({ state: 'paying', endedAt: null })
    await open('anna', { 'GET /api/orders': () => ({ data: { items: [open1] } }) })
    fireEvent.click(button('再付一笔'))
    for (const key of '100') fireEvent.click(button(key))
    await pass(250)
    expect(text()).toContain('还在处理')
    expect(text()).toContain('(6217)')
    const of = (tail: string) => ({ items: [{ ...agreements.items[0]!, accountTail: tail }] })
    const stale = seal(KEY, 'session', { kind: 'payer', sub: 'anna', exp: NOON })
    const own =
      (answer: object): Routes[string] =>
      ({ header }) =>
        header.Authorization === `Bearer ${stale}` ? problem(401, 'token-expired') : { data: answer }
    serve('bert', { 'GET /api/agreements': own(of('8888')), 'GET /api/orders': own({ items: [] }) })
    await act(async () => void window.dispatchEvent(new Event('online')))
    await pass(0)
    expect(text()).not.toMatch(/还在处理|\(6217\)/)
    expect(text()).toContain('(8888)')
    expect(document.querySelector('.amount__text')?.textContent).toBe('0.00')
  },
)

it('a list of orders holds no order of the one before, not even where the next one’s can’t be read', async () => {
  const mine = (no: string) => ({ data: { items: [orderOf({ orderNo: no, merchantName: `店 ${no}` })] } })
  serve('anna', { 'GET /api/orders': () => mine('F1') })
  render(<OrdersPage />)
  await pass(0)
  expect(text()).toContain('店 F1')
  const stale = seal(KEY, 'session', { kind: 'payer', sub: 'anna', exp: NOON })
  let known: FakeAnswer = 'offline'
  serve('bert', {
    'GET /api/orders': ({ header }) =>
      header.Authorization === `Bearer ${stale}` ? problem(401, 'token-expired') : known,
  })
  const back = async () => {
    await act(async () => void window.dispatchEvent(new Event('online')))
    await pass(0)
  }
  await back()
  expect(text()).not.toContain('店 F1')
  known = mine('F2')
  await back()
  expect(text()).toContain('店 F2')
  expect(text()).not.toContain('店 F1')
})

it('a log-in that is lost while a payment is unknown says so, and the next one goes on to the order', async () => {
  await open('anna', { 'POST /api/orders': () => 'offline' })
  await pay()
  serve('anna', {
    'POST /api/orders': () => problem(401, 'token-expired'),
    [LOG_IN]: () => problem(403, 'login-refused'),
  })
  await pass(500)
  expect(document.querySelector('.sheet')?.textContent).toBe(
    '登录失效了12:00 的 ¥95.00 已提交，付没付成不受登录影响，只是现在查不到。重新登录后就能看到结果，请勿重复付款。重新登录不等了',
  )
  serve('anna', { 'POST /api/orders': () => ({ data: orderOf() }) })
  fireEvent.click(button('重新登录'))
  await pass(0)
  expect([new Set(sent()).size, fake.visits]).toEqual([
    1,
    [`redirectTo /pages/result/index?orderNo=${orderOf().orderNo}`],
  ])
})

const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label)
const AGREEMENTS = 'POST /api/agreements'

it.each([
  ['has ended for the server', true],
  ['was another’s by another tab', false],
])(
  'what one typed of their account is neither shown nor sent as the next one’s, whose session %s',
  async (_, ended) => {
    serve('anna', { [AGREEMENTS]: () => problem(401, 'token-expired') })
    await api.agreements()
    render(<SignPage />)
    await pass(0)
    const typed = { 卡号或账号: '6222020012345678', 姓名: '张三', 银行预留手机号: '13812345678' }
    for (const [label, value] of Object.entries(typed)) fireEvent.change(field(label), { target: { value } })
    fireEvent.click(button(/^同意把以上信息/))
    const stale = seal(KEY, 'session', { kind: 'payer', sub: 'anna', exp: NOON })
    serve('bert', {
      [AGREEMENTS]: ({ header }) =>
        header.Authorization === `Bearer ${stale}` ? problem(401, 'token-expired') : problem(422, 'card-invalid'),
    })
    if (!ended) {
      const name = [...fake.storage.keys()].find((one) => one.includes('session'))!
      fake.storage.set(name, sessionOf('bert')().data)
      expect(payerNow()).toBe('bert')
    }
    fireEvent.click(button('下一步'))
    await pass(0)
    expect(fake.sent('POST', '/api/agreements').map(({ header }) => header.Authorization)).toEqual(
      ended ? [`Bearer ${stale}`] : [],
    )
    expect(Object.keys(typed).map((label) => field(label).value)).toEqual(['', '', ''])
  },
)
