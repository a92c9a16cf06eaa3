import type { MerchantImportView } from '@contract'
import { act, fireEvent, screen, within } from '@testing-library/react'
import { at, main, openConsole, press, serve, settle, setUp, then } from '../../support/console'
import { refusal } from '../../support/console-bff'
import { adminMerchant, merchantUser, requestOf } from '../../support/console-desk'

setUp()

const rows = () =>
  [...document.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
const dialog = () => within(screen.getByRole('dialog'))

describe('the list of merchants', () => {
  it('shows branch and GL account, the campaign of today and how many users are bound', async () => {
    const without = adminMerchant({ code: 'M0002', name: '阿婆豆花', campaign: null, userCount: 0 })
    serve({ 'GET /admin/merchants': () => ({ data: { items: [adminMerchant(), without], totals: null } }) })
    await openConsole('merchants')
    expect(rows()).toEqual([
      ['老街牛肉面M0001', '城南支行B01 / 6421-03', '美食街扫码立减', '12 笔有优惠 5', '1 人'],
      ['阿婆豆花M0002', '城南支行B01 / 6421-03', '没有', '12 笔有优惠 5', '未绑定'],
    ])
  })

  it('keeps its filters in the address and asks by them', async () => {
    const desk = serve({ 'GET /admin/merchants': () => ({ data: { items: [], totals: null } }) })
    await openConsole('merchants?q=%E9%9D%A2')
    await then(() => void fireEvent.change(screen.getByLabelText('网点'), { target: { value: 'B02' } }))
    expect(at()).toBe('merchants?q=%E9%9D%A2&branchCode=B02')
    expect(String(desk.sent('GET /admin/merchants').at(-1)?.query)).toBe('q=%E9%9D%A2&branchCode=B02')
    expect(main()).toContain('没有符合条件的商户')
  })

  it('offers the import to makers alone, and its page says so to others', async () => {
    serve({ 'GET /admin/merchants': () => ({ data: { items: [adminMerchant()], totals: null } }) })
    await openConsole('merchants', { roles: ['checker'] })
    expect(screen.queryByRole('link', { name: '批量导入' })).toBeNull()
    await then(() => {
      history.replaceState(null, '', '#/console/merchant-import')
      window.dispatchEvent(new HashChangeEvent('hashchange'))
    })
    expect(main()).toContain('没有权限')
  })
})

describe('a merchant', () => {
  const routes = {
    'GET /admin/merchants/M0001': () => ({ data: adminMerchant() }),
    'GET /admin/merchants/M0001/users': () => ({ data: { items: [merchantUser()], card: null } }),
    'GET /admin/merchants/M0001/settlements': () => ({ data: { date: '2026-11-20', items: [] } }),
  }

  it('unbinds a user only after its consequence was said', async () => {
    const desk = serve({
      ...routes,
      'POST /admin/merchants/M0001/users/7/unbind': () => ({ data: { items: [], card: null } }),
    })
    await openConsole('merchants/M0001')
    await press('解除绑定：收银员，尾号 yH8o')
    expect(screen.getByRole('dialog').textContent).toContain('该用户将立即看不到本商户的订单')
    expect(desk.sent('POST /admin/merchants/M0001/users/7/unbind')).toHaveLength(0)
    await then(() => dialog().getByRole('button', { name: '解除绑定' }).click())
    expect(desk.sent('POST /admin/merchants/M0001/users/7/unbind')).toHaveLength(1)
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('shows what of a day each channel brought into which account', async () => {
    const [none, wallet] = [
      { rewardFen: 0, refundCount: 0, refundedFen: 0 },
      { channel: 'wechatpay', account: '1900000001' },
    ]
    const items = [
      {
        ...none,
        channel: 'bank',
        account: 'acct-M0001',
        orderCount: 2,
        amountFen: 3_000,
        rewardFen: 400,
        receivedFen: 3_400,
      },
      { ...none, ...wallet, orderCount: 0, amountFen: 0, refundCount: 1, refundedFen: 500, receivedFen: -500 },
    ]
    const desk = serve({ ...routes, 'GET /admin/merchants/M0001/settlements': () => ({ data: { date: '', items } }) })
    await openConsole('merchants/M0001?date=2026-11-20')
    expect(desk.sent('GET /admin/merchants/M0001/settlements')[0]!.query.get('date')).toBe('2026-11-20')
    expect(rows().slice(-2)).toEqual([
      ['本行账户acct-M0001', '2', '30.00', '4.00', '0', '0.00', '34.00'],
      ['微信支付1900000001', '0', '0.00', '0.00', '1', '5.00', '−5.00'],
    ])
  })

  it('shows a binding code once, with the time it has left, until it is closed or over', async () => {
    const expiresAt = new Date(Date.now() + 15 * 60_000).toISOString()
    const desk = serve({
      ...routes,
      'POST /admin/merchants/M0001/binding-codes': () => ({
        status: 201,
        data: { code: 'SRCG7G6Z', role: 'cashier', expiresAt },
      }),
    })
    await openConsole('merchants/M0001')
    await press('发绑定码')
    await then(() => dialog().getByRole('button', { name: '收银员' }).click())
    await then(() => dialog().getByRole('button', { name: '发绑定码' }).click())
    expect(desk.sent('POST /admin/merchants/M0001/binding-codes').map(({ body }) => body)).toEqual([
      { role: 'cashier' },
    ])
    expect(dialog().getByText('SRCG7G6Z')).toBeTruthy()
    expect(screen.getByRole('timer').textContent).toMatch(/^剩余 1[45]:\d\d$/)
    await then(() => void screen.getByRole('dialog').dispatchEvent(new Event('cancel', { cancelable: true })))
    expect(screen.getByText('SRCG7G6Z')).toBeTruthy()
    await press('已记下，关闭')
    expect(document.body.textContent).not.toContain('SRCG7G6Z')
  })

  it('says that a code is over, and no longer offers to copy it', async () => {
    const expiresAt = new Date(Date.now() - 1_000).toISOString()
    serve({
      ...routes,
      'POST /admin/merchants/M0001/binding-codes': () => ({ data: { code: 'SRCG7G6Z', role: 'cashier', expiresAt } }),
    })
    await openConsole('merchants/M0001')
    await press('发绑定码')
    await then(() => dialog().getByRole('button', { name: '收银员' }).click())
    await then(() => dialog().getByRole('button', { name: '发绑定码' }).click())
    expect(screen.getByRole('timer').textContent).toBe('已过期，请重新发一个')
    expect(screen.queryByRole('button', { name: '复制绑定码' })).toBeNull()
  })

  it('asks for an owner’s code, and tells half of it', async () => {
    const change = requestOf({ kind: 'merchant.owner', before: { owners: 0 }, after: { role: 'owner' } })
    serve({
      ...routes,
      'POST /admin/merchants/M0001/binding-codes': () => ({ status: 202, data: { change, half: 'SRCG' } }),
    })
    await openConsole('merchants/M0001')
    await press('发绑定码')
    expect(screen.getByRole('dialog').textContent).toContain('您看到前一半，复核看到后一半')
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(dialog().getByText('SRCG')).toBeTruthy()
    expect(screen.getByRole('dialog').textContent).toContain('不要告诉拿着后一半的同事')
  })

  it('asks for another account in what is different alone, and says where it waits', async () => {
    const desk = serve({
      ...routes,
      'PATCH /admin/merchants/M0001': () => ({
        status: 202,
        data: { merchant: adminMerchant(), change: requestOf() },
      }),
    })
    await openConsole('merchants/M0001')
    await press('修改资料')
    expect(dialog().getByRole('button', { name: '保存' })).toBeTruthy()
    fireEvent.change(screen.getByLabelText('结算账户'), { target: { value: ' acct-5678 ' } })
    fireEvent.change(screen.getByLabelText(/^说明/), { target: { value: '换了银行卡' } })
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(desk.sent('PATCH /admin/merchants/M0001').map(({ body }) => body)).toEqual([
      { account: 'acct-5678', note: '换了银行卡' },
    ])
    expect(main()).toContain('结算信息的变更已提交复核，另一位通过后才生效')
  })

  it('asks for another number at a wallet, and for none any more', async () => {
    const desk = serve({
      ...routes,
      'PATCH /admin/merchants/M0001': () => ({
        status: 202,
        data: { merchant: adminMerchant(), change: requestOf() },
      }),
    })
    await openConsole('merchants/M0001')
    expect(main()).toContain('微信支付商户号 1900000001')
    await press('修改资料')
    fireEvent.change(screen.getByLabelText(/^支付宝商户号/), { target: { value: '2088100000000009' } })
    fireEvent.change(screen.getByLabelText(/^微信支付商户号/), { target: { value: '' } })
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(desk.sent('PATCH /admin/merchants/M0001').map(({ body }) => body)).toEqual([
      { walletAccounts: { wechatpay: '', alipay: '2088100000000009' } },
    ])
  })

  it('offers nothing that changes to who may only look', async () => {
    serve(routes)
    await openConsole('merchants/M0001', { roles: ['viewer'] })
    expect(main()).toContain('已绑定')
    expect(screen.queryByRole('button', { name: /绑定/ })).toBeNull()
  })

  it('of another branch is not there', async () => {
    serve({ 'GET /admin/merchants/M0009': () => refusal(404, 'merchant-not-found') })
    await openConsole('merchants/M0009', { branchCode: 'B01' })
    expect(main()).toContain('没有找到这家商户')
  })
})

describe('the import of merchants', () => {
  const IMPORT = 'POST /admin/merchants/import'
  const view = (more: Partial<MerchantImportView>): MerchantImportView => ({
    review: null,
    lines: 3,
    added: 0,
    changed: 0,
    unchanged: 0,
    faults: [],
    faultCount: 0,
    ...more,
  })

  async function choose(name = '商户.csv') {
    const file = new File(['商户号,名称,网点,结算账户\r\n'], name, { type: 'text/csv' })
    await act(async () => void fireEvent.change(screen.getByLabelText('CSV 文件'), { target: { files: [file] } }))
    // the file is read by the browser in its own time
    const deadline = Date.now() + 60_000
    while (!screen.queryByText(new RegExp(name)) && Date.now() < deadline) await settle()
  }

  it('tries the file first, changing nothing, and imports the same bytes once that is confirmed', async () => {
    const desk = serve({
      [IMPORT]: () => ({
        data: view({ added: 1, changed: 1, unchanged: 1, review: { changeId: 'R1', lines: 1 } }),
      }),
    })
    await openConsole('merchant-import')
    await choose()
    expect(desk.sent(IMPORT).map(({ query }) => query.get('dryRun'))).toEqual(['true'])
    expect(main()).toContain('还没有导入')
    await press('导入 2 家')
    expect(screen.getByRole('dialog').textContent).toContain('账户或网点由同事复核后生效')
    await then(() => dialog().getByRole('button', { name: '导入' }).click())
    const [tried, taken] = desk.sent(IMPORT)
    expect(taken?.query.get('dryRun')).toBe('false')
    expect(taken?.body).toBe(tried?.body)
    expect(taken?.headers.get('Content-Type')).toBe('text/csv')
    expect(main()).toContain('1 家商户的结算信息已提交复核')
    expect(main()).toContain('新增 1 家，更新 1 家，未变 1 家；其中 1 家等待复核')
  })

  it('names every bad line in Chinese, and offers no import', async () => {
    serve({
      [IMPORT]: () => ({
        data: view({
          faultCount: 3,
          faults: [
            { line: 3, field: 'code', code: 'missing', message: 'code is empty' },
            { line: 4, field: 'branch', code: 'branch-not-found', message: 'there is no such branch' },
            { line: 5, field: 'code', code: 'duplicate', message: 'line 2 has the same code' },
          ],
        }),
      }),
    })
    await openConsole('merchant-import')
    await choose()
    expect(rows()).toEqual([
      ['第 3 行', '商户号', '没有填写'],
      ['第 4 行', '网点', '没有这个网点，或不是您的网点'],
      ['第 5 行', '商户号', '与第 2 行的商户号相同'],
    ])
    expect(screen.queryByRole('button', { name: /^导入/ })).toBeNull()
  })

  it('takes other channels’ orders the same way: tried, then confirmed', async () => {
    const COUNTS = 'POST /admin/counts/import'
    const of = { lines: 3, added: 2, changed: 1, unchanged: 0, faults: [], faultCount: 0 }
    const desk = serve({ [COUNTS]: () => ({ data: of }) })
    await openConsole('other-counts')
    expect(main()).toContain('本行渠道占比 = 本行笔数 ÷ 全部笔数')
    await choose()
    await press('导入 3 行')
    expect(screen.getByRole('dialog').textContent).toContain('更正 1 行')
    await then(() => dialog().getByRole('button', { name: '导入' }).click())
    expect(desk.sent(COUNTS).map(({ query }) => query.get('dryRun'))).toEqual(['true', 'false'])
    expect(main()).toContain('已导入：新增 2 行，更正 1 行')
  })

  it('does not offer to import what would change nothing', async () => {
    serve({ [IMPORT]: () => ({ data: view({ unchanged: 3 }) }) })
    await openConsole('merchant-import')
    await choose()
    expect(main()).toContain('与现有资料完全相同')
    expect(screen.queryByRole('button', { name: /^导入/ })).toBeNull()
  })
})

describe('branches', () => {
  it('a branch whose code is taken is refused beside the field', async () => {
    serve({ 'POST /admin/branches': () => refusal(409, 'branch-exists', 'code') })
    await openConsole('branches')
    await press('新增网点')
    for (const [label, value] of [
      ['网点号', 'B01'],
      ['名称', '城西支行'],
      ['补贴科目', '6421-09'],
    ] as const)
      fireEvent.change(screen.getByLabelText(label), { target: { value } })
    await then(() => dialog().getByRole('button', { name: '提交复核' }).click())
    expect(screen.getByLabelText('网点号').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByRole('dialog').textContent).toContain('已有这个网点号')
  })

  it('a branch is corrected as it was looked at', async () => {
    const desk = serve({
      'PATCH /admin/branches/B01': ({ headers }) =>
        headers.get('If-Match') === '"1"'
          ? { status: 202, data: { change: requestOf({ kind: 'branch.change' }), half: null } }
          : refusal(412, 'revision-changed', 'If-Match'),
    })
    await openConsole('branches')
    await press('更正：城南支行')
    expect(screen.queryByLabelText('网点号')).toBeNull()
    fireEvent.change(screen.getByLabelText('补贴科目'), { target: { value: '6421 13' } })
    await press('提交复核')
    expect(screen.getByRole('dialog').textContent).toContain('1 到 64 个字母、数字或符号，不能有空格')
    fireEvent.change(screen.getByLabelText('补贴科目'), { target: { value: ' 6421-13 ' } })
    await press('提交复核')
    expect(desk.sent('PATCH /admin/branches/B01').map(({ body }) => body)).toEqual([
      { name: '城南支行', glAccount: '6421-13' },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(main()).toContain('城南支行的更正已提交复核')
  })

  it('a correction says beside its field what can’t work, and elsewhere that somebody else was first', async () => {
    const desk = serve({ 'PATCH /admin/branches/B01': () => refusal(422, 'account-refused', 'glAccount') })
    await openConsole('branches')
    await press('更正：城南支行')
    await press('更正')
    expect(screen.getByLabelText('补贴科目').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getByRole('dialog').textContent).toContain('这个账户不能记账')
    desk.routes['PATCH /admin/branches/B01'] = () => refusal(412, 'revision-changed', 'If-Match')
    await press('更正')
    expect(screen.getByRole('dialog').textContent).toContain('别人刚刚改过')
  })

  it('are not added by an operator of a single branch', async () => {
    await openConsole('branches', { branchCode: 'B01' })
    expect(main()).toContain('城南支行')
    expect(screen.queryByRole('button', { name: '新增网点' })).toBeNull()
  })
})
