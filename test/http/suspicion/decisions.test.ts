import { startTestPostgres, type TestSql } from '../../../harness/sql'
import { businessDate } from '../../../server/domain/business-date'
import { masterKeys } from '../../../server/domain/key-ring'
import { audit } from '../../../server/flow/audit/audit'
import { applyDue } from '../../../server/flow/change/review'
import type {
  AskedChange,
  MerchantOrderList,
  MerchantSummaryView,
  OrderView,
  QuoteView,
  SuspicionList,
  SuspicionView,
} from '../../../server/http/contract'
import { auditKeys, sqlAudit } from '../../../server/store/sql/audit/audit'
import { STREET, STREET_CAMPAIGN } from '../../support/farmed-street'
import { type House, person, startHouse } from '../../support/house'
import { sweepAllRefunds } from '../../support/sweep'

const MASTERS = masterKeys(Buffer.alloc(32, 3))
const DAY_MS = 86_400_000
const STAFF = [
  person('maker', ['maker']),
  person('maker2', ['maker']),
  person('checker', ['checker']),
  person('chief', ['maker', 'checker']),
  person('auditor', ['auditor']),
]
const note = '二十笔都是十元，三分钟内付完'

describe('what is decided about a suspicion', () => {
  let engine: TestSql
  let house: House
  let orderNos: string[]
  let suspicionId: string

  beforeAll(async () => {
    engine = await startTestPostgres()
  })
  beforeEach(async () => {
    const merchantCodes = STREET.map(({ merchantCode }) => merchantCode)
    house = await startHouse(await engine.fresh(), {
      street: { merchants: STREET, campaigns: [{ ...STREET_CAMPAIGN, merchantCodes }] },
      staff: STAFF,
    })
    orderNos = []
    for (let i = 0; i < 14; i++) orderNos.push(await pays(`friend-${i}`))
    house.flow.pass(DAY_MS)
    expect((await house.as('maker').post('/admin/scorings/2026-11-21')).body).toMatchObject({ found: 1 })
    suspicionId = (await queue('open'))[0]!.suspicionId
  })
  afterEach(() => house?.stop())
  afterAll(() => engine?.stop())

  async function quoted(name: string, merchantCode = 'M0001'): Promise<[QuoteView, string]> {
    const token = await house.payer(name)
    const body = { merchantCode, amountFen: 1_000, channel: 'bank' }
    return [(await house.call<QuoteView>('POST', '/api/quotes', token, { body })).body, token]
  }
  async function pays(name: string, merchantCode = 'M0001'): Promise<string> {
    const [quote, token] = await quoted(name, merchantCode)
    const order = await house.call<OrderView>('POST', '/api/orders', token, { body: { quoteId: quote.quoteId } })
    expect(order.body).toMatchObject({ state: 'paid' })
    return order.body.orderNo
  }
  const queue = async (state: string) =>
    (await house.as('auditor').get<SuspicionList>(`/admin/suspicions?state=${state}`)).body.items
  const seen = async () => (await house.as('auditor').get<SuspicionView>(`/admin/suspicions/${suspicionId}`)).body
  const ask = (by: string, verb: string, body: object) =>
    house.as(by).post<AskedChange & { code?: string; field?: string }>(`/admin/suspicions/${suspicionId}/${verb}`, {
      note,
      ...body,
    })
  const asked = async (by: string, verb: string, body: object = {}) => {
    const { status, body: answer } = await ask(by, verb, body)
    expect([status, answer.code]).toEqual([202, undefined])
    return answer.change.changeId
  }
  const deeds = async (limit = 5) =>
    (await house.operators.deeds({ limit })).map(({ username, action, subject, after }) => ({
      username,
      action,
      subject,
      code: (after as { code?: string } | null)?.code,
    }))
  const audited = () =>
    audit({
      books: sqlAudit(house.sql, auditKeys(MASTERS)),
      campaignSecret: house.deps.campaignSecret,
    })
  /** As the jobs do: what was approved takes effect, and what is due at the bank is sent. */
  const meanwhile = async () => {
    await applyDue(house.deps)
    while ((await sweepAllRefunds(house.deps)) > 0);
  }

  describe('an insider', () => {
    it('who dismisses a friend’s merchant needs somebody else: alone it stays in the queue, and the log shows the attempt', async () => {
      const changeId = await asked('maker', 'dismiss')
      expect((await queue('reviewing')).map((one) => one.suspicionId)).toEqual([suspicionId])
      const path = `/admin/changes/${changeId}/approve`
      expect(await house.as('maker').post(path, {}, { ifMatch: 1 })).toMatchObject({
        status: 403,
        body: { code: 'role-refused' },
      })
      expect(await deeds(1)).toEqual([
        { username: 'maker', action: 'change.refuse', subject: `suspicion/${suspicionId}`, code: 'role-refused' },
      ])
      expect(await queue('decided')).toEqual([])
      await house.approve(changeId)
      expect(await queue('decided')).toMatchObject([{ suspicionId, decision: 'dismissed' }])
      expect(await queue('reviewing')).toEqual([])
    })

    it('who is maker and checker approves nothing that he asked for himself', async () => {
      const changeId = await asked('chief', 'claw-back', { orderNos })
      const own = await house.as('chief').post(`/admin/changes/${changeId}/approve`, {}, { ifMatch: 1 })
      expect(own).toMatchObject({ status: 403, body: { code: 'own-change' } })
      expect(await deeds(1)).toMatchObject([{ username: 'chief', action: 'change.refuse', code: 'own-change' }])
      await meanwhile()
      expect(house.flow.channel.bookedRefunds()).toEqual([])
    })

    it('who may only look asks for nothing', async () => {
      for (const verb of ['dismiss', 'hold', 'claw-back']) {
        const body = { until: '2026-12-31', merchant: true, orderNos }
        expect(await ask('auditor', verb, body)).toMatchObject({ status: 403, body: { code: 'role-refused' } })
      }
      expect((await deeds(3)).map(({ action, code }) => [action, code])).toEqual(
        new Array(3).fill(['change.refuse', 'role-refused']),
      )
    })

    it('can’t claw back from a merchant alone, nor from orders of another, nor what isn’t there', async () => {
      await asked('maker', 'claw-back', { orderNos: [orderNos[0]] })
      await meanwhile()
      expect(house.flow.channel.bookedRefunds()).toEqual([])
      house.flow.pass(60_000)
      const [quote, token] = await quoted('innocent', 'M0002')
      const other = await house.call<OrderView>('POST', '/api/orders', token, { body: { quoteId: quote.quoteId } })
      for (const wrong of [other.body.orderNo, 'F20261121-0000-0000-0000'])
        expect(await ask('maker2', 'claw-back', { orderNos: [orderNos[1], wrong] })).toMatchObject({
          status: 409,
          body: { code: 'nothing-to-claw-back', field: 'orderNos.1' },
        })
      expect(await deeds(1)).toMatchObject([
        { username: 'maker2', action: 'change.refuse', code: 'nothing-to-claw-back' },
      ])
    })
  })

  describe('further discounts held back', () => {
    it('from everybody at the merchant, until a date, once another has agreed; its page says until when and whom to ask', async () => {
      const changeId = await asked('maker', 'hold', { until: '2026-11-30', merchant: true })
      expect((await quoted('passer-1'))[0].reason).toBeNull()
      await house.approve(changeId)
      expect((await quoted('passer-2'))[0]).toMatchObject({ reason: 'not-eligible', discountFen: 0, payableFen: 1_000 })
      expect((await quoted('passer-2', 'M0002'))[0].reason).toBeNull()
      const summary = await house.call<MerchantSummaryView>('GET', '/api/merchant/summary', house.owner('M0001'))
      expect(summary.body).toMatchObject({
        hold: { until: '2026-11-30', branchName: '城南支行' },
        today: { remainingToday: 0, reason: 'not-eligible' },
      })
      expect((await seen()).holds).toEqual([{ who: 'merchant', until: '2026-11-30' }])
      house.flow.pass(9 * DAY_MS)
      expect((await quoted('passer-3'))[0].reason).not.toBe('not-eligible')
    })

    it('from who paid an order, who finds it at every merchant of the campaign; and given again by two people', async () => {
      await house.approve(await asked('maker', 'hold', { until: '2026-11-30', payersOf: [orderNos[3]] }))
      expect((await quoted('friend-3', 'M0002'))[0].reason).toBe('not-eligible')
      expect((await quoted('friend-4', 'M0002'))[0].reason).toBeNull()
      expect(JSON.stringify(await seen())).not.toContain('payer_id')
      await house.approve(await asked('maker', 'hold', { until: null }))
      expect((await quoted('friend-3', 'M0003'))[0].reason).toBeNull()
      expect((await seen()).holds).toEqual([])
    })

    describe('by two suspicions', () => {
      const OTHER = 'another-of-M0002'
      let theirs: string
      beforeEach(async () => {
        theirs = await pays('friend-3', 'M0002')
        const row = { campaign_id: STREET_CAMPAIGN.campaignId, merchant_code: 'M0002', first_date: '2026-11-22' }
        const rest = { last_date: '2026-11-22', score: 90, decision: null, decided_at: null }
        await house.sql.db
          .insertInto('suspicions')
          .values({ suspicion_id: OTHER, ...row, ...rest })
          .execute()
        const day = { suspicion_id: OTHER, business_date: '2026-11-22', score: 90, evidence: '[]' }
        await house.sql.db.insertInto('suspicion_days').values(day).execute()
      })
      const hold = async (which: string, until: string | null, ...payersOf: string[]) => {
        const body = { note, until, ...(until !== null && { payersOf }) }
        const { body: answer } = await house.as('maker').post<AskedChange>(`/admin/suspicions/${which}/hold`, body)
        expect((await house.approve(answer.change.changeId)).body.change.state).toBe('applied')
      }
      const holds = async (which: string) =>
        (await house.as('auditor').get<SuspicionView>(`/admin/suspicions/${which}`)).body.holds.map(
          ({ until }) => until,
        )
      const heldUntil = async () => {
        const own = await house.sql.db.selectFrom('discount_holds').select('until').execute()
        return own.map(({ until }) => until)
      }

      it('lasts until the later of them, which the shorter of another suspicion doesn’t end', async () => {
        await hold(suspicionId, '2026-11-30', orderNos[3]!)
        await hold(OTHER, '2026-11-24', theirs)
        expect([await holds(suspicionId), await holds(OTHER)]).toEqual([['2026-11-30'], ['2026-11-24']])
        await hold(OTHER, null)
        expect([await holds(suspicionId), await holds(OTHER)]).toEqual([['2026-11-30'], []])
        house.flow.pass(3 * DAY_MS)
        expect(businessDate(house.flow.clock.at)).toBe('2026-11-25')
        expect((await quoted('friend-3', 'M0002'))[0].reason).toBe('not-eligible')
      })

      it('goes on by the one that is left when the longer is given up, or made shorter', async () => {
        await hold(suspicionId, '2026-11-24', orderNos[3]!)
        await hold(OTHER, '2026-11-30', theirs)
        expect(await heldUntil()).toEqual(['2026-11-30'])
        await hold(OTHER, '2026-11-23', theirs)
        expect(await heldUntil()).toEqual(['2026-11-24'])
        await hold(OTHER, '2026-11-30', theirs)
        await hold(OTHER, null)
        expect([await heldUntil(), await holds(suspicionId), await holds(OTHER)]).toEqual([
          ['2026-11-24'],
          ['2026-11-24'],
          [],
        ])
        await hold(suspicionId, null)
        expect((await quoted('friend-3', 'M0002'))[0].reason).toBeNull()
      })
    })

    it('is refused without anybody named, for a day that is over, and for an order of another shop', async () => {
      const refused = async (body: object) => {
        const { status, body: answer } = await ask('maker', 'hold', body)
        return [status, answer.code, answer.field]
      }
      expect(await refused({ until: '2026-11-30' })).toEqual([400, 'invalid-input', 'payersOf'])
      expect(await refused({ until: '2026-11-21', merchant: true })).toEqual([400, 'invalid-input', 'until'])
      expect(await refused({ until: '2029-01-01', merchant: true })).toEqual([400, 'invalid-input', 'until'])
      expect(await refused({ until: 'soon', merchant: true })).toEqual([400, 'invalid-input', 'until'])
      expect(await refused({ until: '2026-11-30', payersOf: ['F1'] })).toEqual([404, 'not-found', 'payersOf'])
      expect(await refused({ until: '2026-11-30', merchant: true, note: ' ' })).toEqual([400, 'invalid-input', 'note'])
    })
  })

  describe('rewards clawed back', () => {
    it('go from the merchant’s account to the branch’s, to the fen, each once, and every reader says the same', async () => {
      const rewards = (await seen()).orders.map((order) => order.merchantRewardFen)
      const total = rewards.reduce((sum, fen) => sum + fen, 0)
      const changeId = await asked('maker', 'claw-back', { orderNos })
      const { body: change } = await house.as('checker').get(`/admin/changes/${changeId}`)
      expect(change).toMatchObject({ after: { totalFen: total, merchantCode: 'M0001' }, delayed: true })
      await house.approve(changeId)
      await meanwhile()
      const booked = house.flow.channel.bookedRefunds()
      expect(booked.map((one) => one.state)).toEqual(new Array(14).fill('succeeded'))
      const { orders } = await seen()
      expect(orders.map(({ clawBack }) => [clawBack!.state, clawBack!.fen])).toEqual(
        rewards.map((fen) => ['refunded', fen]),
      )
      expect(await queue('decided')).toMatchObject([{ suspicionId, decision: 'clawed-back' }])
      const day = 'date=2026-11-21'
      const own = await house.call<MerchantOrderList>('GET', `/api/merchant/orders?${day}`, house.owner('M0001'))
      for (const one of own.body.items)
        expect(one).toMatchObject({ refundedFen: 0, returnedFen: one.merchantRewardFen })
      const today = await house.call<MerchantSummaryView>('GET', '/api/merchant/summary', house.owner('M0001'))
      expect(today.body).toMatchObject({ refundCount: 14, refundedFen: total, receivedFen: -total })
      expect((await audited()).violations).toEqual([])
      const payer = await house.call<OrderView>('GET', `/api/orders/${orderNos[0]}`, await house.payer('friend-0'))
      expect(payer.body).toMatchObject({ state: 'paid', refundedFen: 0 })
    })

    it('once: two who ask at once for the same order get one of them, and the log has the other', async () => {
      const first = await asked('maker', 'claw-back', { orderNos })
      expect(await ask('maker2', 'claw-back', { orderNos })).toMatchObject({
        status: 409,
        body: { code: 'change-open' },
      })
      await house.approve(first)
      await meanwhile()
      expect(await ask('maker2', 'claw-back', { orderNos: [orderNos[5]] })).toMatchObject({
        status: 409,
        body: { code: 'nothing-to-claw-back', field: 'orderNos.0' },
      })
      expect(await deeds(1)).toMatchObject([{ username: 'maker2', code: 'nothing-to-claw-back' }])
      expect(house.flow.channel.bookedRefunds()).toHaveLength(14)
    })

    it('of an order that was refunded meanwhile is overtaken, and nothing moves', async () => {
      const changeId = await asked('maker', 'claw-back', { orderNos: [orderNos[0], orderNos[1]] })
      const { orders } = await seen()
      const body = { amountFen: orders.find((one) => one.orderNo === orderNos[0])!.payableFen }
      await house.call('POST', `/api/merchant/orders/${orderNos[0]}/refunds`, house.owner('M0001'), { body })
      const before = house.flow.channel.bookedRefunds().length
      expect(before).toBe(1)
      expect((await house.approve(changeId)).body.change).toMatchObject({
        state: 'overtaken',
        reason: 'nothing-to-claw-back',
      })
      await meanwhile()
      expect(house.flow.channel.bookedRefunds()).toHaveLength(before)
    })

    it('don’t come back when the order is refunded later: the payer gets all, the branch its subsidy and no fen more', async () => {
      await house.approve(await asked('maker', 'claw-back', { orderNos: [orderNos[0]] }))
      await meanwhile()
      const order = (await seen()).orders.find((one) => one.orderNo === orderNos[0])!
      const body = { amountFen: order.payableFen }
      await house.call('POST', `/api/merchant/orders/${order.orderNo}/refunds`, house.owner('M0001'), { body })
      const legs = house.flow.channel.bookedRefunds().flatMap(({ request }) => request.legs)
      const sum = (role: string) => legs.reduce((all, leg) => all + (leg.role === role ? leg.amountFen : 0), 0)
      expect([sum('payer'), sum('gl')]).toEqual([order.payableFen, order.discountFen])
      expect(sum('merchant')).toBe(-order.payableFen - order.discountFen)
      expect((await audited()).violations).toEqual([])
    })

    it('that the bank declines moved nothing, and may be asked for again', async () => {
      house.flow.channel.next('refund', { kind: 'decline', code: 'insufficient-merchant-funds' })
      await house.approve(await asked('maker', 'claw-back', { orderNos: [orderNos[0]] }))
      await meanwhile()
      const of = async () => (await seen()).orders.find((one) => one.orderNo === orderNos[0])!.clawBack
      expect(await of()).toMatchObject({ state: 'failed', failReason: 'insufficient-merchant-funds' })
      await house.approve(await asked('maker2', 'claw-back', { orderNos: [orderNos[0]] }))
      await meanwhile()
      expect(await of()).toMatchObject({ state: 'refunded' })
      expect((await audited()).violations).toEqual([])
    })

    it('whose reply is lost are asked about, and booked once', async () => {
      house.flow.channel.next('refund', { kind: 'lose-reply' })
      await house.approve(await asked('maker', 'claw-back', { orderNos: [orderNos[0]] }))
      await meanwhile()
      house.flow.pass(60_000)
      await meanwhile()
      expect(house.flow.channel.bookedRefunds()).toHaveLength(1)
      expect((await seen()).orders.find((one) => one.orderNo === orderNos[0])!.clawBack).toMatchObject({
        state: 'refunded',
      })
    })
  })
})
