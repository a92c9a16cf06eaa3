import type { SheetOfDay, SheetOfReport } from '@contract'
import { act, screen, within } from '@testing-library/react'
import { at, BROKEN, main, openConsole, press, serve, settle, setUp, then } from '../../support/console'

import { reconciliation } from '../../support/console-desk'
import { reportOf } from '../../support/console-report'

setUp()

const PATH = '/admin/campaigns/food-street/report'
const hrefOf = (name: string | RegExp) => screen.getByRole('link', { name }).getAttribute('href')
const alerts = () => document.querySelector('.c-toasts')?.textContent ?? ''

/** What the page gave the browser to save. */
function saved(): { name: string; file: Blob }[] {
  const files: { name: string; file: Blob }[] = []
  let last: Blob | undefined
  Object.assign(URL, {
    createObjectURL: (file: Blob) => {
      last = file
      return 'blob:1'
    },
    revokeObjectURL: () => {},
  })
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    files.push({ name: this.download, file: last! })
  })
  return files
}
afterEach(() => jest.restoreAllMocks())

/** A piece that comes when the test says so. */
function later<T>() {
  let come: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    come = resolve
  })
  return { promise, come }
}

describe('the report', () => {
  it('leads from each figure to its rows, and reads on after the first of them', async () => {
    const row = { ...reportOf().rows[0]!, key: 'M1001', label: '新店', costFen: 100 }
    const desk = serve({
      [`GET ${PATH}`]: () => ({ data: reportOf({ by: 'merchant', nextCursor: 'M1000' }) }),
      [`GET ${PATH}/rows`]: () => ({ data: { items: [row] } }),
    })
    await openConsole('campaigns/food-street/report?by=merchant&from=2026-11-01&to=2026-11-20')
    const figures = within(screen.getByText('退款收回').closest('.c-figure') as HTMLElement)
    expect(figures.getByRole('link').getAttribute('href')).toMatch(
      /^#\/console\/refunds\?campaignId=food-street&orderFrom=.*&state=refunded&asked=true$/,
    )
    await press('加载更多')
    expect(String(desk.sent(`GET ${PATH}/rows`)[0]?.query)).toContain('cursor=M1000')
    expect(screen.getByRole('link', { name: '新店' })).toBeTruthy()
    expect(main()).toContain('已显示 9 条')
    expect(screen.queryByRole('button', { name: '加载更多' })).toBeNull()
  })

  it('names corrections in a column of their own where there are some, with the orders that they put right', async () => {
    const report = reportOf({ by: 'branch' })
    const corrected = { ...report.rows[0]!, key: 'B01', label: '城南支行', correctedFen: -300 }
    const total = { ...report.total, correctedFen: -300 }
    serve({ [`GET ${PATH}`]: () => ({ data: { ...report, total, rows: [corrected] } }) })
    await openConsole('campaigns/food-street/report?by=branch')
    expect(hrefOf('差错更正 −3.00 元')).toContain('orders?campaignId=food-street&from=')
    expect(hrefOf('−3.00')).toMatch(/corrected=true&branchCode=B01$/)
  })
})

describe('a list that is taken home', () => {
  const list = { 'GET /admin/orders': () => ({ data: { items: [] } }) }

  it('has the filters of what is shown, says how far it is, and is saved under its name', async () => {
    const files = saved()
    const [first, end] = [later<string | undefined>(), later<string | undefined>()]
    const desk = serve({
      ...list,
      'GET /admin/orders.xlsx': () => ({
        pieces: [first.promise, end.promise],
        headers: {
          'x-total-count': '54321',
          'content-disposition': "attachment; filename*=UTF-8''%E8%AE%A2%E5%8D%95.xlsx",
        },
      }),
    })
    await openConsole('orders?state=paid&endedOn=2026-11-20&channel=bank')
    expect(main()).toContain('只列出本行账户2026年11月20日 完结的不限')
    await press('导出 Excel')
    expect(String(desk.sent('GET /admin/orders.xlsx')[0]?.query)).toBe('state=paid&channel=bank&endedOn=2026-11-20')
    expect(main()).toContain('正在导出，共 54,321 行…')
    first.come('x'.repeat(1_572_864))
    await settle()
    expect(main()).toContain('已收到 1.5 MB，共 54,321 行…')
    expect(files).toEqual([])
    await act(async () => end.come(undefined))
    await settle()
    expect(files.map(({ name, file }) => [name, file.size])).toEqual([['订单.xlsx', 1_572_864]])
    expect(alerts()).toContain('已导出')
  })

  it('is cancelled at once, and then nothing is saved or said to have failed', async () => {
    const files = saved()
    serve({ ...list, 'GET /admin/orders.csv': () => later<never>().promise })
    await openConsole('orders')
    const before = alerts()
    await press('导出 CSV')
    await press('取消导出')
    expect(screen.getByRole('button', { name: '导出 CSV' })).toBeTruthy()
    expect([files, alerts()]).toEqual([[], before])
  })

  it('that breaks off is not saved; one that is too large says how to ask for less', async () => {
    const files = saved()
    const desk = serve({
      ...list,
      'GET /admin/orders.csv': () => ({ pieces: [Promise.resolve('half'), Promise.resolve(BROKEN)] }),
    })
    await openConsole('orders')
    await press('导出 CSV')
    expect([files, alerts()]).toEqual([[], expect.stringContaining('文件没有收完，没有保存')])
    desk.routes['GET /admin/orders.csv'] = () => ({ status: 422, data: { code: 'export-too-large', status: 422 } })
    await press('导出 CSV')
    expect(alerts()).toContain('一次最多导出 20 万行')
    expect(files).toEqual([])
  })
})

describe('what is signed', () => {
  const stamp = {
    generatedAt: '2026-11-21T01:02:03.000Z',
    by: { username: 'checker', name: '复核员' },
    sha256: 'ab'.repeat(32),
    code: 'abababababababab',
  }

  it('is made by a key, and then printed with who made it, its code, and lines to sign on', async () => {
    const campaign = {
      campaignId: 'food-street',
      name: '美食街扫码立减',
      organiser: '发牌示范银行',
      version: 2,
      startDate: '2026-11-01',
      endDate: '2026-12-31',
    }
    const sheet: SheetOfReport = {
      sheet: { campaign, report: reportOf({ from: '2026-11-01', to: '2026-11-20' }) },
      ...stamp,
    }
    const desk = serve({ [`POST ${PATH}/sheet`]: () => ({ data: sheet }) })
    const print = jest.fn()
    Object.assign(window, { print })
    await openConsole('campaigns/food-street/report/sign?by=day&from=2026-11-01&to=2026-11-20')
    expect(desk.sent(`POST ${PATH}/sheet`)).toEqual([])
    expect(document.title).toBe('活动报表签字件 · 发牌运营台')
    await press('出具签字件')
    expect(desk.sent(`POST ${PATH}/sheet`)[0]?.body).toEqual({ by: 'day', from: '2026-11-01', to: '2026-11-20' })
    const paper = screen.getByRole('article').textContent
    for (const words of [
      '美食街扫码立减（food-street），第 2 版',
      '2026年11月1日 至 11月20日',
      '合计',
      '经办：日期：复核：日期：负责人：日期：',
      '出具：复核员（checker），2026年11月21日 09:02:03',
      '校验码 abab abab abab abab',
      stamp.sha256,
    ])
      expect(paper).toContain(words)
    await press('打印 / 另存为 PDF')
    expect(print).toHaveBeenCalledTimes(1)
  })

  it('of a day has its sums and what is open, in the channel that was asked for', async () => {
    const sheet: SheetOfDay = { sheet: reconciliation({ channel: 'wechatpay' }), ...stamp }
    const path = '/admin/reconciliations/2026-11-20/sheet'
    const desk = serve({ [`POST ${path}`]: () => ({ data: sheet }) })
    await openConsole('reconciliation/2026-11-20/sign?channel=wechatpay', { roles: ['checker'] })
    await press('出具签字件')
    expect(desk.sent(`POST ${path}`)[0]?.body).toEqual({ channel: 'wechatpay' })
    const paper = screen.getByRole('article').textContent
    for (const words of ['2026年11月20日 对账签字件', '微信支付', '合计', '负责人']) expect(paper).toContain(words)
    await then(() => screen.getByRole('link', { name: '2026年11月20日' }).click())
    expect(at()).toBe('reconciliation/2026-11-20?channel=wechatpay')
  })
})
