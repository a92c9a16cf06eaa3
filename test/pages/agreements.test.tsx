import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import AgreementsPage from '../../src/pages/agreements/index'
import SmallPage from '../../src/pages/small/index'
import { challengeOf, signed, signViewOf } from '../support/signing'
import { fake } from '../support/taro'
import { agreements, bff, problem } from '../support/taro-bff'

const [first] = agreements.items
const small = { maxFen: 10_000, perDay: 3 }
const second = { ...first!, agreementId: 'a2', accountTail: '8888', kind: 'credit' as const, isDefault: false, small }

beforeEach(() => fake.reset())
afterEach(cleanup)

type Routes = Parameters<typeof bff>[0]
const listing = (items: object[]): Routes => ({ 'GET /api/agreements': () => ({ data: { items } }) })
async function open(Page: () => unknown, routes: Routes) {
  fake.answer = bff(routes)
  const Shown = Page as () => null
  await act(async () => void render(<Shown />))
}
const press = (name: string | RegExp, inside: HTMLElement = document.body) =>
  act(async () => fireEvent.click(within(inside).getByRole('button', { name })))
const cards = () => [...document.querySelectorAll<HTMLElement>('.account')]
const done = { status: 204, data: '' }

describe('the payer’s accounts', () => {
  it('each with its bank, its tail, what pays and 免密', async () => {
    await open(AgreementsPage, listing([first!, second]))
    expect(cards().map((card) => card.querySelector('.account__head')?.textContent)).toEqual([
      '南南城银行 储蓄卡 (6217)每笔付款都要验证码默认',
      '南南城银行 信用卡 (8888)免密：每笔不超过 100 元，每天 3 笔',
    ])
  })

  it('one alone is no choice', async () => {
    await open(AgreementsPage, listing([first!]))
    expect(document.querySelector('.page')?.textContent).not.toContain('默认')
  })

  it('none yet: leads to the first', async () => {
    await open(AgreementsPage, listing([]))
    await press('添加付款账户')
    expect(fake.visits).toEqual(['navigateTo /pages/sign/index'])
  })

  it('offline: says so, and reads when asked to', async () => {
    await open(AgreementsPage, { 'GET /api/agreements': () => 'offline' })
    expect(document.querySelector('.page')?.textContent).toBe('!网络不通请检查网络后重试重试')
    fake.answer = bff(listing([first!]))
    await press('重试')
    expect(cards()).toHaveLength(1)
  })

  it('another becomes the default', async () => {
    await open(AgreementsPage, { ...listing([first!, second]), 'PUT /api/agreements/a2/default': () => done })
    fake.answer = bff({
      ...listing([
        { ...first!, isDefault: false },
        { ...second, isDefault: true },
      ]),
      'PUT /api/agreements/a2/default': () => done,
    })
    await press('设为默认', cards()[1])
    expect(cards()[1]?.textContent).toContain('默认')
    expect(within(cards()[0]!).getByRole('button', { name: '设为默认' })).toBeTruthy()
  })

  it('is ended in two taps, the first of which ends nothing', async () => {
    await open(AgreementsPage, { ...listing([first!]), 'DELETE /api/agreements/a1': () => done })
    await press('解约')
    expect(fake.sent('DELETE', '/api/agreements')).toEqual([])
    const asked = () => screen.queryByRole('alertdialog', { name: '解约 南城银行 储蓄卡 (6217)？' })
    expect(asked()?.textContent).toContain('解约后不能再用它付款，免密一并关闭。')
    await press('不解约')
    expect(asked()).toBeNull()
    await press('解约')
    await act(async () => void fireEvent.keyDown(asked()!, { key: 'Escape' }))
    expect(asked()).toBeNull()
    expect(fake.sent('DELETE', '/api/agreements')).toEqual([])
    await press('解约')
    fake.answer = bff({ ...listing([]), 'DELETE /api/agreements/a1': () => done })
    await press('确认解约')
    expect(fake.sent('DELETE', '/api/agreements').map(({ path }) => path)).toEqual(['/api/agreements/a1'])
    expect(screen.getByText('还没有付款账户')).toBeTruthy()
  })

  it('what the bank did not take stays, and is said to', async () => {
    await open(AgreementsPage, {
      ...listing([first!]),
      'DELETE /api/agreements/a1': () => problem(503, 'channel-unavailable'),
    })
    await press('解约')
    await press('确认解约')
    expect(cards()[0]?.querySelector('.account__said')?.textContent).toBe('银行暂时无法受理，请稍后再试')
  })

  it('免密 ends in one tap', async () => {
    await open(AgreementsPage, { ...listing([second]), 'DELETE /api/agreements/a2/small-amount': () => done })
    fake.answer = bff({
      ...listing([{ ...second, small: null }]),
      'DELETE /api/agreements/a2/small-amount': () => done,
    })
    await press('关闭免密')
    expect(cards()[0]?.textContent).toContain('每笔付款都要验证码')
  })

  it('and begins on a page of its own', async () => {
    await open(AgreementsPage, listing([first!]))
    await press('开通免密')
    expect(fake.visits).toEqual(['navigateTo /pages/small/index?agreementId=a1'])
  })
})

describe('allowing small amounts', () => {
  const terms = {
    version: '2026-11-28',
    sha256: 'ab'.repeat(32),
    title: '小额免密支付服务说明',
    lines: ['第一条。', '第二条。'],
    maxFenChoices: [5_000, 10_000, 20_000],
    perDay: 5,
  }
  const routes: Routes = { ...listing([first!]), 'GET /api/small-amount-terms': () => ({ data: terms }) }
  const ALLOW = 'POST /api/agreements/a1/small-amount'
  beforeEach(() => {
    fake.params = { agreementId: 'a1' }
  })
  const bodies = () => fake.sent('POST', '/api/agreements/a1/small-amount').map(({ body }) => body)

  it('shows the words, and nothing is chosen for more than the least', async () => {
    await open(SmallPage, routes)
    const page = document.querySelector('.page')?.textContent
    expect(page).toContain('小额免密支付服务说明南城银行 储蓄卡 (6217)第一条。第二条。版本 2026-11-28')
    expect(screen.getByRole('button', { name: '50 元' }).getAttribute('aria-pressed')).toBe('true')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^下一步/ }).disabled).toBe(true)
  })

  it('needs the payer’s yes and the bank’s code', async () => {
    fake.pages = 2
    const view = signViewOf({ kind: 'small', action: challengeOf() })
    await open(SmallPage, {
      ...routes,
      [ALLOW]: () => ({ data: view }),
      'POST /api/agreements/S0123456789ABCDEF/confirm': () => ({ data: { ...signed, kind: 'small' } }),
    })
    await press('100 元')
    await press('5 笔')
    await press(/^我已看过以上说明/)
    await press(/^下一步/)
    expect(bodies()).toEqual([{ maxFen: 10_000, perDay: 5, terms: { version: '2026-11-28', sha256: 'ab'.repeat(32) } }])
    fireEvent.change(screen.getByLabelText('6 位短信验证码'), { target: { value: '000000' } })
    await press('确认开通')
    expect(fake.visits).toEqual(['navigateBack'])
  })

  it('terms that changed meanwhile are shown anew before anything is agreed to', async () => {
    await open(SmallPage, { ...routes, [ALLOW]: () => problem(409, 'terms-changed') })
    await press(/^我已看过以上说明/)
    await press(/^下一步/)
    expect(document.querySelector('.small__said')?.textContent).toBe('说明刚有更新，请看过后再开通')
    const newer = { ...terms, version: '2026-12-01', lines: ['新的第一条。'] }
    fake.answer = bff({ ...routes, 'GET /api/small-amount-terms': () => ({ data: newer }) })
    await press('看新的说明')
    expect(document.querySelector('.page')?.textContent).toContain('新的第一条。版本 2026-12-01')
    expect(screen.getByRole<HTMLButtonElement>('button', { name: /^下一步/ }).disabled).toBe(true)
  })

  it('of an account that has ended says so', async () => {
    await open(SmallPage, { ...routes, ...listing([second]) })
    expect(document.querySelector('.page')?.textContent).toBe('!这个账户已经解约返回')
  })
})
