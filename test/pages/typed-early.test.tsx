import type { ReactElement } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { Challenge } from '../../src/components/challenge'
import { ExactFilters, SearchFilter } from '../../src/console/filters'
import { SearchBox } from '../../src/console/search-box'

/** Who types in the instant that a field is there, before anything of React's that comes after it, keeps what they typed. */

let root: Root
const acting = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }

beforeEach(() => {
  acting.IS_REACT_ACT_ENVIRONMENT = false
})
afterEach(() => {
  root.unmount()
  acting.IS_REACT_ACT_ENVIRONMENT = true
})

/** Types as soon as there is a field: of an observer's call nothing but the page itself is older. */
async function typeAtOnce(page: ReactElement, text: string): Promise<string> {
  const box = document.createElement('div')
  document.body.append(box)
  const typed = new Promise<HTMLInputElement>((resolve) => {
    new MutationObserver((_, observer) => {
      const field = box.querySelector('input')!
      observer.disconnect()
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(field, text)
      field.dispatchEvent(new Event('input', { bubbles: true }))
      resolve(field)
    }).observe(box, { childList: true, subtree: true })
  })
  root = createRoot(box)
  root.render(page)
  const field = await typed
  // what comes after has come
  await new Promise((resolve) => setTimeout(resolve, 50))
  return field.value
}

const EXACT = [
  { name: 'merchantCode', label: '商户号', placeholder: 'M0001', pattern: /^M/, wrong: '请填完整的商户号' },
]

it.each([
  ['the console’s search', <SearchBox key="s" />],
  ['a filter', <SearchFilter key="t" text="" placeholder="" />],
  ['a filter of a whole number', <ExactFilters key="e" filters={EXACT} query={{}} />],
])('%s', async (_, page) => {
  expect(await typeAtOnce(page, 'M0003')).toBe('M0003')
})

it('the code of a text message', async () => {
  const action = { kind: 'challenge', params: { challengeId: 'c1' }, expiresAt: new Date().toISOString() }
  const answers = { busy: false, said: '', answered: 0, resendAt: 0, confirm: () => {}, resend: () => {} }
  const page = <Challenge action={action as never} answers={answers as never} label="确认付款" />
  expect(await typeAtOnce(page, '123456')).toBe('123456')
})
