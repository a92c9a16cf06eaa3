import type { DifferenceView, ReconciliationDay, ReconciliationView } from '@contract'
import { fireEvent, screen, within } from '@testing-library/react'
import { chineseDate } from '../../../harness/chinese-date'
import { at, main, openConsole, press, serve, setUp, then } from '../../support/console'
import { type Given, type Routes, refusal } from '../../support/console-bff'
import { dayOf, difference, reconciliation } from '../../support/console-desk'

setUp()

const CHECKER = { username: 'checker', roles: ['checker' as const] }
const DAY = '2026-11-20'
const rowsOf = (caption: RegExp) =>
  [...screen.getByRole('table', { name: caption }).querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent),
  )
const NOTHING_LEFT: Routes = { 'GET /admin/differences': () => ({ data: { items: [] } }) }
const dialogs = () => screen.getAllByRole('dialog')
const last = () => within(dialogs().at(-1)!)

function dayRoutes(
  day: ReconciliationDay,
  view: ReconciliationView | null,
  differences: DifferenceView[] = [difference()],
): Routes {
  return {
    'GET /admin/reconciliations': () => ({ data: { items: [day], channels: ['bank'] } }),
    [`GET /admin/reconciliations/${DAY}`]: () =>
      view ? { data: view } : refusal(404, 'reconciliation-not-found', 'date'),
    [`GET /admin/reconciliations/${DAY}/differences`]: () => ({ data: { items: differences } }),
  }
}

describe('the days', () => {
  it('are shown oldest first with their states in words, and what is open is counted', async () => {
    const items = [
      dayOf(),
      dayOf({ date: '2026-11-19', state: 'balanced', openCount: 0, lines: 1_234 }),
      dayOf({ date: '2026-11-18', state: 'running', openCount: null, lines: null }),
      dayOf({ date: '2026-11-17', state: 'missing', openCount: null, lines: null }),
    ]
    serve({ ...NOTHING_LEFT, 'GET /admin/reconciliations': () => ({ data: { items, channels: ['bank'] } }) })
    await openConsole('reconciliation', CHECKER)
    expect(screen.queryByRole('group', { name: '渠道' })).toBeNull()
    expect([...document.querySelectorAll('.c-day')].map((day) => day.textContent)).toEqual([
      '11月17日周二○ 未对账',
      '11月18日周三… 对账中',
      '11月19日周四✓ 已平账1,234 笔',
      '11月20日周五! 有差错11 笔1 条待处理',
    ])
    expect(main()).toContain('有 1 条差错待处理')
    const first = screen.getByRole('link', { name: `从 ${chineseDate(DAY)} 开始` })
    expect(first.getAttribute('href')).toBe(`#/console/reconciliation/${DAY}`)
  })

  it('go back by two weeks, and the address says which', async () => {
    const days = () => ({ data: { items: [dayOf()], channels: ['bank'] } })
    const desk = serve({ ...NOTHING_LEFT, 'GET /admin/reconciliations': days })
    await openConsole('reconciliation?to=2026-10-31', CHECKER)
    await press('更早两周')
    expect(at()).toBe('reconciliation?to=2026-10-17')
    expect(String(desk.sent('GET /admin/reconciliations').at(-1)?.query)).toBe('to=2026-10-17&days=14')
  })

  it('have what is left of any day below them, each with its day', async () => {
    const old = difference({ date: '2026-09-01', differenceId: 'D20260901-L2', state: 'rejected', class: 'long' })
    const elsewhere = difference({ channel: 'alipay', differenceId: 'D20261120-alipay-L1' })
    serve({
      'GET /admin/reconciliations': () => ({ data: { items: [dayOf()], channels: ['bank', 'alipay'] } }),
      'GET /admin/differences': () => ({ data: { items: [old, elsewhere] } }),
    })
    await openConsole('reconciliation', CHECKER)
    expect(rowsOf(/^未了结的差错/).map((row) => [row[0], row[1], row[4]])).toEqual([
      ['本行账户', '2026年9月1日', '… 待银行更正'],
      ['支付宝', chineseDate(DAY), '! 待处理'],
    ])
    const links = [...document.querySelectorAll('table a')].map((link) => link.getAttribute('href'))
    expect(links).toEqual([
      '#/console/reconciliation/2026-09-01?difference=D20260901-L2',
      `#/console/reconciliation/${DAY}?channel=alipay&difference=D20261120-alipay-L1`,
    ])
  })

  it('are a channel’s to choose where there is more than one, and links keep the choice', async () => {
    const desk = serve({
      ...NOTHING_LEFT,
      'GET /admin/reconciliations': ({ query }) => ({
        data: {
          items: [dayOf({ channel: query.get('channel') === 'alipay' ? 'alipay' : 'bank' })],
          channels: ['bank', 'alipay'],
        },
      }),
    })
    await openConsole('reconciliation', CHECKER)
    const linked = () => screen.getByRole('link', { name: `从 ${chineseDate(DAY)} 开始` }).getAttribute('href')
    expect(linked()).toBe(`#/console/reconciliation/${DAY}`)
    expect(main()).toContain('与银行的对账单逐笔核对')
    await press('支付宝')
    expect(at()).toBe('reconciliation?channel=alipay')
    expect(desk.sent('GET /admin/reconciliations').at(-1)?.query.get('channel')).toBe('alipay')
    expect(linked()).toBe(`#/console/reconciliation/${DAY}?channel=alipay`)
    expect(main()).toContain('与支付宝的对账单逐笔核对')
    expect(screen.getByRole('button', { name: '支付宝', pressed: true })).toBeTruthy()
  })

  it('are not for who may not see the books', async () => {
    await openConsole('reconciliation', { roles: ['viewer'] })
    expect(main()).toContain('没有权限')
    expect(screen.queryByRole('link', { name: '对账' })).toBeNull()
  })
})

describe('a day', () => {
  it('of another channel is asked for, run and told by its name', async () => {
    const [channel, more] = ['alipay' as const, { channel: 'alipay' as const }]
    const desk = serve({
      ...dayRoutes(dayOf(more), reconciliation(more), [difference(more)]),
      [`POST /admin/reconciliations/${DAY}`]: () => ({
        status: 409,
        data: { status: 409, code: 'reconciliation-refused', reason: 'statement-changed' },
      }),
    })
    await openConsole(`reconciliation/${DAY}?channel=${channel}`, CHECKER)
    await press('再对一次')
    for (const asked of ['GET /admin/reconciliations', `POST /admin/reconciliations/${DAY}`])
      expect(desk.sent(asked).map(({ query }) => query.get('channel'))).toContain(channel)
    for (const rest of ['', '/differences'])
      expect(desk.sent(`GET /admin/reconciliations/${DAY}${rest}`)[0]!.query.get('channel')).toBe(channel)
    expect(main()).toContain('支付宝换了这一天的对账单')
    expect(screen.getByRole('columnheader', { name: '支付宝（元）' })).toBeTruthy()
    expect(main()).not.toContain('银行')
  })

  it('shows sums that add up: 平账 + 差错 = 对账单, and ours in it + carried = ours', async () => {
    serve(dayRoutes(dayOf(), reconciliation()))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    expect(rowsOf(/^付款清算/)).toEqual([
      ['平账逐笔一致', '6', '−378.90', '−30.77', '409.67'],
      ['+差错见下表', '4', '−227.79', '−17.11', '244.90'],
      ['=对账单银行签名', '10', '−606.69', '−47.88', '654.57'],
      ['我方，已在对账单', '8', '−585.34', '−47.88', '633.22'],
      ['+我方，结转次日日切前后', '1', '−84.34', '−7.31', '91.65'],
      ['=我方当日记账', '9', '−669.68', '−55.19', '724.87'],
    ])
    expect(main()).toContain('还不能签字：有 1 条差错待处理')
    expect(main()).toContain(`SHA‑256 ${'ab'.repeat(32)}`)
  })

  it('may be signed when it is settled, and says why not when its sums disagree', async () => {
    const desk = serve(dayRoutes(dayOf({ state: 'balanced' }), reconciliation({ settled: true, openCount: 0 }), []))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    expect(main()).toContain('这一天的账可以签字')
    const stillOpen = { count: 2, fen: 4_000 }
    Object.assign(desk.routes, dayRoutes(dayOf(), reconciliation({ proven: false, stillOpen }), []))
    desk.routes[`POST /admin/reconciliations/${DAY}`] = () => ({ data: reconciliation() })
    await press('再对一次')
    expect(main()).toContain('请不要签字，并立即报告；有 1 条差错待处理；有 2 笔付款或退款还没有结果，共 ¥40.00')
  })

  it('offers the earlier days that come first, each a step away', async () => {
    const desk = serve(dayRoutes(dayOf({ state: 'missing', lines: null, openCount: null, matchedAt: null }), null))
    const body = { status: 409, code: 'reconciliation-refused', reason: 'day-before-missing' }
    desk.routes[`POST /admin/reconciliations/${DAY}`] = () => ({
      status: 409,
      data: { ...body, days: ['2026-11-18', '2026-11-19'] },
    })
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    await press('开始对账')
    expect(main()).toContain('账要一天一天地对，前面还有没对账的日子。先对：2026年11月18日2026年11月19日')
    fireEvent.click(screen.getByRole('link', { name: '2026年11月18日' }))
    await then(() => {})
    expect(at()).toBe('reconciliation/2026-11-18')
    expect(main()).not.toContain('先对：')
  })

  it('before the first order has nothing to reconcile, and no key for it', async () => {
    serve(dayRoutes(dayOf({ state: 'none', lines: null, openCount: null, matchedAt: null }), null))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    expect(main()).toContain('还没有这个渠道的订单，不用对账')
    expect(screen.queryByRole('button', { name: '开始对账' })).toBeNull()
  })

  it('is run on request, and shows what came of it', async () => {
    const desk = serve(dayRoutes(dayOf({ state: 'missing', lines: null, openCount: null, matchedAt: null }), null))
    let answer: (given: Given) => void = () => {}
    desk.routes[`POST /admin/reconciliations/${DAY}`] = () =>
      new Promise((done) => {
        answer = done
      })
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    await press('开始对账')
    expect(screen.getByText(/正在取对账单、逐笔核对/)).toBeTruthy()
    expect((screen.getByRole('button', { name: '开始对账' }) as HTMLButtonElement).disabled).toBe(true)
    Object.assign(desk.routes, dayRoutes(dayOf(), reconciliation()))
    await then(() => answer({ data: reconciliation() }))
    expect(screen.queryByText(/正在取对账单/)).toBeNull()
    expect(rowsOf(/^差错/)).toHaveLength(1)
  })

  it.each([
    ['statement-not-ready', 409, 'reconciliation-refused', '银行还没有出这一天的对账单，请稍后再对。'],
    ['before-first-day', 409, 'reconciliation-refused', '还没有这个渠道的订单，不用对账。'],
    ['statement-changed', 409, 'reconciliation-refused', '银行换了这一天的对账单'],
    ['statement-unavailable', 503, 'channel-unavailable', '银行连不上，对账单取不到，请稍后再对。'],
    ['nobody-knows', 409, 'reconciliation-refused', '现在不能对这一天的账'],
  ])('that is refused with %s says why in Chinese', async (reason, status, code, words) => {
    const missing = dayOf({ state: 'missing', lines: null, openCount: null, matchedAt: null })
    serve({
      ...dayRoutes(missing, null),
      [`POST /admin/reconciliations/${DAY}`]: () => ({ status, data: { status, code, reason, detail: 'in English' } }),
    })
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    await press('开始对账')
    expect(main()).toContain(words)
    expect(main()).not.toMatch(/statement-|English/)
  })

  it('is not run by an auditor, who reads it', async () => {
    serve(dayRoutes(dayOf(), reconciliation()))
    await openConsole(`reconciliation/${DAY}`, { roles: ['auditor'] })
    expect(screen.queryByRole('button', { name: '再对一次' })).toBeNull()
    await press('核对差错 D20261120-L6')
    expect(last().queryByRole('button', { name: '认可' })).toBeNull()
    expect(last().queryByRole('button', { name: '提出更正' })).toBeNull()
    expect(dialogs()[0]?.textContent).toContain('要两个人：一位提出，另一位复核认可')
  })
})

describe('a difference', () => {
  const ACCEPT = 'POST /admin/differences/D20261120-L6/accept'
  const REJECT = 'POST /admin/differences/D20261120-L6/reject'
  const proposed = () => dayRoutes(dayOf(), reconciliation(), [difference({ proposedBy: 'maker', revision: 2 })])

  it('sets ours beside the bank’s, and marks what differs by a word', async () => {
    serve(dayRoutes(dayOf(), reconciliation()))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    await press('核对差错 D20261120-L6')
    expect(at()).toBe(`reconciliation/${DAY}?difference=D20261120-L6`)
    expect(screen.getByRole('heading', { level: 2, name: '金额不符：付款方金额与银行不同' })).toBeTruthy()
    expect(rowsOf(/^我方与银行/)).toEqual([
      ['状态', '已记账', '已入账，第 6 行', '一致'],
      ['付款方（元）', '−195.70', '−195.71', '≠ 不同'],
      ['科目（元）', '−8.59', '−8.59', '一致'],
      ['商户（元）', '204.29', '204.30', '≠ 不同'],
      ['科目号', '6421-07', '6421-07', '一致'],
      ['商户账户', 'acct-M0002', 'acct-M0002', '一致'],
      ['渠道流水号', 'B6', 'B6', '一致'],
      ['入账时间', '—', '2026年11月20日 16:04:56', ''],
    ])
    expect(rowsOf(/^红冲/).map((row) => row[2])).toEqual(['+195.70', '+8.59', '−204.29'])
    expect(rowsOf(/^补记/).map((row) => row[2])).toEqual(['−195.71', '−8.59', '+204.30'])
  })

  it('is accepted once its consequence was read, and then stands as accepted', async () => {
    const resolved = { state: 'accepted', resolvedBy: 'checker', resolvedAt: '2026-11-21T01:00:00.000Z' } as const
    const desk = serve({ ...proposed(), [ACCEPT]: () => ({ data: difference(resolved) }) })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    await press('认可')
    expect(dialogs().at(-1)?.textContent).toContain('立即追加分录（红冲 1 笔，补记 1 笔）')
    expect(dialogs().at(-1)?.textContent).toContain('认可以后不能撤回')
    await then(() => last().getByRole('button', { name: '认可' }).click())
    expect(desk.sent(ACCEPT).map(({ headers }) => headers.get('If-Match'))).toEqual(['"2"'])
    expect(dialogs()).toHaveLength(1)
    expect(dialogs()[0]?.textContent).toContain('checker 于 2026年11月21日 09:00:00 认可')
    expect(rowsOf(/^差错/)[0]?.[4]).toBe('✓ 已认可checker')
  })

  it('names the refund that accepting it sends', async () => {
    const one = difference({
      class: 'stateMismatch',
      detail: 'booked-after-end',
      proposal: { entries: [], refund: { payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 } },
    })
    serve(dayRoutes(dayOf(), reconciliation(), [{ ...one, proposedBy: 'maker' }]))
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    expect(dialogs()[0]?.textContent).toContain('maker 提出了更正，请复核')
    expect(rowsOf(/^差错/)[0]?.[4]).toBe('… 待复核maker')
    await press('认可')
    const text = () => dialogs().at(-1)?.textContent
    expect(text()).toContain('顾客拿回 ¥95.00，商户退出 ¥105.00，科目收回 ¥10.00')
    expect(text()).toContain('与我方原来的账相比：付款方 +95.00 元，补贴科目 +10.00 元，商户 −105.00 元')
  })

  it('that gives money back is proposed by one, and then waits for another', async () => {
    const PROPOSE = 'POST /admin/differences/D20261120-L6/propose'
    const refund = { payerFen: 9_500, merchantFen: 10_500, glFen: 1_000 }
    const one = difference({ class: 'duplicate', detail: 'booked-twice', proposal: { entries: [], refund } })
    const desk = serve({
      ...dayRoutes(dayOf(), reconciliation(), [one]),
      [PROPOSE]: () => ({ data: { ...one, proposedBy: 'checker', proposedAt: '2026-11-21T01:00:00.000Z' } }),
    })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    expect(last().queryByRole('button', { name: '认可' })).toBeNull()
    expect(dialogs()[0]?.textContent).toContain('要两个人：一位提出，另一位复核认可')
    await press('提出更正')
    expect(dialogs().at(-1)?.textContent).toContain('认可以前账不动，也不退款')
    expect(dialogs().at(-1)?.textContent).toContain('顾客拿回 ¥95.00')
    await then(() => last().getByRole('button', { name: '提出更正' }).click())
    expect(desk.sent(PROPOSE)).toHaveLength(1)
    expect(dialogs()[0]?.textContent).toContain('您已提出更正，等待复核：由另一位复核岗认可或驳回')
    expect(last().queryByRole('button', { name: '认可' })).toBeNull()
    expect(last().getByRole('button', { name: '驳回' })).toBeTruthy()
  })

  it('that only the bank can put right can only be rejected', async () => {
    const one = difference({ detail: 'currency', acceptable: false, proposal: { entries: [], refund: null } })
    serve(dayRoutes(dayOf(), reconciliation(), [one]))
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    expect(dialogs()[0]?.textContent).toContain('只有银行能更正')
    expect(last().queryByRole('button', { name: '认可' })).toBeNull()
    expect(last().getByRole('button', { name: '驳回' })).toBeTruthy()
  })

  it('that was rejected waits for the bank', async () => {
    const rejected = { resolvedBy: 'checker', resolvedAt: '2026-11-21T01:00:00.000Z', note: '银行次日冲正' }
    serve(dayRoutes(dayOf(), reconciliation(), [difference({ ...rejected, state: 'rejected' })]))
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    expect(rowsOf(/^差错/)[0]?.[4]).toBe('… 待银行更正checker')
    expect(dialogs()[0]?.textContent).toContain('驳回，我方账不动，等银行更正。说明：银行次日冲正')
  })

  it('that the bank has put right after it was rejected says by which statement', async () => {
    const rejected = { resolvedBy: 'checker', resolvedAt: '2026-11-21T01:00:00.000Z', note: '银行次日冲正' }
    const mended = {
      mendedBy: 'statement of 2026-11-22',
      mendedAt: '2026-11-23T01:00:00.000Z',
      state: 'mended',
    } as const
    serve(dayRoutes(dayOf(), reconciliation(), [difference({ ...rejected, ...mended })]))
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    expect(rowsOf(/^差错/)[0]?.[4]).toBe('✓ 银行已更正checker')
    expect(dialogs()[0]?.textContent).toContain('statement of 2026-11-22')
  })

  it('is not rejected without a reason', async () => {
    const desk = serve({
      ...dayRoutes(dayOf(), reconciliation()),
      [REJECT]: () => ({ data: difference({ state: 'rejected' }) }),
    })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    await press('驳回')
    await then(() => last().getByRole('button', { name: '驳回' }).click())
    expect(last().getByRole('alert').textContent).toContain('请先写明原因')
    expect(desk.sent(REJECT)).toHaveLength(0)
    fireEvent.change(last().getByRole('textbox'), { target: { value: '银行次日更正' } })
    await then(() => last().getByRole('button', { name: '驳回' }).click())
    expect(desk.sent(REJECT).map(({ body }) => body)).toEqual([{ note: '银行次日更正' }])
  })

  it('that a colleague decided meanwhile says so', async () => {
    serve({ ...proposed(), [ACCEPT]: () => refusal(409, 'already-resolved', 'id') })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L6`, CHECKER)
    await press('认可')
    await then(() => last().getByRole('button', { name: '认可' }).click())
    expect(last().getByRole('alert').textContent).toContain('这条差错已经处理过了')
  })

  it('of a later page is found by its address', async () => {
    const later = difference({ differenceId: 'D20261120-L99' })
    serve({
      ...dayRoutes(dayOf(), reconciliation()),
      'GET /admin/differences/D20261120-L99': () => ({ data: later }),
    })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L99`, CHECKER)
    expect(dialogs()[0]?.textContent).toContain('D20261120-L99')
  })

  it('is shown as it stands when it is opened, which need not be as the list has it', async () => {
    const meanwhile = { state: 'rejected', resolvedBy: 'colleague', resolvedAt: '2026-11-21T01:00:00.000Z' } as const
    serve({
      ...dayRoutes(dayOf(), reconciliation()),
      'GET /admin/differences/D20261120-L6': () => ({ data: difference(meanwhile) }),
    })
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    await press('核对差错 D20261120-L6')
    expect(dialogs()[0]?.textContent).toContain('colleague 于 2026年11月21日 09:00:00 驳回')
    expect(last().queryByRole('button', { name: '认可' })).toBeNull()
  })

  it('that isn’t there is said to be missing', async () => {
    serve({
      ...dayRoutes(dayOf(), reconciliation()),
      'GET /admin/differences/D20261120-L7': () => refusal(404, 'difference-not-found', 'id'),
    })
    await openConsole(`reconciliation/${DAY}?difference=D20261120-L7`, CHECKER)
    expect(dialogs()[0]?.textContent).toContain('没有找到这条差错')
  })

  it('of the bank alone has nothing of ours to open', async () => {
    const long = difference({ class: 'long', detail: 'no-such-order', own: null, orderNo: 'PHANTOM' })
    serve(dayRoutes(dayOf(), reconciliation(), [long]))
    await openConsole(`reconciliation/${DAY}`, CHECKER)
    expect(rowsOf(/^差错/)[0]?.slice(0, 4)).toEqual([
      '长款银行有这笔付款，我方没有这个订单',
      'PHANTOM付款',
      '没有',
      '195.71',
    ])
    expect(screen.queryByRole('link', { name: 'PHANTOM' })).toBeNull()
  })
})
