import { fireEvent, screen, within } from '@testing-library/react'
import type { HeldView } from '../../../server/http/contract'
import { main, openConsole, press, serve, setUp, then } from '../../support/console'
import { campaignSummary, changeOf, refusal } from '../../support/console-bff'
import { adminMerchant } from '../../support/console-desk'

setUp()

const bar = () => document.querySelector('.c-brake')?.textContent
const dialog = () => within(screen.getByRole('dialog'))
const BRAKE = { note: '疑似套现', by: 'checker', at: '2026-11-20T01:00:00.000Z', revision: 3 }
const HELD = { ...BRAKE, releaseAsked: false }
const NONE: HeldView = { all: null, merchants: [] }
const write = (text: string) => fireEvent.change(dialog().getByRole('textbox'), { target: { value: text } })
const answer = (name: string) => then(() => dialog().getByRole('button', { name }).click())
const MERCHANT = { 'GET /admin/merchants/M0001': () => ({ data: adminMerchant() }) }

describe('the brake of the house', () => {
  it('is pulled from any page, once, with a reason; and then stands on every page', async () => {
    let held = NONE
    const desk = serve({
      'GET /admin/brake': () => ({ data: held }),
      'POST /admin/brake': () => {
        held = { ...NONE, all: HELD }
        return { data: BRAKE }
      },
    })
    await openConsole('campaigns', { roles: ['checker'] })
    expect(main()).not.toContain('全部优惠已紧急暂停')
    await press('暂停全部优惠')
    await answer('立即暂停')
    expect(dialog().getByRole('alert').textContent).toContain('请先写明原因')
    write('疑似套现')
    await answer('立即暂停')
    expect(desk.sent('POST /admin/brake').map(({ body }) => body)).toEqual([{ note: '疑似套现' }])
    expect(bar()).toContain('checker 于 2026年11月20日 09:00:00 暂停。原因：疑似套现')
    expect(screen.queryByRole('button', { name: '暂停全部优惠' })).toBeNull()
    await then(() => {
      location.hash = '#/console/reviews'
    })
    expect(main()).toContain('全部优惠已紧急暂停')
  })

  it('is seen to be pulled though the answer was lost on its way, and isn’t asked for again', async () => {
    let held = NONE
    serve({
      'GET /admin/brake': () => ({ data: held }),
      'POST /admin/brake': () => {
        held = { ...NONE, all: HELD }
        return 'offline'
      },
    })
    await openConsole('campaigns', { roles: ['checker'] })
    await press('暂停全部优惠')
    write('疑似套现')
    await answer('立即暂停')
    expect(bar()).toContain('原因：疑似套现')
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  it('is asked to be let go of as it was seen, and a request that waits already is said', async () => {
    let waits = false
    const desk = serve({
      'GET /admin/brake': () => ({ data: { ...NONE, all: HELD } }),
      'DELETE /admin/brake': () => (waits ? refusal(409, 'change-open') : { data: {} }),
    })
    await openConsole('campaigns', { roles: ['maker'] })
    await press('申请恢复')
    write('已查清')
    await answer('申请恢复')
    expect(desk.sent('DELETE /admin/brake').map(({ body, headers }) => [body, headers.get('If-Match')])).toEqual([
      [{ note: '已查清' }, '"3"'],
    ])
    expect(document.querySelector('.c-toasts')?.textContent).toContain('已申请恢复，等待复核')
    waits = true
    await press('申请恢复')
    write('再来')
    await answer('申请恢复')
    expect(dialog().getByRole('alert').textContent).toMatch(/等待复核|待复核/)
  })

  it('is kept pulled while a colleague’s request to let go of it waits, by a key that says what becomes of that', async () => {
    const held = {
      all: { ...HELD, releaseAsked: true },
      merchants: [{ ...HELD, releaseAsked: true, code: 'M0001', name: '老街牛肉面' }],
    }
    const desk = serve({
      ...MERCHANT,
      'GET /admin/brake': () => ({ data: held }),
      'POST /admin/brake': () => ({ data: BRAKE }),
      'POST /admin/merchants/M0001/pause': () => ({ data: BRAKE }),
    })
    await openConsole('merchants/M0001', { roles: ['maker'] })
    expect(bar()).toContain('已申请恢复，待复核')
    expect(screen.queryByRole('button', { name: '申请恢复' })).toBeNull()
    for (const key of ['继续暂停全部优惠', '继续暂停优惠']) {
      await press(key)
      expect(screen.getByRole('dialog').textContent).toContain('恢复申请随之作废')
      write('还在套现')
      await answer('立即暂停')
    }
    const sent = [...desk.sent('POST /admin/brake'), ...desk.sent('POST /admin/merchants/M0001/pause')]
    expect(sent.map(({ body }) => body)).toEqual([{ note: '还在套现' }, { note: '还在套现' }])
  })

  it.each([
    ['who only looks', { roles: ['viewer'] }],
    ['who sees one branch', { roles: ['maker'], branchCode: 'B01' }],
  ] as const)('is offered to nobody %s, who sees it all the same', async (_, operator) => {
    serve({ 'GET /admin/brake': () => ({ data: { ...NONE, all: HELD } }) })
    await openConsole('campaigns', operator as never)
    expect(bar()).toContain('全部优惠已紧急暂停')
    for (const name of ['暂停全部优惠', '申请恢复']) expect(screen.queryByRole('button', { name })).toBeNull()
  })
})

describe('the brake of a merchant', () => {
  it('is pulled on its page, and says by whom and why', async () => {
    let held = NONE
    const desk = serve({
      ...MERCHANT,
      'GET /admin/brake': () => ({ data: held }),
      'POST /admin/merchants/M0001/pause': () => {
        held = { all: null, merchants: [{ ...HELD, code: 'M0001', name: '老街牛肉面' }] }
        return { data: BRAKE }
      },
      'POST /admin/merchants/M0001/resume': () => ({ data: {} }),
    })
    await openConsole('merchants/M0001', { roles: ['checker'] })
    await press('暂停优惠')
    write('自己付给自己')
    await answer('立即暂停')
    expect(main()).toContain('这家商户的优惠已暂停：checker 于 2026年11月20日 09:00:00 暂停。原因：疑似套现')
    expect(screen.queryByRole('button', { name: '暂停优惠' })).toBeNull()
    await press('申请恢复')
    write('已查清')
    await answer('申请恢复')
    const [sent] = desk.sent('POST /admin/merchants/M0001/resume')
    expect([sent?.body, sent?.headers.get('If-Match')]).toEqual([{ note: '已查清' }, '"3"'])
  })
})

describe('the brake of a campaign', () => {
  it('is pulled from the list, whatever waits for review, and only where there is something to stop', async () => {
    const openChange = changeOf({ kind: 'end', madeBy: 'zhang' })
    const items = [
      campaignSummary({ campaignId: 'on', name: '在办', openChange }),
      campaignSummary({ campaignId: 'draft', name: '草稿', state: 'draft' }),
      campaignSummary({ campaignId: 'held', name: '停了', state: 'paused', brake: BRAKE }),
      campaignSummary({ campaignId: 'over', name: '结束了', state: 'ended' }),
    ]
    const desk = serve({
      'GET /admin/campaigns': () => ({ data: { items } }),
      'POST /admin/campaigns/on/pause': () => ({ data: items[0] }),
    })
    await openConsole('campaigns', { roles: ['checker'] })
    expect(screen.getAllByRole('button', { name: /^暂停 / }).map((key) => key.getAttribute('aria-label'))).toEqual([
      '暂停 在办',
    ])
    await press('暂停 在办')
    write('疑似套现')
    await answer('暂停')
    expect(desk.sent('POST /admin/campaigns/on/pause').map(({ body }) => body)).toEqual([{ note: '疑似套现' }])
  })
})
