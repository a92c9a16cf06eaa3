import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import SignPage from '../../src/pages/sign/index'
import { fake } from '../support/taro'
import { bff, orderOf, problem, quoteOf } from '../support/taro-bff'

/** The pay page, opened by a code for one payment: the shop has said the amount. */

const CODE = 'WyJpZCJd.mac_-1'
const SAID = `GET /api/merchants/M0001/pay-codes/${CODE}`

beforeEach(() => {
  jest.useFakeTimers()
  fake.reset()
  fake.params = { merchant: 'M0001', pay: CODE }
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
const said = () => ({ data: { amountFen: 123_450, expiresAt: new Date(Date.now() + 200_000).toISOString() } })
const quoting = ({ body }: { body: unknown }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) })

async function open(routes: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({ [SAID]: said, 'POST /api/quotes': quoting, ...routes })
  render(<PayPage />)
  await pass(0)
  await pass(250)
}
const amount = () => document.querySelector('.amount')?.textContent
const notice = () => document.querySelector('.notice')?.textContent
const payKey = () => screen.getByRole('button', { name: /^付款/ })
const tapPay = async () => {
  fireEvent.click(payKey())
  await pass(0)
}

it('opens with the shop’s amount, of which nobody can type, delete or paste another', async () => {
  await open()
  expect(amount()).toBe('付款金额（店家已填好）¥1234.50')
  expect(document.querySelectorAll('.keypad button')).toHaveLength(1)
  for (const key of ['9', 'Backspace', 'Delete']) fireEvent.keyDown(document, { key })
  const pasted = Object.assign(new Event('paste', { bubbles: true }), { clipboardData: { getData: () => '1.00' } })
  act(() => void document.body.dispatchEvent(pasted))
  await pass(250)
  expect(amount()).toBe('付款金额（店家已填好）¥1234.50')
  expect(fake.sent('POST', '/api/quotes').map(({ body }) => body)).toEqual([
    { merchantCode: 'M0001', amountFen: 123_450, channel: 'bank', payCode: CODE },
  ])
})

it('an amount in its address, or typed here before, is none', async () => {
  fake.params = { merchant: 'M0001', pay: CODE, amount: '1' }
  await open()
  expect(amount()).toContain('¥1234.50')
})

it.each([
  ['pay-code-invalid', 404, '!这个收款码不对可能不是这家店的，或者不完整。请店家重新出一个'],
  ['pay-code-expired', 410, '!这个收款码失效了没有扣款。请店家重新出一个'],
  ['pay-code-used', 409, '!这个收款码用过了一个码只能付一次。您有没有付成，请看“我的付款”我的付款'],
])('one that can’t be paid (%s) is told as such, and nothing is asked of the payer', async (code, status, words) => {
  await open({ [SAID]: () => problem(status, code) })
  expect(notice()).toBe(words)
  expect(fake.sent('POST', '/api/quotes')).toEqual([])
  expect(document.querySelector('.keypad')).toBeNull()
})

it('that ends while it is looked at is told as over, by the server’s word', async () => {
  let over = false
  const expiresAt = new Date(Date.now() + 60_000).toISOString()
  await open({
    'POST /api/quotes': () =>
      over ? problem(410, 'pay-code-expired') : { data: quoteOf(123_450, 1_000, { expiresAt }) },
  })
  expect(payKey().textContent).toContain('付款')
  over = true
  await pass(60_000)
  await pass(0)
  expect(notice()).toContain('这个收款码失效了')
})

it('that another has paid first debits nobody, and says so', async () => {
  let paid = false
  await open({
    'POST /api/quotes': (request) => (paid ? problem(409, 'pay-code-used') : quoting(request)),
    'POST /api/orders': () => {
      paid = true
      return problem(409, 'quote-used')
    },
  })
  await tapPay()
  expect(document.querySelector('.sheet')?.textContent).toBe(
    '这个收款码刚被付过这一笔没有扣款。要付款，请店家重新出一个。知道了',
  )
  fireEvent.click(screen.getByRole('button', { name: '知道了' }))
  await pass(250)
  expect(notice()).toContain('这个收款码用过了')
  fireEvent.click(screen.getByRole('button', { name: '我的付款' }))
  expect(fake.visits).toEqual(['redirectTo /pages/orders/index'])
})

it('is paid as any other, and its amount isn’t kept for the next visit', async () => {
  await open({ 'POST /api/orders': () => ({ data: orderOf() }) })
  await tapPay()
  expect(fake.visits).toEqual(['redirectTo /pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B'])
  cleanup()
  fake.params = { merchant: 'M0001' }
  await open()
  expect(amount()).toBe('付款金额¥0.00')
})

it('who signs on the way comes back to the same code', async () => {
  await open({ 'GET /api/agreements': () => ({ data: { items: [] } }) })
  fireEvent.click(screen.getByRole('button', { name: /^签约付款/ }))
  expect(fake.visits).toEqual([`navigateTo /pages/sign/index?merchant=M0001&pay=${CODE}&amount=1234.50`])
  cleanup()
  fake.params = { merchant: 'M0001', pay: CODE, amount: '1234.50' }
  render(<SignPage />)
  await pass(0)
  expect(document.querySelector('.page')).toBeTruthy()
})
