/** The page in the bank's app, which the browser says before anything of ours is read. */
Object.defineProperty(navigator, 'userAgent', {
  value: 'Mozilla/5.0 (Linux; Android 13) UnionPay/1.0 FapaiBank',
  configurable: true,
})

const { api } = require('../../src/api') as typeof import('../../src/api')
const { fake } = require('../support/taro') as typeof import('../support/taro')
const { bff } = require('../support/taro-bff') as typeof import('../support/taro-bff')

it('logs in by a ticket, once for all that a page asks, and leaves no session for whoever opens it next', async () => {
  let asked = 0
  Object.assign(window, { BankApp: { loginTicket: () => `ticket-${++asked}` } })
  fake.answer = bff({ 'GET /api/login-way': () => ({ data: { way: 'code', page: null } }) })
  await Promise.all([api.merchant('M0001'), api.agreements()])
  await api.merchant('M0001')
  expect(fake.sent('POST', '/api/session').map(({ body }) => body)).toEqual([{ platform: 'bank-h5', code: 'ticket-1' }])
  expect([...fake.storage.keys()].filter((name) => name.includes('session'))).toEqual([])
})
