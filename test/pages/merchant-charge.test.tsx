import type { MadePayCodeView, OwnPayCodeView } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantChargePage from '../../src/pages/merchant-charge/index'
import { host } from '../../src/platform/host'
import { type FakeAnswer, fake } from '../support/taro'
import { bff, problem } from '../support/taro-bff'

const NOW = Date.parse('2026-11-20T04:10:00.000Z')
const CODE = 'body.mac'
const MADE: MadePayCodeView = {
  payCode: CODE,
  path: `/q/M0001?pay=${CODE}`,
  amountFen: 6_600,
  expiresAt: new Date(NOW + 300_000).toISOString(),
}

beforeEach(() => {
  jest.useFakeTimers({ now: NOW })
  fake.reset()
  fake.params = { merchant: 'M0001' }
  Object.assign(globalThis, { FAPAI_SANDBOX: true })
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms))
let state: OwnPayCodeView['state']

async function open(more: Parameters<typeof bff>[0] = {}) {
  state = 'open'
  fake.answer = bff({
    'POST /api/merchant/pay-codes': () => ({ status: 201, data: MADE }),
    [`GET /api/merchant/pay-codes/${CODE}`]: () => ({ data: { ...MADE, state } }),
    ...more,
  })
  render(<MerchantChargePage />)
  await pass(0)
}
const field = () => screen.getByLabelText('收款金额，元') as HTMLInputElement
const type = (value: string) => fireEvent.change(field(), { target: { value } })
const press = async (name: string) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await pass(0)
}
const make = async (value = '66') => {
  type(value)
  await press('生成收款码')
}
const card = () => document.querySelector('.charge')?.textContent
const looks = () => fake.sent('GET', '/api/merchant/pay-codes').length

it('makes a code of what was typed, as people write it, and of nothing that is no amount', async () => {
  await open()
  const button = screen.getByRole('button', { name: '生成收款码' }) as HTMLButtonElement
  for (const [typed, kept] of [
    ['', ''],
    ['0', '0'],
    ['６６', '66'],
    ['66x', '66'],
    ['-5', '66'],
  ] as const) {
    type(typed)
    expect([field().value, button.disabled]).toEqual([kept, kept !== '66'])
  }
  await press('生成收款码')
  expect(fake.sent('POST', '/api/merchant/pay-codes').map(({ body }) => body)).toEqual([{ amountFen: 6_600 }])
  expect(card()).toBe('请顾客扫码付款¥66.005 分钟内有效，只能付一次')
  expect(screen.getByRole('img', { name: '付 66.00 元的二维码' })).toBeTruthy()
})

it('takes the comma of a telephone for the point as it is typed, and cuts nothing that is pasted', async () => {
  await open()
  for (const key of '12,50') type(field().value + key)
  expect(field().value).toBe('12.50')
  expect('人民币 1,000,000.00 元'.length).toBeLessThan(field().maxLength)
  await press('生成收款码')
  expect(fake.sent('POST', '/api/merchant/pay-codes').map(({ body }) => body)).toEqual([{ amountFen: 1_250 }])
})

it('says what became of it: being paid, not paid after all, paid; and then asks no more', async () => {
  await open()
  await make()
  const titles: string[] = []
  for (const next of ['paying', 'open', 'paying', 'paid'] as const) {
    state = next
    await pass(2_000)
    titles.push(document.querySelector('.charge__title')!.textContent!)
  }
  expect(titles).toEqual(['顾客正在付款', '请顾客扫码付款', '顾客正在付款', '收到了'])
  expect(card()).toBe('收到了¥66.00✓已记在收款记录里')
  const asked = looks()
  await pass(20_000)
  expect(looks()).toBe(asked)
  await press('再收一笔')
  expect(field().value).toBe('')
})

const keys = () => screen.getAllByRole('button').map((one) => one.textContent)

it('counts its last minute, and is over by the server’s word; the same amount is one tap', async () => {
  await open()
  await make()
  await pass(241_000)
  expect(card()).toContain('还有 59 秒，只能付一次')
  state = 'over'
  await pass(60_000)
  expect(card()).toBe('这个码失效了¥66.00!过了 5 分钟，或者试了太多次。没有收到钱')
  await press('再出一个同样金额的')
  expect(fake.sent('POST', '/api/merchant/pay-codes')).toHaveLength(2)
})

const UNKNOWN = '时间到了，还不知道收到没有¥66.00?正在查询。请看顾客手机或收款记录，先不要再收'

describe('while nobody can say what became of it', () => {
  let lost: boolean
  const begin = async () => {
    lost = true
    const looked = () => (lost ? problem(503, 'ledger-unavailable') : { data: { ...MADE, state } })
    await open({ [`GET /api/merchant/pay-codes/${CODE}`]: looked })
    await make()
  }

  it('it isn’t called unpaid, and no other is made: who paid did so by a network of their own', async () => {
    await begin()
    await pass(600_000)
    expect(card()).toBe(UNKNOWN)
    expect(keys()).toEqual(['看收款记录'])
    // an answer that was on its way when its time was up doesn’t tell either
    lost = false
    await pass(2_000)
    expect(card()).toBe(UNKNOWN)
    state = 'paid'
    await pass(2_000)
    expect(card()).toBe('收到了¥66.00✓已记在收款记录里')
  })

  it('it is over once the server says so', async () => {
    await begin()
    await pass(301_000)
    lost = false
    state = 'over'
    await pass(2_000)
    expect(keys()).toEqual(['再出一个同样金额的', '换个金额', '看收款记录'])
  })

  it('before its time is up it is still to be scanned, and kept in sight', async () => {
    await begin()
    await pass(2_000)
    expect(card()).toBe('请顾客扫码付款¥66.00暂时查不到收到没有，请看顾客手机')
    expect(keys()).toEqual(['看收款记录'])
    lost = false
    await pass(2_000)
    expect(keys()).toEqual(['换个金额', '看收款记录'])
  })

  it('a telephone that was locked over its end asks before it says anything', async () => {
    await open()
    await make()
    const shown = jest.spyOn(host, 'visible').mockReturnValue(false)
    await pass(400_000)
    shown.mockRestore()
    let told: (answer: FakeAnswer) => void
    fake.answer = () =>
      new Promise((resolve) => {
        told = resolve
      })
    await act(async () => void document.dispatchEvent(new Event('visibilitychange')))
    await pass(1_000)
    expect(card()).toBe(UNKNOWN)
    await act(async () => told({ data: { ...MADE, state: 'paid' } }))
    expect(card()).toContain('收到了')
  })
})

it('one that is being paid when its time is up isn’t said to be over', async () => {
  await open()
  await make()
  state = 'paying'
  await pass(2_000)
  await pass(300_000)
  expect(card()).toContain('顾客正在付款')
})

it('says why none was made', async () => {
  await open({ 'POST /api/merchant/pay-codes': () => problem(422, 'amount-above-limit') })
  await make('9999')
  expect(document.querySelector('.charge__said')?.textContent).toBe(
    '超过限额，扫店里的收款码，每人每天能付的有限额，请减少金额',
  )
  expect(field().value).toBe('9999')
})
