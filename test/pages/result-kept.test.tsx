import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import ResultPage from '../../src/pages/result/index'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, orderOf, problem } from '../support/taro-bff'

/** What stays in sight of a result, and how somebody whose log-in was lost comes to it. */

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

describe('a result in sight', () => {
  const back = async (answer: FakeAnswer) => {
    fake.answer = bff({ [ORDER]: () => answer })
    await act(async () => void window.dispatchEvent(new Event('online')))
    await pass(0)
  }

  it.each<[string, FakeAnswer]>([
    ['a proxy’s page', { status: 404, data: '<html>404</html>' }],
    ['an address that is none of ours', problem(404, 'not-found')],
    ['a proxy’s 410', { status: 410, data: '' }],
    ['a server that is away', { status: 502, data: '' }],
    ['no network', 'offline'],
  ])('stays in sight through %s', async (_, answer) => {
    await open(() => ({ data: orderOf() }))
    await back(answer)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
  })

  it.each([
    ['order-not-found', 404, '没有找到这笔订单'],
    ['order-archived', 410, '该订单已归档'],
  ])('goes by the server’s own word %s', async (code, status, title) => {
    await open(() => ({ data: orderOf() }))
    await back(problem(status, code))
    expect(verdict()).toBeUndefined()
    expect(document.querySelector('.notice__title')?.textContent).toBe(title)
  })

  it('that never came is not called missing by a proxy’s 404', async () => {
    await open(() => ({ status: 404, data: '<html>404</html>' }))
    expect(document.querySelector('.page')?.textContent).toBe(
      '!服务暂时不可用请稍后重试。没有查到结果前，请勿重复付款重新查询',
    )
  })
})

describe('a log-in that was lost', () => {
  const LOST = '付没付成不受登录影响，只是现在查不到。重新登录后就能看到结果，请勿重复付款'
  const refused = { 'POST /api/session': () => problem(401, 'login-code-refused') }

  it('says nothing of the payment but that it is as it is, and goes on to the order after the next', async () => {
    fake.answer = bff({ ...refused, [ORDER]: () => problem(401, 'token-expired') })
    render(<ResultPage />)
    await pass(0)
    expect(document.querySelector('.page')?.textContent).toBe(`!登录失效了${LOST}重新登录`)
    fake.answer = bff({ [ORDER]: () => ({ data: orderOf() }) })
    fireEvent.click(screen.getByRole('button', { name: '重新登录' }))
    await pass(0)
    expect(verdict()).toBe('支付成功¥95.00已优惠 ¥5.00')
  })

  it('of a browser that lets nobody in leads to where it was paid, and to no other log-in', async () => {
    fake.answer = bff({ 'GET /api/login-way': () => ({ data: { way: 'none', page: null } }) })
    render(<ResultPage />)
    await pass(0)
    expect(document.querySelector('.page')?.textContent).toBe(
      '!这里看不到付款结果请在付款的应用里打开。没有查到结果前，请勿重复付款',
    )
  })

  it('while the bank is asked keeps the order in sight', async () => {
    let order: FakeAnswer = { data: orderOf({ state: 'paying', endedAt: null }) }
    await open(() => order)
    order = problem(401, 'token-expired')
    fake.answer = bff({ ...refused, [ORDER]: () => order })
    await pass(500)
    expect(verdict()).toBe('银行处理中，请勿重复付款¥95.00登录失效了，付款不受影响。重新登录后接着查，请勿重复付款')
    fake.answer = bff({ [ORDER]: () => ({ data: orderOf() }) })
    fireEvent.click(screen.getByRole('button', { name: '重新登录' }))
    await pass(0)
    expect(verdict()).toMatch(/^支付成功/)
  })
})
