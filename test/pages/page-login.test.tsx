import { cleanup, render, screen } from '@testing-library/react'
import { api, sessionOf } from '../../src/api'
import PayPage from '../../src/pages/pay/index'
import { hereOf, pageLogin } from '../../src/platform/page-login'
import { fake } from '../support/taro'
import { bff } from '../support/taro-bff'

const cookie = (value: string) => {
  // biome-ignore lint/suspicious/noDocumentCookie: as the BFF leaves it
  document.cookie = `fapai_session=${encodeURIComponent(value)}; Path=/`
}
const SESSION = { token: 'token-of-wechat', expiresAt: '2099-01-01T00:00:00.000Z' }

beforeEach(() => {
  fake.reset()
  sessionStorage.clear()
  fake.params = { merchant: 'M0001' }
})
afterEach(cleanup)

it('a session that was handed over is taken once, and opens the page without another log-in', async () => {
  cookie(JSON.stringify(SESSION))
  fake.answer = bff({})
  render(<PayPage />)
  await screen.findByText('老街牛肉面')
  expect(fake.sent('GET', '/api/agreements')[0]?.header.Authorization).toBe('Bearer token-of-wechat')
  expect([...fake.sent('POST', '/api/session'), ...fake.sent('GET', '/api/login-way')]).toEqual([])
  expect(document.cookie).toBe('')
})

it.each([
  ['login-blocked', '微信暂不允许登录'],
  ['login-unavailable', '登录没有成功'],
  ['login-too-often', '登录没有成功'],
])('a log-in that came to %s reads %s, and nothing is tried behind the person’s back', async (refused, title) => {
  cookie(JSON.stringify({ refused }))
  fake.answer = bff({})
  render(<PayPage />)
  await screen.findByText(title)
  // but what anybody may read
  expect(fake.requests.map(({ path }) => path)).toEqual(['/api/merchants/M0001'])
})

it('where nobody can be known the page says how to pay', async () => {
  fake.answer = bff({ 'GET /api/login-way': () => ({ data: { way: 'none' } }) })
  render(<PayPage />)
  await screen.findByText('请用微信扫码付款')
  expect(fake.sent('POST', '/api/session')).toEqual([])
})

it('a merchant’s page logs in with what it was handed, and binds with the same', async () => {
  cookie(JSON.stringify({ code: 'told-by-wechat', expiresAt: '2099-01-01T00:00:00.000Z' }))
  const refused = { status: 401, data: { code: 'login-refused' } }
  fake.answer = bff({ 'POST /api/merchant/session': () => refused, 'POST /api/merchant/binding': () => refused })
  const reader = { role: 'merchant' } as const
  await expect(sessionOf(reader)).rejects.toMatchObject({ code: 'login-refused' })
  await expect(api.bind(reader, 'ABCDEFGH')).rejects.toMatchObject({ code: 'login-refused' })
  const sent = [...fake.sent('POST', '/api/merchant/session'), ...fake.sent('POST', '/api/merchant/binding')]
  expect(sent.map(({ body }) => (body as { code: string }).code)).toEqual(['told-by-wechat', 'told-by-wechat'])
  expect(fake.sent('GET', '/api/login-way')).toEqual([])
})

it('in the bank’s app a ticket is asked for at each log-in, and without the app it says how to pay', async () => {
  let asked = 0
  Object.assign(window, { BankApp: { loginTicket: async () => `ticket-${++asked}` } })
  fake.answer = bff({ 'GET /api/login-way': () => ({ data: { way: 'code', page: null } }) })
  const { unmount } = render(<PayPage />)
  await screen.findByText('老街牛肉面')
  expect(fake.sent('POST', '/api/session').map(({ body }) => body)).toEqual([{ platform: 'browser', code: 'ticket-1' }])
  unmount()
  fake.reset()
  Object.assign(window, { BankApp: undefined })
  fake.params = { merchant: 'M0001' }
  fake.answer = bff({ 'GET /api/login-way': () => ({ data: { way: 'code', page: null } }) })
  render(<PayPage />)
  await screen.findByText('请用微信扫码付款')
  expect(fake.sent('POST', '/api/session')).toEqual([])
})

it('a cookie of somebody else’s is taken for none', () => {
  cookie('{"token":')
  expect(pageLogin.handed()).toBeNull()
})

it.each([
  ['#/pages/pay/index?merchant=M0001', '/#/pages/pay/index?merchant=M0001'],
  [
    '#/pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B&act=1',
    '/#/pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B&act=1',
  ],
  ['#/pages/merchant/index', '/#/pages/merchant/index'],
  ['#/pages/merchant-staff/index?merchant=M0001', '/#/pages/merchant-staff/index?merchant=M0001'],
  ['#/pages/orders/index', '/#/pages/orders/index'],
  [
    '#/pages/merchant-order/index?orderNo=F20261120-7K3M-92QX-4T8B&',
    '/#/pages/merchant-order/index?orderNo=F20261120-7K3M-92QX-4T8B&',
  ],
  ['#/pages/sign/index?merchant=M0001&amount=9.50', '/#/pages/sign/index?merchant=M0001&amount=9.50'],
  ['#/console/login/index', '/'],
  ['#/pages/pay/index?merchant=<script>', '/'],
  ['', '/'],
])('from %s the way back is %s', (hash, to) => {
  expect(hereOf(hash)).toBe(to)
})
