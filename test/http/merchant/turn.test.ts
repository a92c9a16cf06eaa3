import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import type { AdminMerchant } from '../../../server/http/contract'
import { PARTY_WRONG } from '../../../server/store/sql/audit/parties'
import { type Office, startOffice } from '../../support/office'

const TODAY = '2026-11-21'

describe.each(oneSqlEngine())('a merchant that leaves the house, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const ask = (turn: 'disable' | 'enable', code = 'M0001', by = 'maker') =>
    office.as(by).post(`/admin/merchants/${code}/${turn}`, { note: '退租' })
  async function turned(turn: 'disable' | 'enable', code = 'M0001') {
    const { status, body } = await ask(turn, code)
    expect(status).toBe(202)
    expect((await office.approve(body.change.changeId)).body.change.state).toBe('applied')
    // what payers are told is remembered for a second
    office.clock.at += 1_000
  }
  const merchant = async (code = 'M0001') =>
    (await office.as('viewer').get(`/admin/merchants/${code}`)).body as AdminMerchant
  const listed = async (query: string) =>
    (await office.as('viewer').get(`/admin/merchants${query}`)).body.items.map(({ code }: AdminMerchant) => code)
  const shop = async (code = 'M0001') => (await office.call('GET', `/api/merchants/${code}`)).status
  async function payer() {
    const session = { platform: 'browser', code: 'payer-7' }
    const { token } = (await office.call('POST', '/api/session', undefined, { body: session })).body
    const send = (path: string, body: object, headers = {}) => office.call('POST', path, token, { body, headers })
    return {
      quote: (merchantCode = 'M0001') => send('/api/quotes', { merchantCode, amountFen: 10_000, channel: 'bank' }),
      pay: (quoteId: string) => send('/api/orders', { quoteId }, { 'Idempotency-Key': 'key-of-payer-7' }),
    }
  }
  const undealt = async () => {
    const page = await office.deps.decks.undealt('street', '2026-11-22', { after: '', notedBefore: 0, limit: 10 })
    return page.merchants.map(({ merchantCode }) => merchantCode)
  }

  it('waits for another operator; then nobody can pay there, what was quoted before isn’t taken, and no deck is dealt', async () => {
    const { quote, pay } = await payer()
    const before = await quote()
    expect(before.status).toBe(200)
    const asked = await ask('disable')
    expect([asked.status, await shop(), (await merchant()).disabled]).toEqual([202, 200, false])
    expect(await undealt()).toEqual(['M0001', 'M0002'])
    await office.approve(asked.body.change.changeId)
    office.clock.at += 1_000
    expect([await shop(), (await merchant()).disabled]).toEqual([404, true])
    for (const refused of [await quote(), await pay(before.body.quoteId)])
      expect(refused).toMatchObject({ status: 404, body: { code: 'merchant-not-found' } })
    expect(await undealt()).toEqual(['M0002'])
    expect([await shop('M0002'), await listed('?disabled=true'), (await listed('?disabled=false')).length]).toEqual([
      200,
      ['M0001'],
      5,
    ])
  })

  it('keeps what was paid: its owner sees and the desk finds it', async () => {
    const { orderNo } = await office.order({ date: TODAY })
    await turned('disable')
    const owner = office.owner('M0001')
    expect((await office.call('GET', '/api/merchant/summary', owner)).body).toMatchObject({ orderCount: 1 })
    expect((await office.call('GET', `/api/merchant/orders/${orderNo}`, owner)).status).toBe(200)
    expect((await office.as('viewer').get(`/admin/orders/${orderNo}`)).status).toBe(200)
  })

  it('comes back in the same way', async () => {
    await turned('disable')
    await turned('enable')
    expect([await shop(), (await merchant()).disabled]).toEqual([200, false])
    expect((await (await payer()).quote()).status).toBe(200)
    expect(await undealt()).toEqual(['M0001', 'M0002'])
  })

  it('does neither by one person, by another branch, by who only looks, without a reason, or twice', async () => {
    expect(await ask('disable', 'M0001', 'north')).toMatchObject({ status: 404, body: { code: 'merchant-not-found' } })
    expect(await ask('disable', 'M0001', 'checker')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    expect(await ask('disable', 'M9999')).toMatchObject({ status: 404 })
    expect(await ask('enable')).toMatchObject({ status: 422, body: { code: 'nothing-changes' } })
    for (const body of [{}, { note: '' }, { note: '  ' }])
      expect([body, (await office.as('maker').post('/admin/merchants/M0001/disable', body)).status]).toEqual([
        body,
        400,
      ])
    const asked = await ask('disable', 'M0001', 'south')
    expect(await ask('disable')).toMatchObject({ status: 409, body: { code: 'change-open' } })
    const own = await office
      .as('south')
      .post(`/admin/changes/${asked.body.change.changeId}/approve`, {}, { ifMatch: 1 })
    expect(own).toMatchObject({ status: 403, body: { code: 'own-change' } })
    expect(await shop()).toBe(200)
  })

  it('is known by the log, which the audit holds against the book both ways', async () => {
    const wrong = () => office.sql.run({ name: 'party-wrong', text: PARTY_WRONG }, [])
    const set = (code: string, disabled_at: number | null) =>
      office.sql.db.updateTable('merchants').set({ disabled_at }).where('merchant_code', '=', code).execute()
    await turned('disable')
    const before = await wrong()
    await set('M0001', null)
    await set('M0003', 1)
    const found = (await wrong()).slice()
    expect(found.filter((one) => !before.some((was) => JSON.stringify(was) === JSON.stringify(one)))).toEqual([
      { subject: 'merchant M0001', detail: 'disabled should be true by the log, is false' },
      { subject: 'merchant M0003', detail: 'was disabled by nobody' },
    ])
  })
})
