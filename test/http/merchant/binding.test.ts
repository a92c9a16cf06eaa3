import WebSocket from 'ws'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { eventually } from '../../../harness/system'
import type { BindingCode, LiveMessage, MerchantUserList } from '../../../server/http/contract'
import { BINDING_WRONG } from '../../../server/store/sql/audit/parties'
import { outboxFeed } from '../../../server/store/sql/payment/outbox-feed'
import { type Office, startOffice } from '../../support/office'

const MINUTE_MS = 60_000

describe.each(oneSqlEngine())('merchant users, on $name', ({ start }) => {
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

  const issue = async (role = 'owner', merchantCode = 'M0001', by = 'maker') => {
    const { status, body } = await office.as(by).post(`/admin/merchants/${merchantCode}/binding-codes`, { role })
    if (role === 'cashier') {
      expect(status).toBe(201)
      return body as BindingCode
    }
    expect(status).toBe(202)
    const approved = (await office.approve(body.change.changeId)).body
    expect([body.half.length, approved.half?.length]).toEqual([4, 4])
    return { code: `${body.half}${approved.half}`, role, expiresAt: '' }
  }
  const bind = (code: string, bindingCode: string) =>
    office.call('POST', '/api/merchant/binding', undefined, { body: { platform: 'weapp', code, bindingCode } })
  const logIn = (code: string) =>
    office.call('POST', '/api/merchant/session', undefined, { body: { platform: 'weapp', code } })
  const summary = (token: string) => office.call('GET', '/api/merchant/summary', token)
  const users = async (merchantCode = 'M0001') =>
    ((await office.as('viewer').get(`/admin/merchants/${merchantCode}/users`)).body as MerchantUserList).items
  const unbind = async (by = 'maker') => {
    const [user] = await users()
    return office.as(by).post(`/admin/merchants/M0001/users/${user!.bindingId}/unbind`)
  }

  it('bind by the code an operator hands over, see their merchant, and log in by themselves from then on', async () => {
    expect(await logIn('wechat-1')).toMatchObject({ status: 401, body: { code: 'login-refused', field: 'code' } })
    const { expiresAt } = await issue('cashier')
    const { code } = await issue()
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/)
    expect(Date.parse(expiresAt)).toBe(office.clock.at + 15 * MINUTE_MS)
    const wide = code.slice(4).replace(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
    const bound = await bind('wechat-1', ` ${code.slice(0, 4).toLowerCase()}-${wide}`)
    expect(bound).toMatchObject({ status: 200, body: { merchant: { code: 'M0001', name: '老街牛肉面' } } })
    expect((await summary(bound.body.token)).body).toMatchObject({ merchantCode: 'M0001' })
    const again = await logIn('wechat-1')
    expect(again).toMatchObject({ status: 200, body: { merchant: { code: 'M0001' } } })
    expect((await summary(again.body.token)).status).toBe(200)
    expect((await office.as('viewer').get('/admin/merchants/M0001')).body).toMatchObject({ userCount: 1 })
    expect(await users()).toEqual([
      {
        bindingId: expect.any(String),
        userTail: expect.stringMatching(/^.{4}$/),
        role: 'owner',
        boundAt: expect.any(String),
        unboundAt: null,
      },
    ])
  })

  it('pay in full at their own shop, by whatever platform they come, and get cards elsewhere', async () => {
    const quoted = async (person: string, merchantCode: string) => {
      const session = await office.call('POST', '/api/session', undefined, {
        body: { platform: 'browser', code: person },
      })
      const body = { merchantCode, amountFen: 10_000, channel: 'bank' }
      const quote = await office.call('POST', '/api/quotes', session.body.token, { body })
      return [quote.status, quote.body.reason, quote.body.payableFen === 10_000]
    }
    expect(await quoted('wechat-1', 'M0001')).toEqual([200, null, false])
    await bind('wechat-1', (await issue('cashier')).code)
    expect(await quoted('wechat-1', 'M0001')).toEqual([200, 'own-shop', true])
    expect(await quoted('wechat-1', 'M0002')).toEqual([200, null, false])
    expect(await quoted('wechat-2', 'M0001')).toEqual([200, null, false])
    await unbind()
    expect(await quoted('wechat-1', 'M0001')).toEqual([200, null, false])
  })

  it('leave the sandbox’s owners as they are', async () => {
    expect(await logIn('merchant-M0002')).toMatchObject({ status: 200, body: { merchant: { code: 'M0002' } } })
    expect(await logIn('merchant-M9999')).toMatchObject({ status: 401 })
  })

  it('find neither code nor user id in the database or the log', async () => {
    const { code } = await issue()
    await bind('wechat-1', code)
    const tables = [
      'binding_codes',
      'merchant_users',
      'binding_guesses',
      'operator_actions',
      'change_requests',
    ] as const
    const all = JSON.stringify(
      await Promise.all(tables.map((table) => office.sql.db.selectFrom(table).selectAll().execute())),
    )
    for (const part of [code, code.slice(0, 4), code.slice(4)]) expect(all).not.toContain(`"${part}`)
    expect(all).not.toContain('wechat-1')
    expect(await office.deeds()).toMatchObject([
      { username: 'maker', action: 'change.ask', subject: 'merchant/M0001', after: { after: { role: 'owner' } } },
      { username: 'checker', action: 'change.approve', subject: 'merchant/M0001' },
      { username: 'checker', action: 'change.apply', subject: 'merchant/M0001', before: { owners: 0 } },
    ])
  })

  it('are refused by a code that is wrong, was used, or is too old: which, isn’t said', async () => {
    const refused = { status: 422, body: { code: 'binding-refused', field: 'bindingCode' } }
    expect(await bind('wechat-1', '22222222')).toMatchObject(refused)
    const used = await issue()
    expect((await bind('wechat-1', used.code)).status).toBe(200)
    expect(await bind('wechat-2', used.code)).toMatchObject(refused)
    const old = await issue()
    office.clock.at += 15 * MINUTE_MS
    expect(await bind('wechat-2', old.code)).toMatchObject(refused)
  })

  it('share no code: of many at once with the same one, a single one is bound', async () => {
    const { code } = await issue()
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => bind(`wechat-${i}`, code)))
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1)
    expect(await users()).toHaveLength(1)
  })

  it('belong to one merchant at a time, and a second code isn’t used up by trying', async () => {
    const [first, second] = [await issue(), await issue('owner', 'M0002')]
    await bind('wechat-1', first.code)
    expect(await bind('wechat-1', second.code)).toMatchObject({ status: 409, body: { code: 'already-bound' } })
    expect((await bind('wechat-2', second.code)).body).toMatchObject({ merchant: { code: 'M0002' } })
  })

  it('may err ten times an hour; then even the right code is refused, until the hour is over', async () => {
    const wrong = await Promise.all(Array.from({ length: 14 }, () => bind('guesser', '22222222')))
    expect(wrong.map((one) => one.status).sort()).toEqual([...Array(10).fill(422), ...Array(4).fill(429)])
    const { code } = await issue()
    const locked = await bind('guesser', code)
    expect(locked).toMatchObject({ status: 429, body: { code: 'binding-locked' } })
    expect(locked.headers.get('retry-after')).toBe('3600')
    expect((await bind('somebody else', code)).status).toBe(200)
    office.clock.at += 60 * MINUTE_MS
    expect((await bind('guesser', (await issue()).code)).status).toBe(200)
  })

  it('is not locked out for longer because a clock was ahead', async () => {
    office.clock.at += 61 * 24 * 60 * MINUTE_MS
    for (let i = 0; i < 11; i++) await bind('guesser', '22222222')
    office.clock.at -= 61 * 24 * 60 * MINUTE_MS
    expect((await bind('guesser', (await issue()).code)).status).toBe(200)
  })

  it('unbound are out at once, whatever their token says, and may be bound again', async () => {
    const { token } = (await bind('wechat-1', (await issue()).code)).body
    expect((await unbind()).body.items).toMatchObject([{ unboundAt: expect.any(String) }])
    expect(await summary(token)).toMatchObject({ status: 401, body: { code: 'token-invalid' } })
    expect(await logIn('wechat-1')).toMatchObject({ status: 401, body: { code: 'login-refused' } })
    expect(await unbind()).toMatchObject({ status: 404, body: { code: 'binding-not-found' } })
    expect((await bind('wechat-1', (await issue('cashier')).code)).status).toBe(200)
    expect((await summary(token)).status).toBe(401)
    expect((await office.deeds()).map((deed) => deed.action)).toEqual([
      'change.ask',
      'change.approve',
      'change.apply',
      'merchant-user.unbind',
      'binding-code.issue',
    ])
    expect((await users()).map((user) => [user.role, user.unboundAt === null])).toEqual([
      ['cashier', true],
      ['owner', false],
    ])
  })

  it('who are cashiers see orders and refund none; owners refund', async () => {
    const order = await office.order()
    const refunds = `/api/merchant/orders/${order.orderNo}/refunds`
    const cashier = (await bind('cashier', (await issue('cashier')).code)).body.token
    const owner = (await bind('owner', (await issue()).code)).body.token
    expect((await office.call('GET', '/api/merchant/orders', cashier)).body.items).toHaveLength(1)
    const body = { amountFen: 100 }
    expect(await office.call('POST', refunds, cashier, { body })).toMatchObject({
      status: 403,
      body: { code: 'not-owner' },
    })
    expect((await office.call('GET', refunds, cashier)).body.items).toEqual([])
    expect((await office.call('POST', refunds, owner, { body })).status).toBe(200)
  })

  describe('kept by the owner', () => {
    const STAFF = '/api/merchant/staff'
    const invite = (token: string, name = '小王') => office.call('POST', `${STAFF}/invites`, token, { body: { name } })
    const staff = (token: string) => office.call('GET', STAFF, token)
    const dismiss = (token: string, bindingId: string) => office.call('DELETE', `${STAFF}/${bindingId}`, token)

    it('are invited by a code of theirs, seen with the name they were given, and removed at once', async () => {
      const feed = outboxFeed(office.sql, { pollMs: 20 })
      Object.assign(office.liveDeps, { feed })
      try {
        const owner = (await bind('owner', (await issue()).code)).body.token
        const invited = await invite(owner)
        expect(invited).toMatchObject({ status: 201, body: { code: expect.stringMatching(/^[2-9A-HJKMNP-Z]{8}$/) } })
        expect(Date.parse(invited.body.expiresAt)).toBe(office.clock.at + 15 * MINUTE_MS)
        const cashier = (await bind('cashier', invited.body.code)).body.token
        expect((await summary(cashier)).body).toMatchObject({ merchantCode: 'M0001', role: 'cashier' })
        const { items } = (await staff(owner)).body
        expect(items).toMatchObject([
          { name: '小王', role: 'cashier', isSelf: false },
          { name: null, role: 'owner', isSelf: true },
        ])
        const page = await listen(office, cashier)
        expect((await dismiss(owner, items[0].bindingId)).status).toBe(204)
        expect(await summary(cashier)).toMatchObject({ status: 401, body: { code: 'token-invalid' } })
        await eventually(async () => page.code())
        expect(page.code()).toBe(1008)
        expect(await dismiss(owner, items[0].bindingId)).toMatchObject({
          status: 404,
          body: { code: 'binding-not-found' },
        })
        expect((await staff(owner)).body.items).toHaveLength(1)
      } finally {
        await feed.stop()
      }
      const by = expect.stringMatching(/^owner\/M0001\/\d+$/)
      expect((await office.deeds()).slice(-2)).toMatchObject([
        { username: by, action: 'binding-code.issue', subject: 'merchant/M0001', after: { role: 'cashier' } },
        { username: by, action: 'merchant-user.unbind', subject: 'merchant/M0001', before: { role: 'cashier' } },
      ])
      expect(await bindingFaults(office)).toEqual([])
    })

    it('are no cashier’s to invite, see or remove; an owner is the bank’s to remove', async () => {
      const owner = (await bind('owner', (await issue()).code)).body.token
      const cashier = (await bind('cashier', (await invite(owner)).body.code)).body.token
      const refused = { status: 403, body: { code: 'not-owner' } }
      const { items } = (await staff(owner)).body
      expect(await invite(cashier)).toMatchObject(refused)
      expect(await staff(cashier)).toMatchObject(refused)
      expect(await dismiss(cashier, items[1].bindingId)).toMatchObject(refused)
      expect(await dismiss(owner, items[1].bindingId)).toMatchObject({ status: 404 })
      const other = (await bind('other', (await issue('owner', 'M0002')).code)).body.token
      expect(await dismiss(other, items[0].bindingId)).toMatchObject({ status: 404 })
      expect((await summary(cashier)).status).toBe(200)
    })

    it('are invited by an owner who has just logged in, and who is still one', async () => {
      const { token } = (await bind('owner', (await issue()).code)).body
      office.clock.at += 15 * MINUTE_MS + 1
      expect(await invite(token)).toMatchObject({ status: 401, body: { code: 'session-stale' } })
      const fresh = (await logIn('owner')).body.token
      expect((await invite(fresh)).status).toBe(201)
      expect(await invite(fresh, ' \u202e王 ')).toMatchObject({ status: 400, body: { field: 'name' } })
      expect(await invite(fresh, '')).toMatchObject({ status: 400, body: { field: 'name' } })
      await unbind()
      expect(await invite(fresh)).toMatchObject({ status: 401, body: { code: 'token-invalid' } })
    })

    it('are at most fifty, so that a program has no use for it', async () => {
      const owner = (await bind('owner', (await issue()).code)).body.token
      const users = Array.from({ length: 49 }, (_, i) => ({
        ...{
          user_id: `u${i}`,
          merchant_code: 'M0001',
          role: 'cashier' as const,
          called: null,
          bound_at: 1,
          unbound_at: null,
        },
      }))
      await office.sql.db.insertInto('merchant_users').values(users).execute()
      expect(await invite(owner)).toMatchObject({ status: 422, body: { code: 'too-many-users' } })
    })
  })

  it('who own the shop refund by a new session only, and while they are bound', async () => {
    const order = await office.order()
    const refunds = `/api/merchant/orders/${order.orderNo}/refunds`
    const { token } = (await bind('owner', (await issue()).code)).body
    const headers = { 'Idempotency-Key': 'refund-of-the-owner' }
    office.clock.at += 15 * MINUTE_MS + 1
    const body = { amountFen: 100, leftFen: 10_000 }
    const stale = { status: 401, body: { code: 'session-stale' } }
    expect(await office.call('POST', refunds, token, { body, headers })).toMatchObject(stale)
    expect((await office.call('GET', refunds, token)).body.items).toEqual([])
    const fresh = (await logIn('owner')).body.token
    expect((await office.call('POST', refunds, fresh, { body, headers })).status).toBe(200)
    await unbind()
    const more = { body: { amountFen: 100 }, headers: { 'Idempotency-Key': 'refund-of-nobody' } }
    expect(await office.call('POST', refunds, fresh, more)).toMatchObject({
      status: 401,
      body: { code: 'token-invalid' },
    })
  })

  it('see more days than one at a time, and take their orders as a file that runs nothing', async () => {
    const owner = (await bind('owner', (await issue()).code)).body.token
    const [first] = [await office.order({ date: '2026-11-20', discountFen: 1_000, slot: 3 })]
    await office.order({ date: '2026-11-22', channel: 'alipay', amountFen: 1_850 })
    await office.order({ date: '2026-11-22', merchantCode: 'M0002' })
    await office.refund(first, 950, '2026-11-21')
    const days = (query: string) => office.call('GET', `/api/merchant/days?${query}`, owner)
    const { body } = await days('from=2026-11-20&to=2026-11-22')
    expect(body.days).toMatchObject([
      { businessDate: '2026-11-20', orderCount: 1, rewardFen: 500, refundCount: 0, receivedFen: 10_500 },
      {
        businessDate: '2026-11-21',
        orderCount: 0,
        rewardFen: 0,
        refundCount: 1,
        refundedFen: 1_050,
        receivedFen: -1_050,
      },
      { businessDate: '2026-11-22', orderCount: 1, rewardFen: 0, receivedFen: 1_850 },
    ])
    expect(body.total).toMatchObject({ orderCount: 2, rewardFen: 500, refundCount: 1, receivedFen: 11_300 })
    for (const query of ['from=2026-11-22&to=2026-11-21', 'from=2026-10-01&to=2026-11-01', 'from=2026-09-01'])
      expect(await days(query)).toMatchObject({ status: 400, body: { code: 'invalid-input', field: 'to' } })
    expect((await days('to=2026-11-20')).body.days).toHaveLength(1)
    const file = await fetch(`${office.url}/api/merchant/orders.csv?from=2026-11-20&to=2026-11-22`, {
      headers: { Authorization: `Bearer ${owner}` },
    })
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    expect(file.headers.get('content-disposition')).toContain('M0001-2026-11-20-2026-11-22.csv')
    const lines = (await file.text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain(`"${first.orderNo}","本行账户","100.00","5.00","105.00","9.50","10.50"`)
    expect(lines[2]).toContain('"支付宝","18.50","0.00","18.50","0.00","0.00"')
    for (const cell of lines.slice(1).flatMap((line) => line.split(','))) expect(cell).not.toMatch(/^"[=+@-]/)
  })

  it('are handed codes by makers, and by one of their own branch only', async () => {
    const path = '/admin/merchants/M0001/binding-codes'
    expect(await office.as('viewer').post(path, { role: 'owner' })).toMatchObject({
      status: 403,
      body: { code: 'role-refused' },
    })
    expect(await office.as('north').post(path, { role: 'owner' })).toMatchObject({
      status: 404,
      body: { code: 'merchant-not-found' },
    })
    expect(await office.as('north').get('/admin/merchants/M0001/users')).toMatchObject({ status: 404 })
    await bind('wechat-1', (await issue('owner', 'M0001', 'south')).code)
    expect(await unbind('north')).toMatchObject({ status: 404, body: { code: 'merchant-not-found' } })
    expect((await unbind('south')).status).toBe(200)
    expect(await office.as('maker').post(path, { role: 'boss' })).toMatchObject({
      status: 400,
      body: { field: 'role' },
    })
  })

  it('see their live feed, which ends when they are unbound: no order after that', async () => {
    const feed = outboxFeed(office.sql, { pollMs: 20 })
    Object.assign(office.liveDeps, { feed })
    try {
      const { token } = (await bind('wechat-1', (await issue()).code)).body
      const page = await listen(office, token)
      await office.order({ afterMs: 1 })
      await eventually(async () => page.messages.find((message) => message.type === 'order'))
      await unbind()
      // by itself: nothing has to happen there first
      await eventually(async () => page.code())
      expect(page.code()).toBe(1008)
      await office.order({ afterMs: 2 })
      expect(page.messages.filter((message) => message.type === 'order')).toHaveLength(1)
      await expect(listen(office, token)).rejects.toThrow('401')
    } finally {
      await feed.stop()
    }
  })
})

/** What the audit finds of bindings that nobody gave out or ended. */
async function bindingFaults(office: Office) {
  return office.sql.run({ name: 'binding-wrong', text: BINDING_WRONG }, [])
}

async function listen(office: Office, token: string) {
  const messages: LiveMessage[] = []
  let closed: number | undefined
  const address = `${office.url.replace('http', 'ws')}/api/merchant/live`
  const socket = new WebSocket(address, ['fapai.v1', `bearer.${token}`])
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as LiveMessage))
  socket.on('close', (code) => {
    closed = code
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  await eventually(async () => messages.find((message) => message.type === 'ready'))
  return { messages, code: () => closed }
}
