import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantPage from '../../src/pages/merchant/index'
import MerchantOrderPage from '../../src/pages/merchant-order/index'
import { FakeSocket } from '../support/live-socket'
import { fake } from '../support/taro'
import { bff, problem, summaryOf } from '../support/taro-bff'

/** A log-in that doesn't come off says nothing of whose shop it is: only the server's own word does. */

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
  fake.reset()
  fake.params = { merchant: 'M0001', orderNo: 'F20261120-7K3M-92QX-7F2A' }
  fake.storage.set('fapai.shop', { code: 'M0001', name: '老街牛肉面' })
  FakeSocket.opened = []
  Object.assign(globalThis, { WebSocket: FakeSocket, FAPAI_SANDBOX: true })
})

afterEach(() => {
  cleanup()
  jest.restoreAllMocks()
  jest.useRealTimers()
})

const pass = (ms = 0) => act(() => jest.advanceTimersByTimeAsync(ms))
const refuse = (refused: string) => {
  // biome-ignore lint/suspicious/noDocumentCookie: as the BFF leaves it
  document.cookie = `fapai_session=${encodeURIComponent(JSON.stringify({ refused }))}; Path=/`
}
const byPage = { 'GET /api/login-way': () => ({ data: { way: 'page', page: '/login/wechat' } }) }
type Routes = Parameters<typeof bff>[0]

const HICCUPS: [string, () => Routes][] = [
  [
    'whose way back was too late, or another tab’s',
    () => {
      refuse('login-refused')
      return {}
    },
  ],
  [
    'that never came back',
    () => {
      sessionStorage.setItem('fapai.went', 'yes')
      return byPage
    },
  ],
  [
    'of a browser that keeps nothing',
    () => {
      jest.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
        throw new Error('refused')
      })
      return byPage
    },
  ],
  [
    'whose code the platform refused, since it was used or old',
    () => ({ 'POST /api/merchant/session': () => problem(401, 'login-code-refused') }),
  ],
  ['of whom the platform blocks', () => ({ 'POST /api/merchant/session': () => problem(403, 'login-blocked') })],
]

describe.each(HICCUPS)('a log-in %s', (_, happens) => {
  it.each([
    ['the shop’s page', <MerchantPage key="day" />],
    ['an order’s', <MerchantOrderPage key="order" />],
  ])('leaves %s with a way to try again', async (__, page) => {
    fake.answer = bff(happens())
    render(page)
    await pass()
    expect(document.body.textContent).toMatch(/登录没有成功|微信暂不允许登录/)
    expect(document.body.textContent).not.toContain('成员')
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(screen.getByRole('button', { name: '重试' })).toBeTruthy()
    expect(fake.storage.get('fapai.shop')).toBeTruthy()
  })
})

it('and the next try opens the page', async () => {
  refuse('login-refused')
  fake.answer = bff({
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [] } }),
  })
  render(<MerchantPage />)
  await pass()
  fireEvent.click(screen.getByRole('button', { name: '重试' }))
  await pass()
  expect(document.querySelector('.merchant__name')?.textContent).toBe('老街牛肉面')
})

it('a code that was refused is not sent again: the next try asks for another', async () => {
  let code = 0
  const hand = () => {
    // biome-ignore lint/suspicious/noDocumentCookie: as the BFF leaves it
    document.cookie = `fapai_session=${encodeURIComponent(JSON.stringify({ code: `code-${++code}`, expiresAt: '2099-01-01T00:00:00.000Z' }))}; Path=/`
  }
  hand()
  fake.answer = bff({
    'POST /api/merchant/session': ({ body }) =>
      (body as { code: string }).code === 'code-1'
        ? problem(401, 'login-code-refused')
        : {
            data: {
              token: 't',
              expiresAt: '2099-01-01T00:00:00.000Z',
              merchant: { code: 'M0001', name: '老街牛肉面' },
            },
          },
    'GET /api/login-way': () => ({ data: { way: 'page', page: null } }),
    'GET /api/merchant/summary': () => ({ data: summaryOf() }),
    'GET /api/merchant/orders': () => ({ data: { items: [] } }),
  })
  render(<MerchantPage />)
  await pass()
  hand()
  fireEvent.click(screen.getByRole('button', { name: '重试' }))
  await pass()
  expect(document.querySelector('.merchant__name')?.textContent).toBe('老街牛肉面')
  expect(fake.sent('POST', '/api/merchant/session').map(({ body }) => (body as { code: string }).code)).toEqual([
    'code-1',
    'code-2',
  ])
})
