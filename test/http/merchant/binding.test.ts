import WebSocket from 'ws'
import { oneSqlEngine, type TestSql } from '../../../harness/sql'
import { eventually } from '../../../harness/system'
import type { BindingCode, LiveMessage, MerchantUserList } from '../../../server/http/contract'
import { outboxFeed } from '../../../server/store/sql/payment/outbox-feed'
import { type Office, startOffice } from '../../support/office'

const MINUTE_MS = 60_000

describe.each(oneSqlEngine())('merchant users, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  }, 300_000)
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
    const bound = await bind('wechat-1', ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`)
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
      await office.order({ afterMs: 2 })
      await eventually(async () => page.code())
      expect(page.code()).toBe(1008)
      expect(page.messages.filter((message) => message.type === 'order')).toHaveLength(1)
      await expect(listen(office, token)).rejects.toThrow('401')
    } finally {
      await feed.stop()
    }
  })
})

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
