import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { codesOf } from '../../../src/console/pages/campaign-edit/merchant-codes'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignOf, merchantOf, previewOf, refusal } from '../../support/console-bff'

setUp()

const fill = (label: string, text: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } })
const faultBeside = (label: string) => {
  const input = screen.getByLabelText(label)
  return (
    input.getAttribute('aria-invalid') && document.getElementById(input.getAttribute('aria-describedby')!)?.textContent
  )
}
const dialog = () => within(screen.getByRole('dialog'))

/** Into the list of those that take part. */
async function paste(codes: string) {
  fireEvent.change(screen.getAllByLabelText('粘贴商户号')[0]!, { target: { value: codes } })
  await then(() => screen.getAllByRole('button', { name: '加入粘贴的' })[0]!.click())
}

async function fillNew() {
  fill('活动名称', '美食街扫码立减')
  fill('主办方', '发牌示范银行')
  fill('开始日期', '2026-12-01')
  fill('结束日期（含）', '2026-12-31')
  fill('总预算', '150,000')
}

describe('a new campaign', () => {
  it('is previewed as it is typed: a deck in its band, the headline, the forecast, the legal text', async () => {
    const desk = serve()
    await openConsole('campaigns/new')
    expect(main()).toContain('填好规则、日期和预算，这里会预览发牌')
    await fillNew()
    await waitFor(() => expect(desk.sent('POST /admin/campaigns/preview')).toHaveLength(1))
    expect(main()).toContain('先选参与商户，才知道要花多少')
    await paste('M0001 M0002')
    await waitFor(() => expect(desk.sent('POST /admin/campaigns/preview')).toHaveLength(2))
    expect(await screen.findByRole('img', { name: '20 张牌，16 张在 ¥7.00–¥9.00' })).toBeTruthy()
    expect(document.querySelectorAll('.dots__dot')).toHaveLength(20)
    expect(desk.sent('POST /admin/campaigns/preview')[1]?.body).toMatchObject({
      rule: { thresholdFen: 1_000, slots: 20, minFen: 100, maxFen: 1_000, bandMinFen: 700, bandMaxFen: 900 },
      budgetFen: 15_000_000,
      merchantCount: 2,
      ordersPerMerchantPerDay: 15,
    })
    expect(main()).toContain('对外宣传 满10元最高减5元')
    expect(main()).toContain('¥139,080.00（九成在 ¥136,110.00 至 ¥142,040.00）')
    expect(main()).toContain('¥150,000.00（到预算为止）')
  })

  it('says beside each field what is wrong with it, and goes to the first', async () => {
    const desk = serve()
    await openConsole('campaigns/new')
    fill('门槛：订单满', '十元')
    fill('每户每天名额', '2.5')
    fill('总预算', '20000，00')
    await press('保存草稿')
    expect(faultBeside('活动名称')).toBe('! 至少 2 个字')
    expect(faultBeside('开始日期')).toBe('! 请选择日期')
    expect(faultBeside('门槛：订单满')).toBe('! 请填写金额，例如 10 或 9.50')
    expect(faultBeside('每户每天名额')).toBe('! 请填写整数')
    expect(faultBeside('总预算')).toContain('逗号只用来分千位')
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('活动名称')))
    expect(desk.sent('POST /admin/campaigns')).toEqual([])
  })

  it('has no forecast by a number of orders that can’t be read, and says so beside it', async () => {
    const desk = serve()
    const assumed = '假定每户每天有多少笔够条件的订单'
    await openConsole('campaigns/new')
    await fillNew()
    await paste('M0001 M0002')
    await waitFor(() => expect(main()).toContain('¥139,080.00'))
    fill(assumed, '9,5')
    expect(faultBeside(assumed)).toBe('! 请填写 0 到 10000 的数，例如 15 或 9.5')
    expect(main()).not.toContain('¥139,080.00')
    fill(assumed, '９.５')
    const asked = () => desk.sent('POST /admin/campaigns/preview').at(-1)?.body
    await waitFor(() => expect(asked()).toMatchObject({ ordersPerMerchantPerDay: 9.5 }))
    expect(faultBeside(assumed)).toBeNull()
  })

  it('shows beside its field what the rule forbids', async () => {
    const faults = [{ field: 'rule.bandMaxFen', code: 'band-reversed', message: 'bandMaxFen is below bandMinFen' }]
    serve({
      'POST /admin/campaigns/preview': () => ({
        data: previewOf({ faults, sample: null, forecast: null, headline: null, disclosure: null }),
      }),
    })
    await openConsole('campaigns/new')
    await fillNew()
    fill('集中区间到', '5')
    await waitFor(() => expect(faultBeside('集中区间到')).toBe('! 区间上限不能小于下限'))
  })

  it('shows beside its field why the server refused terms that could not be kept, and goes there', async () => {
    const refused = refusal(422, 'campaign-faulty', 'budgetFen', 'budget-below-one-deck')
    serve({ 'POST /admin/campaigns': () => refused })
    await openConsole('campaigns/new')
    await fillNew()
    await press('保存草稿')
    expect(faultBeside('总预算')).toContain('不够发一副最贵的牌，请提高预算')
    expect(main()).toContain('总预算：不够发一副最贵的牌')
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('总预算')))
  })

  it('has its branches’ budgets previewed too, once they can be read', async () => {
    const faults = [{ field: 'branchBudgets.0.budgetFen', code: 'budget-below-one-deck', message: '' }]
    const view = previewOf({ faults, sample: null, forecast: null, headline: null, disclosure: null })
    const desk = serve({ 'POST /admin/campaigns/preview': () => ({ data: view }) })
    await openConsole('campaigns/new')
    await fillNew()
    await press('为一个网点另设预算')
    await waitFor(() =>
      expect(desk.sent('POST /admin/campaigns/preview').at(-1)?.body).not.toHaveProperty('branchBudgets'),
    )
    fireEvent.change(await screen.findByLabelText('网点'), { target: { value: 'B01' } })
    // the card around it has the same name
    const budget = screen.getByLabelText('预算', { selector: 'input' })
    fireEvent.change(budget, { target: { value: '1' } })
    await waitFor(() =>
      expect(desk.sent('POST /admin/campaigns/preview').at(-1)?.body).toMatchObject({
        branchBudgets: [{ branchCode: 'B01', budgetFen: 100 }],
      }),
    )
    await waitFor(() => expect(budget.getAttribute('aria-invalid')).toBe('true'))
    expect(main()).toContain('! 不够发一副最贵的牌，请提高预算')
  })

  it('is saved in fen, with its merchants each once, and opens', async () => {
    const desk = serve({ 'POST /admin/campaigns': () => ({ status: 201, data: campaignOf() }) })
    await openConsole('campaigns/new')
    await fillNew()
    fill('最大优惠', '9.95')
    fill('每人每天每店次数', '1')
    fill('每人每天合计次数', '3')
    await paste('M0001，M0002 M0001 ?')
    expect(main()).toContain('参与商户：2 家')
    expect(main()).toContain('跳过了 1 个不是商户号的：?')
    await press('保存草稿')
    expect(desk.sent('POST /admin/campaigns').map(({ body }) => body)).toEqual([
      {
        name: '美食街扫码立减',
        organiser: '发牌示范银行',
        startDate: '2026-12-01',
        endDate: '2026-12-31',
        rule: {
          thresholdFen: 1_000,
          slots: 20,
          minFen: 100,
          maxFen: 995,
          bandMinFen: 700,
          bandMaxFen: 900,
          bandPercent: 80,
          payerPercent: 50,
        },
        budgetFen: 15_000_000,
        dailyBudgetFen: null,
        windows: [],
        branchBudgets: [],
        maxPerPayerPerDay: 1,
        maxPerPayerPerCampaignDay: 3,
        priority: 0,
        branchCode: null,
        merchantCodes: ['M0001', 'M0002'],
        controlCodes: [],
      },
    ])
    expect(at()).toBe('campaigns/food-street')
  })

  it('of an operator of one branch is that branch’s', async () => {
    await openConsole('campaigns/new', { branchCode: 'B01' })
    const scope = screen.getByLabelText<HTMLSelectElement>('范围')
    expect([scope.value, scope.disabled]).toEqual(['B01', true])
  })

  it('shows what the server refused beside its field', async () => {
    serve({ 'POST /admin/campaigns': () => refusal(422, 'merchant-unknown', 'merchantCodes') })
    await openConsole('campaigns/new')
    await fillNew()
    await press('保存草稿')
    expect(screen.getAllByRole('alert').map((one) => one.textContent)).toContain('! 有商户号不存在')
  })
})

describe('a saved draft', () => {
  const DRAFT = { state: 'draft' as const, today: null, revision: 7 }

  it('leaves the lists alone that nobody looked at, and quotes the revision it was opened at', async () => {
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf(DRAFT) }),
      'PATCH /admin/campaigns/food-street': () => ({ data: campaignOf({ ...DRAFT, revision: 8 }) }),
    })
    await openConsole('campaigns/food-street/edit')
    expect(screen.getByLabelText<HTMLInputElement>('总预算').value).toBe('150000')
    expect(main()).toContain('参与 20 家，对照 4 家')
    fill('总预算', '160000.5')
    await press('保存草稿')
    const [sent] = desk.sent('PATCH /admin/campaigns/food-street')
    expect(sent?.headers.get('If-Match')).toBe('"7"')
    expect(sent?.body).toMatchObject({
      budgetFen: 16_000_050,
      branchBudgets: [{ branchCode: 'B01', budgetFen: 8_000_000 }],
    })
    expect(Object.keys(sent?.body as object)).not.toContain('merchantCodes')
  })

  it('reads all pages of its lists before they are changed', async () => {
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf(DRAFT) }),
      'GET /admin/campaigns/food-street/merchants': ({ query }) =>
        query.get('cursor')
          ? { data: { items: [merchantOf({ code: 'M0002' }), merchantOf({ code: 'M0009', control: true })] } }
          : { data: { items: [merchantOf()], nextCursor: 'p2' } },
      'PATCH /admin/campaigns/food-street': () => ({ data: campaignOf(DRAFT) }),
    })
    await openConsole('campaigns/food-street/edit')
    await press('修改名单')
    expect(main()).toContain('参与商户：2 家')
    await press('移除 M0002')
    await press('保存草稿')
    expect(desk.sent('PATCH /admin/campaigns/food-street')[0]?.body).toMatchObject({
      merchantCodes: ['M0001'],
      controlCodes: ['M0009'],
    })
  })

  it('that somebody else changed meanwhile shows what one touched beside theirs, and keeps both', async () => {
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf(DRAFT) }),
      'PATCH /admin/campaigns/food-street': ({ headers }) =>
        headers.get('If-Match') === '"8"' ? { data: campaignOf(DRAFT) } : refusal(412, 'revision-changed'),
    })
    await openConsole('campaigns/food-street/edit')
    fill('总预算', '160000')
    fill('每户每天名额', '25')
    desk.routes['GET /admin/campaigns/food-street'] = () => ({
      data: campaignOf({ ...DRAFT, revision: 8, endDate: '2027-01-31', budgetFen: 17_000_000 }),
    })
    await press('保存草稿')
    const lines = [...screen.getByRole('dialog').querySelectorAll('tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent),
    )
    expect(lines).toEqual([
      ['每户每天名额', '20 份', '20 份', '25 份', '您的'],
      ['总预算', '¥150,000.00', '¥170,000.00', '¥160,000.00', '总预算保留哪一份用我的用对方的'],
    ])
    expect(screen.getByRole('dialog').textContent).toContain('对方还改了：结束日期 2027年1月31日。照对方的保留。')
    await then(() => dialog().getByRole('button', { name: '用对方的' }).click())
    await then(() => dialog().getByRole('button', { name: '合并后保存' }).click())
    const sent = desk.sent('PATCH /admin/campaigns/food-street')
    expect(sent.map(({ headers }) => headers.get('If-Match'))).toEqual(['"7"', '"8"'])
    expect(sent[1]?.body).toMatchObject({ endDate: '2027-01-31', budgetFen: 17_000_000, rule: { slots: 25 } })
    expect(at()).toBe('campaigns/food-street')
  })

  it('that a colleague has submitted can’t be edited any more, and says so', async () => {
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf(DRAFT) }),
      'PATCH /admin/campaigns/food-street': () => refusal(409, 'not-a-draft'),
    })
    await openConsole('campaigns/food-street/edit')
    fill('总预算', '160000')
    desk.routes['GET /admin/campaigns/food-street'] = () => ({ data: campaignOf({ ...DRAFT, state: 'submitted' }) })
    await press('保存草稿')
    expect(screen.getByRole('dialog').textContent).toContain('活动已不是草稿')
    await then(() => dialog().getByRole('button', { name: '看现在的活动' }).click())
    expect(at()).toBe('campaigns/food-street')
  })
})

describe('a list of more merchants than a request may name', () => {
  const IMPORT = 'POST /admin/campaigns/food-street/merchants'
  const LONG = Array.from({ length: 5_001 }, (_, i) => `S${i}`).join('\n')
  const imported = (changes: object = {}) => ({
    data: {
      ...{ lines: 5_001, added: 5_001, changed: 0, unchanged: 0, removed: 0, faults: [], faultCount: 0 },
      ...changes,
    },
  })
  const READ = 'POST /admin/merchants/codes'
  const read = (changes: object = {}) => ({
    data: { lines: 5_001, count: 5_001, codes: null, faults: [], faultCount: 0, ...changes },
  })
  const choose = (label: string, text: string) =>
    then(() => {
      const file = new File([text], 'street.csv', { type: 'text/csv' })
      fireEvent.change(screen.getByLabelText(label), { target: { files: [file] } })
    })

  it('goes up as the file it is, once the draft is saved', async () => {
    const desk = serve({
      'POST /admin/campaigns': () => ({ status: 201, data: campaignOf() }),
      [READ]: () => read(),
      [IMPORT]: () => imported(),
    })
    await openConsole('campaigns/new')
    await fillNew()
    await choose('参与商户的 CSV 文件', LONG)
    expect(main()).toContain('参与商户：5,001 家“street.csv”，保存草稿后上传')
    await press('保存草稿')
    expect(Object.keys(desk.sent('POST /admin/campaigns')[0]!.body as object)).not.toContain('merchantCodes')
    const [sent] = desk.sent(IMPORT)
    expect([sent?.query.get('role'), sent?.headers.get('Content-Type')]).toEqual(['merchant', 'text/csv'])
    expect((sent!.body as Blob).size).toBe(LONG.length)
    expect(at()).toBe('campaigns/food-street')
  })

  it('that has faulty lines leaves a saved draft, names each line, and goes up corrected', async () => {
    const faults = [
      { line: 3, field: 'merchantCode', code: 'merchant-unknown', message: 'S1: there is no such merchant' },
      { line: 9, field: 'merchantCode', code: 'duplicate', message: 'the same as line 4' },
    ]
    const saved = campaignOf({ state: 'draft', today: null, revision: 3 })
    const desk = serve({
      'POST /admin/campaigns': () => ({ status: 201, data: saved }),
      'GET /admin/campaigns/food-street': () => ({ data: saved }),
      'PATCH /admin/campaigns/food-street': () => ({ data: { ...saved, revision: 4 } }),
      [READ]: () => read(),
      [IMPORT]: () => imported({ added: 0, faults, faultCount: 2 }),
    })
    await openConsole('campaigns/new')
    await fillNew()
    await choose('参与商户的 CSV 文件', LONG)
    await press('保存草稿')
    expect(at()).toBe('campaigns/new')
    expect(main()).toContain('草稿已保存，但参与商户名单没有导入')
    const lines = within(screen.getByRole('table', { name: '有错的行' })).getAllByRole('row')
    expect(lines.map((line) => line.textContent)).toEqual([
      '行字段原因',
      '第 3 行商户号没有这家商户：S1',
      '第 9 行商户号与第 4 行的商户号相同',
    ])
    desk.routes[IMPORT] = () => imported()
    await choose('参与商户的 CSV 文件', LONG)
    await press('保存草稿')
    expect(desk.sent('POST /admin/campaigns')).toHaveLength(1)
    expect(desk.sent('PATCH /admin/campaigns/food-street')[0]?.headers.get('If-Match')).toBe('"3"')
    expect(at()).toBe('campaigns/food-street')
  })

  it('is read by the server when it is picked: a short one joins the list, a faulty one says what to do', async () => {
    const desk = serve({ [READ]: () => read({ lines: 2, count: 2, codes: ['M0001', 'M0002'] }) })
    await openConsole('campaigns/new')
    await choose('参与商户的 CSV 文件', '序号,商户号\n1,M0001\n2,M0002')
    expect(main()).toContain('参与商户：2 家')
    expect((desk.sent(READ)[0]!.body as Blob).size).toBe(32)
    const faults = [
      { line: 1, field: 'merchantCode', code: 'column-missing', message: 'no column is called code' },
      { line: 7, field: 'merchantCode', code: 'rewritten', message: 'a spreadsheet has rewritten it to 1.0' },
    ]
    desk.routes[READ] = () => read({ count: 0, faults, faultCount: 9 })
    await choose('参与商户的 CSV 文件', '序号\n1')
    expect(screen.getAllByRole('alert').map((one) => one.textContent)).toContain(
      '! “street.csv”没有加入：第 1 行表头里没有“商户号”这一列：请照模板写表头；' +
        '第 7 行被表格软件改写过，已不是原来的内容：请在 Excel 中把“商户号”列设为文本，重新填写后再导出；等 9 处',
    )
    desk.routes[READ] = () => refusal(503, 'busy')
    await choose('参与商户的 CSV 文件', 'M0003')
    expect(screen.getAllByRole('alert').map((one) => one.textContent)).toContain('! 服务繁忙，请稍后重试')
    expect(main()).toContain('参与商户：2 家')
  })

  it('is replaced, not shown, when the saved one is as long; a file not wanted after all is put away', async () => {
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({
        data: campaignOf({ state: 'draft', today: null, merchantCount: 12_000 }),
      }),
      'PATCH /admin/campaigns/food-street': () => ({ data: campaignOf({ state: 'draft', today: null }) }),
      [READ]: () => read({ lines: 1, count: 1, codes: ['M0001'] }),
    })
    await openConsole('campaigns/food-street/edit')
    expect(main()).toContain('参与商户：12,000 家')
    await choose('参与商户的 CSV 文件', 'M0001')
    expect(main()).toContain('参与商户：1 家')
    await press('不用这个文件')
    expect(main()).toContain('参与商户：12,000 家')
    await press('保存草稿')
    expect(desk.sent(IMPORT)).toEqual([])
    expect(Object.keys(desk.sent('PATCH /admin/campaigns/food-street')[0]!.body as object)).not.toContain(
      'merchantCodes',
    )
  })
})

describe('codes of merchants', () => {
  it.each([
    ['M0001 M0002\nM0003,M0001；M0004', ['M0001', 'M0002', 'M0003', 'M0004'], []],
    ['M0001 店铺', ['M0001'], ['店铺']],
    ['', [], []],
  ])('pasted as %j', (text, codes, wrong) => {
    expect(codesOf(text)).toEqual({ codes, wrong })
  })
})
