import { fireEvent, screen, within } from '@testing-library/react'
import { type AskedKind, ask, pull } from '../../../server/domain/campaign-life'
import { offerOf } from '../../../src/console/pages/campaign/actions'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignOf, changeOf, merchantOf, operatorOf, refusal } from '../../support/console-bff'
import { effectOf, reportOf } from '../../support/console-report'

setUp()

const PATH = 'campaigns/food-street'
const figures = () => [...document.querySelectorAll('.c-figure')].map((one) => one.textContent)
const dialog = () => within(screen.getByRole('dialog'))
const keys = () => [...document.querySelectorAll('.c-head__keys > *')].map((key) => key.textContent)
const fill = (label: string | RegExp, text: string) =>
  fireEvent.change(dialog().getByLabelText(label), { target: { value: text } })
const cardOf = (title: string) => screen.getByRole('region', { name: title, hidden: true }).textContent

describe('a campaign', () => {
  it('says how much today, the most it can be, how long the budget lasts, and whether the share rises', async () => {
    await openConsole(PATH)
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('美食街扫码立减')
    expect(figures()).toEqual([
      '今日优惠231 / 40020 户已发牌，每户 20 份',
      '今日补贴¥1,812.40按规则最多 ¥3,204.80',
      '预算剩余¥118,406.20按近 7 天可支撑 36 天',
      '本行占比（活动前 2.1%）14.2%▲ +12.1 个百分点',
      '相对对照商户提升（百分点）+10.995% 区间 +9.8 至 +12.1',
    ])
  })

  it('doesn’t make up what isn’t known', async () => {
    const none = { orders: 0, own: 0, share: null }
    const arm = { merchants: 1, unknown: 1, before: none, during: none, after: none }
    serve({
      'GET /admin/campaigns/food-street': () => ({
        data: campaignOf({ today: null, daysLeft: null, state: 'approved' }),
      }),
      'GET /admin/campaigns/food-street/report': () => ({
        data: reportOf({ channels: [], cards: [] }),
      }),
      'GET /admin/campaigns/food-street/effect': () => ({
        data: effectOf({ state: 'unmeasurable', looks: [], points: [], treated: arm, control: arm, cost: null }),
      }),
    })
    await openConsole(PATH)
    expect(figures().map((text) => text?.replace(/^[^—\d]*/, '').slice(0, 1))).toEqual(['—', '—', '1', '—', '—'])
    expect(main()).toContain('还不能测')
    expect(main()).toContain('有两天以上、知道所有渠道笔数的订单')
  })

  it('shows each merchant’s slots as marks and in words, and why one went short', async () => {
    serve({
      'GET /admin/campaigns/food-street': () => ({ data: campaignOf({ today: { ...campaignOf().today!, short: 1 } }) }),
      'GET /admin/campaigns/food-street/merchants': ({ query }) => ({
        data: {
          items: [
            ...(query.get('only') === 'short' ? [] : [merchantOf()]),
            merchantOf({
              code: 'M0004',
              name: '江边烧烤',
              deck: { total: 8, used: 8, leased: null },
              shortage: { wanted: 20, dealt: 8, reason: 'branch-budget' },
              soldOutAt: '2026-11-20T03:42:00.000Z',
            }),
          ],
        },
      }),
    })
    await openConsole(PATH)
    expect(screen.getByRole('img', { name: '共 20 份，已用 8 份，预占 1 份' }).children).toHaveLength(20)
    expect(cardOf('商户名额')).toContain('应发 20 份，只发 8 份：网点预算不够')
    expect(cardOf('商户名额')).toContain('11:42')
    expect(main()).toContain('今天有 1 家商户因预算不够少发了牌。')
    await press('看是哪些')
    expect(at()).toBe(`${PATH}?only=short`)
    expect(cardOf('商户名额')).not.toContain('老街牛肉面')
    const deck = screen.getByRole('link', { name: '江边烧烤' })
    expect(deck.getAttribute('href')).toBe('#/console/campaigns/food-street/decks/M0004/2026-11-20')
  })

  it('shows its life, oldest first, and the rule as published', async () => {
    await openConsole(PATH)
    const steps = [...document.querySelectorAll('.campaign__step')].map((step) => step.textContent)
    expect(steps[0]).toBe('新建草稿✎ 草稿2026年10月20日 09:00:00 · maker')
    expect(steps[1]).toContain('预算已批')
    expect(steps).toHaveLength(4)
    expect(cardOf('规则')).toContain('随机 ¥1.00–¥10.00；至少 80% 在 ¥7.00–¥9.00')
    expect(cardOf('规则')).toContain('付款方 50% · 商户 50%')
    expect(cardOf('预算')).toContain('城南支行80,000.0017,200.0021.5%')
  })

  it('keeps what was read in sight when it can’t be read anew', async () => {
    const desk = serve()
    await openConsole(PATH)
    desk.routes['GET /admin/campaigns/food-street'] = () => 'offline'
    await then(() => void window.dispatchEvent(new Event('online')))
    expect(main()).toContain('没能更新：网络不通')
    expect(figures()).toHaveLength(5)
  })

  it('that isn’t there, or not theirs to see, says so', async () => {
    serve({ 'GET /admin/campaigns/food-street': () => refusal(404, 'campaign-not-found') })
    await openConsole(PATH)
    expect(main()).toContain('没有找到这个活动')
  })
})

describe('what can be asked of it', () => {
  it('names the consequence first, asks for a reason, and sends what was looked at', async () => {
    const desk = serve({ 'POST /admin/campaigns/food-street/pause': () => ({ data: campaignOf({ state: 'paused' }) }) })
    await openConsole(PATH)
    await press('暂停')
    expect(screen.getByRole('dialog').textContent).toContain('立即生效：20 家商户的顾客马上抽不到优惠')
    await then(() => dialog().getByRole('button', { name: '暂停' }).click())
    expect(dialog().getByRole('alert').textContent).toBe('! 请先写明原因')
    expect(desk.sent('POST /admin/campaigns/food-street/pause')).toEqual([])
    fill('说明（复核人会看到）', '疑似套现')
    desk.routes['GET /admin/campaigns/food-street'] = () => ({ data: campaignOf({ state: 'paused' }) })
    await then(() => dialog().getByRole('button', { name: '暂停' }).click())
    const [sent] = desk.sent('POST /admin/campaigns/food-street/pause')
    expect(sent?.body).toEqual({ note: '疑似套现' })
    expect(sent?.headers.get('If-Match')).toBe('"7"')
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.querySelector('.c-toasts')?.textContent).toContain('已暂停，等待同事复核')
    expect(main()).toContain('已暂停')
  })

  it('stays open and says so when it was refused', async () => {
    serve({ 'POST /admin/campaigns/food-street/end': () => refusal(412, 'revision-changed') })
    await openConsole(PATH)
    await press('结束活动')
    fill('说明（复核人会看到）', '提前收尾')
    await then(() => dialog().getByRole('button', { name: '结束活动' }).click())
    expect(dialog().getByRole('alert').textContent).toBe('! 别人刚刚改过，请先看看改了什么')
    await then(() => dialog().getByRole('button', { name: '取消' }).click())
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('is thrown away as a draft, once: gone already is gone', async () => {
    const draft = campaignOf({ state: 'draft', today: null, startDate: '2020-01-01' })
    const desk = serve({
      'GET /admin/campaigns/food-street': () => ({ data: draft }),
      'DELETE /admin/campaigns/food-street': () => 'offline' as const,
    })
    await openConsole(PATH)
    expect(main()).toContain('开始日期 2020年1月1日 已过')
    await press('删除草稿')
    const drop = () => then(() => dialog().getByRole('button', { name: '删除草稿' }).click())
    await drop()
    expect(dialog().getByRole('alert').textContent).toContain('网络不通')
    desk.routes['DELETE /admin/campaigns/food-street'] = () => refusal(404, 'campaign-not-found')
    await drop()
    expect(desk.sent('DELETE /admin/campaigns/food-street')[0]?.headers.get('If-Match')).toBe('"7"')
    expect(at()).toBe('campaigns')
    expect(document.querySelector('.c-toasts')?.textContent).toContain('已删除草稿')
  })

  it('is copied into a new form: its terms and merchants, but not its dates', async () => {
    serve({
      'GET /admin/sketches/campaign%3Acopy-food-street': () => ({ data: { sketch: null } }),
      'GET /admin/campaigns/food-street/merchants': () => ({
        data: { items: [merchantOf(), merchantOf({ code: 'M0009', control: true })] },
      }),
    })
    await openConsole(PATH)
    await then(() => void fireEvent.click(screen.getByRole('link', { name: '复制' })))
    expect(at()).toBe('campaigns/new?from=food-street')
    const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value
    expect(['活动名称', '开始日期', '总预算'].map(value)).toEqual(['美食街扫码立减（副本）', '', '150000'])
    expect(main()).toContain('参与商户：1 家')
    expect(main()).toContain('对照商户：1 家')
  })

  it('says which code, which campaign or which branch a refusal is about', async () => {
    const refused = (code: string, detail: string, more: object = {}) => ({
      status: 422,
      data: { code, status: 422, detail, ...more },
    })
    const desk = serve()
    await openConsole(PATH)
    await press('修改')
    fill('预算增加到', '160000')
    const said = async (given: ReturnType<typeof refused>) => {
      desk.routes['POST /admin/campaigns/food-street/amend'] = () => given
      await then(() => dialog().getByRole('button', { name: '提交修改' }).click())
      return screen.getByRole('dialog').textContent
    }
    expect(await said(refused('merchant-unknown', 'M9998, M9999'))).toContain(
      '没有这些商户号，或不是您网点的：M9998、M9999',
    )
    expect(await said(refused('priority-tie', '夜市 (C2) at M0003'))).toContain(
      '商户 M0003 同时参加“夜市”（C2），优先级相同',
    )
    const tooDear = { field: 'budgetFen', reason: 'nothing-changes' }
    expect(await said(refused('not-favourable', 'that is the budget already', tooDear))).toContain('和现在的一样')
  })

  it('amends only what favours consumers', async () => {
    const desk = serve({ 'POST /admin/campaigns/food-street/amend': () => ({ data: campaignOf() }) })
    await openConsole(PATH)
    await press('修改')
    await then(() => dialog().getByRole('button', { name: '提交修改' }).click())
    expect(dialog().getByRole('alert').textContent).toBe('! 还没有填写要改什么')
    fill('结束日期延后到', '2026-12-01')
    fill('预算增加到', '149,999.99')
    fill(/^增加商户/, 'M0021, M0022\nM00 21 M0021 坏的')
    const said = () => [...document.querySelectorAll('.c-field__fault')].map((one) => one.textContent)
    expect(said()).toEqual(['! 要晚于现在的结束日期', '! 要多于现在的预算', '! 不是商户号：坏的'])
    fill('结束日期延后到', '2027-01-31')
    fill('预算增加到', '200000，00')
    expect(said()[0]).toBe('! 逗号只用来分千位，例如 1,234.50；小数点请用“.”')
    fill('预算增加到', '２00,000')
    fill(/^增加商户/, 'M0021, M0022\nM0021')
    await then(() => dialog().getByRole('button', { name: '提交修改' }).click())
    const [sent] = desk.sent('POST /admin/campaigns/food-street/amend')
    expect(sent?.body).toEqual({
      endDate: '2027-01-31',
      budgetFen: 20_000_000,
      addMerchantCodes: ['M0021', 'M0022'],
    })
    expect(sent?.headers.get('If-Match')).toBe('"7"')
  })

  it('says which promise an amendment could not keep, beside its field or, where it is no field of the dialog, by its name', async () => {
    let refused = refusal(422, 'campaign-faulty', 'addMerchantCodes', 'budget-below-one-deck')
    serve({ 'POST /admin/campaigns/food-street/amend': () => refused })
    await openConsole(PATH)
    await press('修改')
    fill(/^增加商户/, 'M0021')
    const submit = () => then(() => dialog().getByRole('button', { name: '提交修改' }).click())
    await submit()
    const said = () => [...document.querySelectorAll('.c-field__fault')].map((one) => one.textContent)
    expect(said()).toEqual(['! 不够发一副最贵的牌，请提高预算'])
    refused = refusal(422, 'campaign-faulty', 'rule.maxFen', 'discount-above-share')
    await submit()
    expect(said()).toEqual([])
    expect(dialog().getByRole('alert').textContent).toContain('最大优惠：最大优惠超过了本行允许的门槛比例')
  })

  it('puts what waits for review in sight, with the way there only for who may', async () => {
    const openChange = changeOf({ kind: 'pause', inForce: true, note: '疑似套现', madeBy: 'zhang' })
    serve({ 'GET /admin/campaigns/food-street': () => ({ data: campaignOf({ state: 'paused', openChange }) }) })
    await openConsole(PATH, { username: 'checker', roles: ['checker'] })
    expect(main()).toContain('zhang 申请暂停，等待复核。已先行生效。说明：疑似套现')
    expect(keys()).toEqual(['报表', '去复核'])
  })

  const DATES = { today: '2026-10-20', startDate: '2026-11-01' }
  const KINDS = { submit: 'launch', resume: 'resume', end: 'end' } as const satisfies Record<string, AskedKind>

  it.each(['draft', 'submitted', 'approved', 'running', 'paused', 'ended'] as const)(
    'is, in the state %s, exactly what the server would take',
    (state) => {
      for (const open of [null, changeOf({ kind: 'end', madeBy: 'zhang' })]) {
        const offer = offerOf(operatorOf(), campaignOf({ state, openChange: open }))
        const offered = offer.actions.map(({ verb }) => verb)
        for (const [verb, kind] of Object.entries(KINDS)) {
          const taken = ask({ state, open }, kind, DATES).kind === 'allowed'
          expect([state, verb, offered.includes(verb as 'submit')]).toEqual([state, verb, taken])
        }
        // a draft's would change nothing for anybody
        const stops = state !== 'draft' && state !== 'paused' && pull(state).kind === 'allowed'
        expect([state, offered.includes('pause')]).toEqual([state, stops])
        expect(offer.amend).toBe(ask({ state, open }, 'amend', DATES).kind === 'allowed')
      }
    },
  )

  it('shows of a campaign that is over its report: figures, rows that lead to orders, the file; nothing of today', async () => {
    const over = campaignOf({ state: 'ended', today: null, daysLeft: null })
    const desk = serve({ 'GET /admin/campaigns/food-street': () => ({ data: over }) })
    await openConsole(PATH)
    expect(main()).toContain('科目净支出')
    expect(main()).not.toContain('今日优惠')
    expect(screen.queryByText('商户名额')).toBeNull()
    expect(screen.getByRole('button', { name: '导出 CSV' })).toBeTruthy()
    expect(keys()).not.toContain('报表')
    expect(desk.sent('GET /admin/campaigns/food-street/merchants')).toEqual([])
    await press('按网点')
    expect(desk.sent('GET /admin/campaigns/food-street/report').at(-1)?.query.get('by')).toBe('branch')
  })

  it.each([
    [
      'one’s own can be taken back, and not reviewed',
      { roles: ['maker', 'checker'] },
      { madeBy: 'maker' },
      ['withdraw'],
      false,
    ],
    ['a pause in force can’t be taken back', {}, { madeBy: 'maker', kind: 'pause', inForce: true }, [], false],
    ['another’s is to be reviewed by a checker', { username: 'c', roles: ['checker'] }, { madeBy: 'maker' }, [], true],
    [
      'not by one of another branch',
      { username: 'c', roles: ['checker'], branchCode: 'B02' },
      { madeBy: 'maker' },
      [],
      false,
    ],
  ] as const)('%s', (_, operator, change, verbs, review) => {
    const openChange = changeOf({ kind: 'end', ...change })
    const offer = offerOf(operatorOf(operator as never), campaignOf({ branchCode: 'B01', openChange }))
    const asked = offer.actions.map(({ verb }) => verb).filter((verb) => verb !== 'pause')
    expect([asked, offer.review]).toEqual([verbs, review])
  })
})
