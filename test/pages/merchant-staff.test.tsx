import type { StaffList } from '@contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import MerchantStaffPage from '../../src/pages/merchant-staff/index'
import { fake } from '../support/taro'
import { bff, problem } from '../support/taro-bff'

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-11-20T04:10:00.000Z') })
  fake.reset()
  fake.params = { merchant: 'M0001' }
  Object.assign(globalThis, { FAPAI_SANDBOX: true })
})
afterEach(() => {
  cleanup()
  jest.useRealTimers()
})

const AT = '2026-11-20T04:05:00.000Z'
const OWNER: StaffList['items'][number] = { bindingId: '1', name: null, role: 'owner', boundAt: AT, isSelf: true }
const WANG: StaffList['items'][number] = { bindingId: '2', name: '小王', role: 'cashier', boundAt: AT, isSelf: false }

async function open(items: StaffList['items'], more: Parameters<typeof bff>[0] = {}) {
  fake.answer = bff({ 'GET /api/merchant/staff': () => ({ data: { items } }), ...more })
  render(<MerchantStaffPage />)
  await act(() => jest.advanceTimersByTimeAsync(0))
}
const rows = () => [...document.querySelectorAll('.staff__row')].map((one) => one.textContent)
const press = async (name: string) => {
  fireEvent.click(screen.getByRole('button', { name }))
  await act(() => jest.advanceTimersByTimeAsync(0))
}

describe('a shop’s people, to its owner', () => {
  it('are seen by the name they were given; only cashiers can be removed', async () => {
    await open([WANG, OWNER])
    expect(rows()).toEqual(['小王收银员 · 12:05 加入移除', '店主（我）店主 · 12:05 加入'])
  })

  it('are removed after a second look, and gone from the list', async () => {
    const items = [WANG, OWNER]
    await open(items, {
      'DELETE /api/merchant/staff/2': () => {
        items.shift()
        return { status: 204, data: '' }
      },
    })
    await press('移除 小王')
    expect(document.querySelector('.sheet')?.textContent).toMatch(/^移除小王？对方马上看不到/)
    expect(fake.sent('DELETE', '/api/merchant/staff')).toEqual([])
    await press('移除')
    expect(rows()).toEqual(['店主（我）店主 · 12:05 加入'])
    expect(document.querySelector('.staff__said')?.textContent).toBe('已移除，对方马上看不到了')
  })

  it('are invited by a code, shown once, with until when it is good', async () => {
    const invite = { code: 'ABCD2345', expiresAt: '2026-11-20T04:25:00.000Z' }
    await open([OWNER], { 'POST /api/merchant/staff/invites': () => ({ status: 201, data: invite }) })
    const button = () => screen.getByRole('button', { name: '生成绑定码' }) as HTMLButtonElement
    expect(button().disabled).toBe(true)
    fireEvent.change(screen.getByLabelText('新店员怎么称呼'), { target: { value: ' 小王 ' } })
    await press('生成绑定码')
    expect(fake.sent('POST', '/api/merchant/staff/invites').map(({ body }) => body)).toEqual([{ name: '小王' }])
    const words = '只能用一次，12:25 前有效。请对方在自己的手机上打开收款记录，输入这个码。不要发到群里。'
    expect(document.querySelector('.invite')?.textContent).toBe(`小王的绑定码ABCD 2345${words}好了`)
    await press('好了')
    expect(document.querySelector('.invite')?.textContent).not.toContain('ABCD')
  })

  it('are nobody else’s to see', async () => {
    await open([], { 'GET /api/merchant/staff': () => problem(403, 'not-owner') })
    expect(document.querySelector('.page')?.textContent).toBe('店只有店主可以管理店员')
  })
})
