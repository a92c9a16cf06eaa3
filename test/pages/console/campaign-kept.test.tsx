import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { draftOf, newDraft, plain } from '../../../src/console/pages/campaign-edit/draft'
import { merged, mergeLines } from '../../../src/console/pages/campaign-edit/merge'
import { at, main, openConsole, press, serve, settle, setUp, then } from '../../support/console'
import { campaignOf, refusal, sessionOf } from '../../support/console-bff'
import { keepingOf } from '../../support/console-sketches'

setUp()

const PUT = 'PUT /admin/sketches/campaign%3Anew'
const field = (label: string) => screen.getByLabelText<HTMLInputElement>(label)
const fill = (label: string, text: string) => fireEvent.change(field(label), { target: { value: text } })
const dialog = () => within(screen.getByRole('dialog'))
const bar = () => document.querySelector('.edit__kept')?.textContent
const leave = (name: string) => then(() => void fireEvent.click(screen.getByRole('link', { name })))

async function fillNew() {
  fill('活动名称', '美食街扫码立减')
  fill('主办方', '发牌示范银行')
  fill('开始日期', '2026-12-01')
  fill('结束日期（含）', '2026-12-31')
  fill('总预算', '150,000')
}

describe('what is typed into a campaign’s form', () => {
  it('is kept as it is typed, only for whom typed it, and is there again after Back or a reload', async () => {
    const keeping = keepingOf('campaign:new')
    const desk = serve(keeping.routes)
    await openConsole('campaigns/new')
    fill('活动名称', '夜市')
    await waitFor(() => expect(bar()).toMatch(/^\d\d:\d\d 已自动保存，只有您看得到/), { timeout: 5_000 })
    fill('总预算', '99')
    // nothing is asked: what isn't kept yet is kept in going
    await leave('待复核')
    expect(at()).toBe('reviews')
    expect(desk.sent(PUT).map(({ headers }) => headers.get('If-Match'))).toEqual(['"0"', '"1"'])
    expect(desk.sent(PUT).at(-1)!.body).toMatchObject({ content: { title: '夜市', draft: { budget: '99' } } })
    await leave('活动')
    await leave('新建活动')
    expect([field('活动名称').value, field('总预算').value]).toEqual(['夜市', '99'])
    expect(main()).toMatch(/已接着您 \d\d:\d\d 没保存完的内容/)
    // opened and not touched, it is written by nobody: another tab's isn't overwritten
    await leave('待复核')
    expect(desk.sent(PUT)).toHaveLength(2)
    await leave('活动')
    await leave('新建活动')
    await press('不要了，重新填')
    expect(keeping.sketch).toBeNull()
    expect(field('活动名称').value).toBe('')
  })

  it('that can’t be kept says so, is asked about, and is kept once the network is back', async () => {
    const keeping = keepingOf('campaign:new')
    const desk = serve({ ...keeping.routes, [PUT]: () => 'offline' as const })
    await openConsole('campaigns/new')
    fill('活动名称', '夜市')
    await leave('待复核')
    expect(screen.getByRole('dialog').textContent).toContain('还没有自动保存')
    await then(() => dialog().getByRole('button', { name: '取消' }).click())
    expect([at(), bar()]).toEqual(['campaigns/new', '网络不通：刚填写的内容还没有自动保存，恢复后会再试'])
    desk.routes[PUT] = keeping.routes[PUT]!
    await then(() => void window.dispatchEvent(new Event('online')))
    expect(keeping.sketch?.content).toMatchObject({ draft: { name: '夜市' } })
    expect(bar()).toContain('已自动保存')
  })

  it('stays where it is when the session ends, for whoever logs in again and for nobody else', async () => {
    const keeping = keepingOf('campaign:new')
    const desk = serve({
      ...keeping.routes,
      [PUT]: () => refusal(401, 'token-expired'),
      'POST /admin/session/refresh': () => refusal(401, 'token-invalid'),
      'POST /admin/session': () => ({ data: sessionOf({}, { token: 'token-2', refreshToken: 'refresh-2' }) }),
    })
    await openConsole('campaigns/new')
    fill('活动名称', '夜市')
    await leave('待复核')
    expect(document.querySelector('.c-over')?.textContent).toContain('登录已过期，请重新登录。')
    desk.routes[PUT] = keeping.routes[PUT]!
    const logIn = async (username: string) => {
      fill('用户名', username)
      fill('密码', 'a password')
      await press('登录')
      await settle()
    }
    await logIn('maker')
    expect(document.querySelector('.c-over')).toBeNull()
    expect(field('活动名称').value).toBe('夜市')
    await waitFor(() => expect(keeping.sketch?.content).toMatchObject({ draft: { name: '夜市' } }))
    // and again, but somebody else comes
    desk.routes[PUT] = () => refusal(401, 'token-expired')
    fill('活动名称', '夜市二')
    await leave('待复核')
    keeping.sketch = null
    desk.routes[PUT] = keeping.routes[PUT]!
    desk.routes['POST /admin/session'] = () => ({ data: sessionOf({ username: 'other' }, { token: 'token-3' }) })
    await logIn('other')
    expect([at(), field('活动名称').value]).toEqual(['campaigns/new', ''])
    expect(keeping.sketch).toBeNull()
  })

  it('comes together from two tabs; what both wrote otherwise is asked about, and nothing is overwritten', async () => {
    const keeping = keepingOf('campaign:new')
    serve(keeping.routes)
    await openConsole('campaigns/new')
    fill('活动名称', '夜市')
    await waitFor(() => expect(keeping.sketch).not.toBeNull(), { timeout: 5_000 })
    const other = (changes: object) => {
      const { draft, ...rest } = keeping.sketch!.content as { draft: object }
      keeping.write({ ...rest, draft: { ...draft, ...changes }, tab: 'another' })
    }
    other({ organiser: '发牌示范银行' })
    fill('总预算', '99')
    await waitFor(() => expect(field('主办方').value).toBe('发牌示范银行'), { timeout: 5_000 })
    await waitFor(() => expect(keeping.sketch?.content).toMatchObject({ draft: { budget: '99' } }), { timeout: 5_000 })

    other({ budget: '120', threshold: '20' })
    fill('总预算', '100')
    const look = await screen.findByRole('button', { name: '看两边的不同' }, { timeout: 5_000 })
    expect(keeping.sketch?.content).toMatchObject({ draft: { budget: '120' } })
    await then(() => look.click())
    const row = screen.getByRole('row', { name: /总预算/ })
    expect([...row.children].slice(0, 4).map((cell) => cell.textContent)).toEqual([
      '总预算',
      '¥99.00',
      '¥120.00',
      '¥100.00',
    ])
    expect(screen.getByRole('dialog').textContent).toContain('对方还改了：门槛 ¥20.00。照对方的保留。')
    await then(() => dialog().getByRole('button', { name: '合并' }).click())
    expect([field('总预算').value, field('门槛：订单满').value]).toEqual(['100', '20'])
    await waitFor(
      () => expect(keeping.sketch?.content).toMatchObject({ draft: { budget: '100', threshold: '20', name: '夜市' } }),
      { timeout: 5_000 },
    )
  })
})

describe('a save whose reply is lost', () => {
  const POST = 'POST /admin/campaigns'
  const made = { ...campaignOf({ state: 'draft', today: null, revision: 1, branchBudgets: [] }) }
  const keys = (desk: ReturnType<typeof serve>) =>
    new Set(desk.sent(POST).map(({ headers }) => headers.get('Idempotency-Key')))

  it('is asked again with the same key, and makes one campaign', async () => {
    const desk = serve({ ...keepingOf('campaign:new').routes, [POST]: () => 'offline' as const })
    await openConsole('campaigns/new')
    await fillNew()
    await press('保存草稿')
    expect(main()).toContain('网络不通，请检查网络后重试')
    desk.routes[POST] = () => ({ status: 201, data: made })
    await press('保存草稿')
    expect(desk.sent(POST)).toHaveLength(2)
    expect(keys(desk).size).toBe(1)
    expect(at()).toBe('campaigns/food-street')
  })

  it('and that was gone on with since, changes what the first made instead of making another', async () => {
    const desk = serve({ ...keepingOf('campaign:new').routes, [POST]: () => 'offline' as const })
    await openConsole('campaigns/new')
    await fillNew()
    await press('保存草稿')
    fill('总预算', '160000')
    const sent = desk.sent(POST)[0]!.body as Partial<typeof made>
    const saved = campaignOf({ ...made, ...sent, merchantCount: 0, controlCount: 0 })
    desk.routes[POST] = () => {
      const problem = refusal(422, 'key-reused')
      return { ...problem, data: { ...problem.data, made: 'food-street' } }
    }
    desk.routes['GET /admin/campaigns/food-street'] = () => ({ data: saved })
    desk.routes['GET /admin/campaigns/food-street/merchants'] = () => ({ data: { items: [] } })
    desk.routes['PATCH /admin/campaigns/food-street'] = () => ({ data: { ...saved, revision: 2 } })
    await press('保存草稿')
    const [patched] = desk.sent('PATCH /admin/campaigns/food-street')
    expect([patched?.headers.get('If-Match'), patched?.body]).toMatchObject(['"1"', { budgetFen: 16_000_000 }])
    expect(at()).toBe('campaigns/food-street')
  })

  it('of a draft that is there already is known for one’s own', async () => {
    const draft = { state: 'draft' as const, today: null, revision: 7 }
    const desk = serve({
      ...keepingOf('campaign:food-street').routes,
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf(draft) }),
      'PATCH /admin/campaigns/food-street': () => 'offline' as const,
    })
    await openConsole('campaigns/food-street/edit')
    fill('总预算', '160000.00')
    await press('保存草稿')
    desk.routes['PATCH /admin/campaigns/food-street'] = () => refusal(412, 'revision-changed')
    desk.routes['GET /admin/campaigns/food-street'] = () => ({
      data: campaignOf({ ...draft, revision: 8, budgetFen: 16_000_000 }),
    })
    await press('保存草稿')
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(at()).toBe('campaigns/food-street')
  })
})

describe('two versions of a form', () => {
  const base = plain({ ...draftOf(campaignOf()), merchantCodes: ['M1', 'M2'], controlCodes: [] })

  it('keep what each touched; a clash is one’s own unless it is yielded', () => {
    const mine = { ...base, budget: '5', endDate: '2027-01-01' }
    const theirs = { ...base, budget: '6', slots: '9' }
    expect(mergeLines(base, theirs, mine)).toEqual([
      { field: 'endDate', clash: false },
      { field: 'budget', clash: true },
    ])
    expect(merged(base, theirs, mine)).toEqual({ ...base, slots: '9', endDate: '2027-01-01', budget: '5' })
    expect(merged(base, theirs, mine, new Set(['budget' as const])).budget).toBe('6')
  })

  it('take in what each added to a list and took from it', () => {
    const mine = { ...base, merchantCodes: ['M2', 'M3'] }
    const theirs = { ...base, merchantCodes: ['M1', 'M2', 'M4'] }
    expect(merged(base, theirs, mine).merchantCodes).toEqual(['M2', 'M4', 'M3'])
    expect(merged({ ...base, merchantCodes: null }, { ...theirs, merchantCodes: null }, base).merchantCodes).toEqual([
      'M1',
      'M2',
    ])
  })

  it('are the same where only their writing differs, and names stay as they are', () => {
    const typed = { ...newDraft(null), name: ' 007 ', budget: '1,000.00', slots: '020', merchantCodes: ['M2', 'M1'] }
    expect(plain(typed)).toMatchObject({ name: '007', budget: '1000', slots: '20', merchantCodes: ['M1', 'M2'] })
  })
})
