import { screen } from '@testing-library/react'
import { noteServerTime } from '../../../src/server-time'
import { at, main, openConsole, press, serve, setUp } from '../../support/console'
import { dayOf, difference, reconciliation } from '../../support/console-desk'

setUp()

const CHECKER = { username: 'checker', roles: ['checker' as const] }
const DAY = '2026-11-20'

describe('a day', () => {
  it('has a tab for each channel, and what one was refused isn’t said of another', async () => {
    const missing = (channel: 'bank' | 'alipay') => dayOf({ channel, state: 'missing', openCount: null, lines: null })
    serve({
      'GET /admin/reconciliations': ({ query }) => ({
        data: { items: [missing(query.get('channel') === 'alipay' ? 'alipay' : 'bank')], channels: ['bank', 'alipay'] },
      }),
      [`POST /admin/reconciliations/${DAY}`]: () => ({
        status: 409,
        data: { status: 409, code: 'reconciliation-refused', reason: 'statement-not-ready' },
      }),
    })
    await openConsole(`reconciliation/${DAY}?channel=alipay`, CHECKER)
    expect(main()).toContain('请向支付宝索取或核实')
    await press('开始对账')
    expect(main()).toContain('支付宝还没有出这一天的对账单')
    await press('本行账户')
    expect(at()).toBe(`reconciliation/${DAY}`)
    expect(main()).not.toContain('支付宝还没有出')
    expect(screen.getByRole('button', { name: '本行账户', pressed: true })).toBeTruthy()
  })

  it('of a wallet has no account for subsidies, and says how its own file was believed', async () => {
    const more = { channel: 'wechatpay' as const }
    serve({
      'GET /admin/reconciliations': () => ({ data: { items: [dayOf(more)], channels: ['bank', 'wechatpay'] } }),
      [`GET /admin/reconciliations/${DAY}`]: () => ({ data: reconciliation(more) }),
      [`GET /admin/reconciliations/${DAY}/differences`]: () => ({ data: { items: [difference(more)] } }),
    })
    await openConsole(`reconciliation/${DAY}?channel=wechatpay`, CHECKER)
    const table = screen.getByRole('table', { name: /^付款清算/ })
    const paid = [...table.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
    expect(paid[2]).toEqual(['=对账单微信支付的文件', '10', '−606.69', '654.57'])
    expect(main()).toContain('与微信支付给的摘要、合计核对无误')
    expect(main()).not.toContain('科目')
  })
})

describe('the days', () => {
  it('end with the server’s yesterday, on a machine whose clock is days off', async () => {
    const items = [dayOf()]
    const headers = { Date: 'Sat, 21 Nov 2026 01:00:00 GMT' }
    const desk = serve({
      'GET /admin/differences': () => ({ data: { items: [] } }),
      'GET /admin/reconciliations': () => ({ data: { items, channels: ['bank'] }, headers }),
    })
    await openConsole('reconciliation', CHECKER)
    expect(desk.sent('GET /admin/reconciliations').at(-1)!.query.get('to')).toBe(DAY)
    noteServerTime(new Date().toUTCString())
  })
})
