import { randomBytes } from 'node:crypto'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { newRefundNo } from '../../../server/domain/refund'
import { applyDue } from '../../../server/flow/change/review'
import type {
  AdminRefundList,
  AskedChange,
  ChangeLineList,
  ChangeRequestList,
  ChangeRequestView,
  JudgedChange,
} from '../../../server/http/contract'
import { clawBack } from '../../../server/store/sql/change/farming'
import { type Office, startOffice } from '../../support/office'

const HEAD = 'code,name,branch,account\n'
const EVIL = `${HEAD}M0001,老街牛肉面,B01,acct-EVIL\n`
const DAY_MS = 86_400_000

/** What moves money waits for a second person, whoever asks and by whatever way. */
describe.each(oneSqlEngine())('change requests, on $name', ({ start }) => {
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

  const asked = async (csv = EVIL, by = 'maker') => {
    const { status, body } = await office.as(by).csv('/admin/merchants/import', csv)
    expect(status).toBe(202)
    return body.review.changeId as string
  }
  const judge = (changeId: string, verdict: string, by: string, revision: number | undefined = 1, note?: string) =>
    office.as(by).post<JudgedChange & { code?: string }>(`/admin/changes/${changeId}/${verdict}`, note && { note }, {
      ifMatch: revision,
    })
  const change = async (changeId: string, by = 'checker') =>
    (await office.as(by).get<ChangeRequestView>(`/admin/changes/${changeId}`)).body
  const account = async (code = 'M0001') => (await office.deps.catalog.merchant(code))?.account
  const log = async () => (await office.deeds()).map(({ username, action, after }) => [username, action, codeIn(after)])
  const codeIn = (after: unknown) => (after as { code?: string } | null)?.code

  it('of one maker send no money anywhere by themselves, and say from what to what', async () => {
    const changeId = await asked()
    expect(await account()).toBe('acct-M0001')
    expect(await change(changeId)).toMatchObject({
      kind: 'merchant.account',
      subject: 'merchant/M0001',
      branchCode: 'B01',
      before: { branchCode: 'B01', account: 'acct-M0001' },
      after: { branchCode: 'B01', account: 'acct-EVIL' },
      askedBy: 'maker',
      state: 'open',
      delayed: true,
      mayApprove: true,
      mayWithdraw: false,
    })
    expect(await change(changeId, 'maker')).toMatchObject({ mayApprove: false, mayReject: false, mayWithdraw: true })
    const approved = await judge(changeId, 'approve', 'checker', 1, '已电话核实')
    expect(approved).toMatchObject({ status: 200, body: { change: { state: 'applied', reviewNote: '已电话核实' } } })
    expect(await account()).toBe('acct-EVIL')
    expect(await office.chain()).toMatchObject({ breaks: [] })
  })

  it('take names at once, and a new merchant only with its second person', async () => {
    const changeId = await asked(`${HEAD}M0002,阿婆豆花二店,B02,acct-M0002\nN1,新店,B01,n-1\nM0003,x,B02,acct-M0003\n`)
    const names = async () => (await office.sql.db.selectFrom('merchants').selectAll().execute()).map((one) => one.name)
    expect(await names()).toContain('阿婆豆花二店')
    expect(await names()).not.toContain('新店')
    const { items } = (await office.as('checker').get<ChangeLineList>(`/admin/changes/${changeId}/lines`)).body
    expect(
      items.map(({ merchantCode, before, after }) => [merchantCode, before?.branchCode, after.branchCode]),
    ).toEqual([
      ['N1', undefined, 'B01'],
      ['M0003', 'B01', 'B02'],
    ])
    expect(await change(changeId)).toMatchObject({ branchCode: null, lineCount: 2, after: { added: 1, moved: 1 } })
    await judge(changeId, 'approve', 'checker')
    expect(await names()).toContain('新店')
  })

  it('are the same for one merchant: the name at once, account and branch by two; what can’t work is refused', async () => {
    const patch = (body: object, by = 'maker') => office.as(by).patch('/admin/merchants/M0001', body)
    expect(await patch({ name: '老街面馆' })).toMatchObject({
      status: 200,
      body: { merchant: { name: '老街面馆' }, change: null },
    })
    for (const [body, code, field] of [
      [{ account: '6421-07' }, 'account-refused', 'account'],
      [{ account: 'a.b' }, 'account-refused', 'account'],
      [{ branchCode: 'B77' }, 'branch-not-found', 'branchCode'],
    ] as const)
      expect((await patch(body)).body).toMatchObject({ code, field })
    expect(await patch({ account: 'x-1' }, 'north')).toMatchObject({ status: 404 })
    const asked = await patch({ account: 'acct-EVIL', note: '换了银行卡' })
    expect(asked).toMatchObject({
      status: 202,
      body: { merchant: { account: 'acct-M0001' }, change: { subject: 'merchant/M0001', note: '换了银行卡' } },
    })
    expect(await patch({ account: 'acct-other' })).toMatchObject({ status: 409, body: { code: 'change-open' } })
    expect(await account()).toBe('acct-M0001')
    await judge(asked.body.change.changeId, 'approve', 'checker')
    expect(await account()).toBe('acct-EVIL')
  })

  it('are reviewed by nobody who asked, edited, lacks the role or is of another branch; and each attempt is in the log', async () => {
    office.staff.push({ username: 'both', name: 'both', roles: ['maker', 'checker'], branchCode: null })
    const changeId = await asked(EVIL, 'both')
    for (const [by, code] of [
      ['both', 'own-change'],
      ['maker2', 'role-refused'],
      ['viewer', 'role-refused'],
      ['north', 'branch-refused'],
    ])
      expect([by, await judge(changeId, 'approve', by!)]).toMatchObject([by, { status: 403, body: { code } }])
    expect(await judge(changeId, 'withdraw', 'maker2')).toMatchObject({ status: 403, body: { code: 'role-refused' } })
    expect(await account()).toBe('acct-M0001')
    const tried = (await log()).filter(([, action]) => action === 'change.refuse')
    expect(tried).toEqual([
      ['both', 'change.refuse', 'own-change'],
      ['maker2', 'change.refuse', 'role-refused'],
      ['viewer', 'change.refuse', 'role-refused'],
      ['north', 'change.refuse', 'branch-refused'],
      ['maker2', 'change.refuse', 'not-yours'],
    ])
    expect(await judge(changeId, 'approve', 'south')).toMatchObject({
      status: 200,
      body: { change: { state: 'applied' } },
    })
  })

  it('are approved as they were seen: without a revision, or at another one, not at all', async () => {
    const changeId = await asked()
    const path = `/admin/changes/${changeId}/approve`
    for (const headers of [{}, { 'If-Match': '*' }] as Record<string, string>[])
      expect(await office.as('checker').post(path, undefined, { headers })).toMatchObject({
        status: 428,
        body: { code: 'precondition-missing' },
      })
    expect(await judge(changeId, 'approve', 'checker', 2)).toMatchObject({ status: 412 })
    const both = await Promise.all([judge(changeId, 'approve', 'checker'), judge(changeId, 'reject', 'checker2')])
    expect(both.map(({ status }) => status).sort()).toEqual([200, expect.any(Number)])
    const late = both.find(({ status }) => status !== 200)!
    expect(['revision-changed', 'change-decided']).toContain(late.body.code)
  })

  it('that something else overtook have no effect, and are asked for again', async () => {
    const [one, other] = [await asked(), await asked(`${HEAD}M0001,老街牛肉面,B01,acct-second\nN1,新店,B01,n-1\n`)]
    await judge(other, 'approve', 'checker')
    const late = await judge(one, 'approve', 'checker2')
    expect(late.body).toMatchObject({ change: { state: 'overtaken', reason: 'subject-changed' } })
    expect(await account()).toBe('acct-second')
    expect(await judge(one, 'approve', 'checker', 2)).toMatchObject({ status: 409, body: { code: 'change-decided' } })
    await judge(await asked(), 'approve', 'checker')
    expect(await account()).toBe('acct-EVIL')
  })

  it('are asked for once at a time, taken back by whoever asked, and listed by state', async () => {
    const changeId = await asked()
    expect(await office.as('maker2').csv('/admin/merchants/import', EVIL)).toMatchObject({
      status: 409,
      body: { code: 'change-open' },
    })
    const states = async (query: string, by = 'viewer') =>
      (await office.as(by).get<ChangeRequestList>(`/admin/changes${query}`)).body.items.map((one) => one.state)
    expect([await states('?state=waiting'), await states('?state=applied')]).toEqual([['open'], []])
    expect([await states('', 'south'), await states('', 'north')]).toEqual([['open'], []])
    expect(await office.as('north').get(`/admin/changes/${changeId}`)).toMatchObject({ status: 404 })
    expect(await judge(changeId, 'withdraw', 'maker')).toMatchObject({ body: { change: { state: 'withdrawn' } } })
    expect(await states('?kind=merchant.account')).toEqual(['withdrawn'])
    await asked()
  })

  describe('whose effect waits a day', () => {
    beforeEach(() => {
      office.deps.changeDelayMs = DAY_MS
    })
    const pass = async (ms: number) => {
      office.clock.at += ms
      return applyDue(office.deps)
    }

    it('take it then and not before, once, over midnight too', async () => {
      office.clock.at = Date.parse('2026-11-21T23:59:59+08:00')
      const changeId = await asked()
      expect((await judge(changeId, 'approve', 'checker')).body.change).toMatchObject({
        state: 'approved',
        effectiveAt: '2026-11-22T15:59:59.000Z',
      })
      expect([await pass(DAY_MS - 1), await account()]).toEqual([0, 'acct-M0001'])
      expect([await pass(1), await account()]).toEqual([1, 'acct-EVIL'])
      expect(await change(changeId)).toMatchObject({ state: 'applied', reviewedBy: 'checker' })
      expect(await pass(1)).toBe(0)
      expect((await log()).filter(([, action]) => action === 'change.apply')).toEqual([
        ['system', 'change.apply', undefined],
      ])
    })

    it('are told to the merchant’s owner: which accounts by their ends, from when, and whom to call', async () => {
      office.deps.bankPhone = '021-9550 5555'
      const told = async (role: 'owner' | 'cashier' = 'owner') => {
        const code = (await office.as('maker').post('/admin/merchants/M0001/binding-codes', { role: 'cashier' })).body
          .code
        const user = { platform: 'weapp', code: 'cashier', bindingCode: code }
        const token =
          role === 'owner'
            ? office.owner('M0001')
            : (await office.call('POST', '/api/merchant/binding', undefined, { body: user })).body.token
        return (await office.call('GET', '/api/merchant/summary', token)).body.accountChange
      }
      const changeId = await asked()
      expect(await told()).toBeNull()
      await judge(changeId, 'approve', 'checker')
      const waiting = {
        channel: 'bank',
        fromTail: '0001',
        toTail: 'EVIL',
        effectiveAt: '2026-11-22T04:00:00.000Z',
        inForce: false,
      }
      expect(await told()).toEqual({ ...waiting, phone: '021-9550 5555' })
      expect(await told('cashier')).toBeNull()
      await pass(DAY_MS)
      expect(await told()).toMatchObject({ inForce: true })
      await pass(7 * DAY_MS)
      expect(await told()).toBeNull()
    })

    it('can be stopped by either side until then', async () => {
      for (const [verdict, by, state] of [
        ['reject', 'checker2', 'rejected'],
        ['withdraw', 'maker', 'withdrawn'],
      ] as const) {
        const changeId = await asked()
        await judge(changeId, 'approve', 'checker')
        expect(await judge(changeId, verdict, by, 2)).toMatchObject({ body: { change: { state, effectiveAt: null } } })
      }
      expect([await pass(2 * DAY_MS), await account()]).toEqual([0, 'acct-M0001'])
    })

    it('wait while the clock is in doubt, and come when the database does again', async () => {
      await judge(await asked(), 'approve', 'checker')
      office.clock.doubtful = true
      expect([await pass(DAY_MS), await account()]).toEqual([0, 'acct-M0001'])
      office.clock.doubtful = false
      const { changes } = office.deps
      const away = { ...office.deps, changes: { ...changes, apply: () => Promise.reject(new Error('away')) } }
      await expect(applyDue(away)).rejects.toThrow('away')
      expect(await account()).toBe('acct-M0001')
      const both = await Promise.all([applyDue(office.deps), applyDue(office.deps)])
      expect([both, await account()]).toEqual([[expect.any(Number), expect.any(Number)], 'acct-EVIL'])
      expect((await log()).filter(([, action]) => action === 'change.apply')).toHaveLength(1)
    })

    it('have none when who asked or approved was shut out meanwhile', async () => {
      const hash = { passwordHash: null, mustChangePassword: false, oidcSubject: null, failedLogins: 0 }
      const record = {
        ...hash,
        lockedUntil: null,
        secondFactorSince: null,
        createdAt: 0,
        lastLoginAt: null,
        disabledAt: office.clock.at,
      }
      await judge(await asked(), 'approve', 'checker')
      const deed = { at: 0, username: 'system', action: 'operator.add', subject: 'operator/checker' }
      const person = { username: 'checker', name: '李工', roles: ['checker' as const], branchCode: null }
      await office.operators.add({ ...person, ...record }, deed)
      expect([await pass(DAY_MS), await account()]).toEqual([1, 'acct-M0001'])
      const { items } = (await office.as('viewer').get<ChangeRequestList>('/admin/changes')).body
      expect(items).toMatchObject([{ state: 'overtaken', reason: 'person-disabled' }])
    })
  })

  describe('of a refund', () => {
    const wish = (more: object = {}) => ({ amountFen: 2_000, leftFen: 9_600, reason: '投诉属实', ...more })
    const paid = () => office.order({ discountFen: 800, slot: 0 })
    const ask = (orderNo: string, body: object = wish(), by = 'maker') =>
      office.as(by).post<AskedChange & { code?: string; field?: string }>(`/admin/orders/${orderNo}/refund`, body)
    const refunds = async (orderNo: string) =>
      (await office.as('viewer').get<AdminRefundList>(`/admin/refunds?orderNo=${orderNo}`)).body.items

    it('give back what two people agreed on, and nothing before', async () => {
      const { orderNo } = await paid()
      const look = await office.as('maker').get(`/admin/orders/${orderNo}/refund-preview?amountFen=2000`)
      const shares = { payerFen: 2_000, merchantFen: 2_166, glFen: 166 }
      expect(look.body).toEqual({ ...shares, leftFen: 9_600 })
      const { status, body } = await ask(orderNo)
      expect([status, body.change]).toMatchObject([
        202,
        { kind: 'order.refund', branchCode: 'B01', before: { leftFen: 9_600 }, after: { leftFen: 7_600, ...shares } },
      ])
      expect(await refunds(orderNo)).toEqual([])
      const { changeId } = body.change
      expect((await judge(changeId, 'approve', 'maker')).status).toBe(403)
      expect((await judge(changeId, 'approve', 'south')).body).toMatchObject({ change: { state: 'applied' } })
      expect(await refunds(orderNo)).toMatchObject([{ state: 'refunding', ...shares, reason: '投诉属实' }])
      expect(await office.chain()).toMatchObject({ breaks: [] })
    })

    it('come to nothing when something went back meanwhile, on the merchant’s word or another’s', async () => {
      const order = await paid()
      const { changeId } = (await ask(order.orderNo)).body.change
      expect((await ask(order.orderNo, wish({ amountFen: 1 }))).body).toMatchObject({ code: 'change-open' })
      await office.refund(order, 100)
      expect((await judge(changeId, 'approve', 'checker')).body).toMatchObject({
        change: { state: 'overtaken', reason: 'subject-changed' },
      })
      expect(await refunds(order.orderNo)).toHaveLength(1)
      expect((await ask(order.orderNo)).body).toMatchObject({ code: 'refunded-meanwhile', field: 'leftFen' })
      const other = await office.order()
      const late = (await ask(other.orderNo, wish({ leftFen: 10_000 }))).body.change.changeId
      await office.refund(other, 9_000)
      expect((await judge(late, 'approve', 'checker')).body).toMatchObject({ change: { reason: 'refund-above-paid' } })
    })

    describe('while the merchant’s reward is clawed back', () => {
      let order: Awaited<ReturnType<typeof paid>>
      beforeEach(async () => {
        order = await paid()
      })
      /** As two others agree on it; sent it isn't. */
      const claw = async () => {
        const { orderNo, merchantCode } = order
        const refundNo = newRefundNo('2026-11-21', randomBytes(12))
        const request = { subject: 'suspicion/1', after: { merchantCode, orders: [{ orderNo, refundNo, fen: 400 }] } }
        await office.sql.transaction((tx) => clawBack.apply(tx, request as never, office.clock.at, null))
        return refundNo
      }
      const askedOf = async (body?: object) => (await ask(order.orderNo, body)).body.change
      const overtaken = { change: { state: 'overtaken', reason: 'subject-changed' } }
      const given = async () => (await refunds(order.orderNo)).filter(({ payerFen }) => payerFen > 0)

      it.each([
        [2_000, { merchantFen: 2_166, glFen: 166 }, { merchantFen: 2_000, glFen: 0 }],
        [9_600, { merchantFen: 10_400, glFen: 800 }, { merchantFen: 10_000, glFen: 400 }],
      ])(
        'come to nothing, since of %i fen the shares are others by then, and are asked for again',
        async (amountFen, before, since) => {
          const { changeId, after } = await askedOf(wish({ amountFen }))
          expect(after).toMatchObject(before)
          await claw()
          expect((await judge(changeId, 'approve', 'checker')).body).toMatchObject(overtaken)
          expect(await given()).toEqual([])
          const again = await askedOf(wish({ amountFen }))
          expect((await judge(again.changeId, 'approve', 'checker')).body).toMatchObject({
            change: { state: 'applied' },
          })
          expect(await given()).toMatchObject([{ payerFen: amountFen, ...since }])
        },
      )

      it('come to nothing, too, when that fails and the merchant would keep what it was granted for the sale', async () => {
        const refundNo = await claw()
        const { changeId, after } = await askedOf(wish({ amountFen: 9_600 }))
        expect(after).toMatchObject({ merchantFen: 10_000, glFen: 400 })
        const failed = { state: 'failed' as const, failReason: 'account-frozen', endedAt: office.clock.at }
        const said = { kind: 'declined' as const, code: 'account-frozen' }
        const refund = (await office.deps.refunds.refund(refundNo))!
        await office.deps.refunds.endRefund(refund, failed, { verb: 'refund', outcome: said, raw: null })
        expect((await judge(changeId, 'approve', 'checker')).body).toMatchObject(overtaken)
        expect(await given()).toEqual([])
      })

      it('aren’t even asked for when something goes back between the look and the asking', async () => {
        const { changes } = office.deps
        const late: typeof changes.ask = (...said) => office.refund(order, 100).then(() => changes.ask(...said))
        office.deps.changes = { ...changes, ask: late }
        expect((await ask(order.orderNo)).body).toMatchObject({ code: 'refunded-meanwhile', field: 'leftFen' })
      })
    })

    it('are refused to who only looks or keeps people, of what isn’t theirs, isn’t paid, or is too much', async () => {
      const { orderNo } = await paid()
      for (const who of ['viewer', 'auditor', 'checker']) expect((await ask(orderNo, wish(), who)).status).toBe(403)
      expect((await ask(orderNo, wish(), 'north')).body).toMatchObject({ code: 'order-not-found' })
      expect((await ask('F1')).body).toMatchObject({ code: 'order-not-found', field: 'orderNo' })
      const closed = await office.order({ state: 'closed' })
      expect((await ask(closed.orderNo)).body).toMatchObject({ code: 'order-not-paid' })
      expect((await ask(orderNo, wish({ amountFen: 9_601 }))).body).toMatchObject({
        code: 'refund-above-paid',
        field: 'amountFen',
      })
      for (const wrong of [
        { amountFen: 0 },
        { amountFen: 1.5 },
        { reason: '' },
        { reason: '退\u202e款' },
        { leftFen: undefined },
      ])
        expect((await ask(orderNo, wish(wrong))).body).toMatchObject({ code: 'invalid-input' })
      expect(await refunds(orderNo)).toEqual([])
    })
  })
})
