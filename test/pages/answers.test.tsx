import { act, cleanup, render } from '@testing-library/react'
import PayPage from '../../src/pages/pay/index'
import { fake } from '../support/taro'
import { bff, merchant } from '../support/taro-bff'

/** An answer belongs to its question. */

beforeEach(() => {
  fake.reset()
  fake.params = { merchant: 'M0001' }
})
afterEach(cleanup)

it('a page that is opened for another code shows nothing of the shop before, not even until it has asked', async () => {
  fake.answer = bff({})
  const shops: (string | undefined)[] = []
  const look = new MutationObserver(() => shops.push(document.querySelector('.head__name')?.textContent ?? undefined))
  const page = render(<PayPage />)
  await act(async () => {})
  expect(document.querySelector('.head__name')?.textContent).toBe('老街牛肉面')
  look.observe(document.body, { childList: true, subtree: true, characterData: true })
  fake.params = { merchant: 'M0002' }
  fake.answer = bff({ 'GET /api/merchants/M0002': () => ({ data: { ...merchant, code: 'M0002', name: '南门水果' } }) })
  // as React renders it, before any effect of it
  page.rerender(<PayPage />)
  expect(document.querySelector('.head__name')).toBeNull()
  await act(async () => {})
  look.disconnect()
  expect(document.querySelector('.head__name')?.textContent).toBe('南门水果')
})
