import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actAtUnionPay, GROUP, MINI_PROGRAM, startTestUnionPay, type TestUnionPay, WEAPP } from '../../harness/unionpay'
import { unionPayChannel } from '../../server/channel/unionpay'
import { fieldsOf, formOf } from '../../server/channel/unionpay/client'
import type { UnionPayConfig } from '../../server/channel/unionpay/schema'
import { signer } from '../../server/channel/unionpay/sign'
import { timeOf } from '../../server/channel/unionpay/time'
import { channelNo } from '../../server/domain/channel'
import type { Order } from '../../server/domain/order'
import type { FileFault } from '../../server/sandbox/unionpay/file'
import { channelContract, orderOf, somebody } from './channel-contract'
import { noticeContract, statementContract } from './news-contract'
import { refundContract, refundOf } from './refund-contract'
import { unionPay } from './unionpay-subject'

const NAME = 'UnionPay'
channelContract(NAME, unionPay)
refundContract(NAME, unionPay)
noticeContract(NAME, unionPay)
statementContract(NAME, unionPay)

const unknown = (code: string) => ({ kind: 'unknown', code })
const CLOSED = { kind: 'declined', code: 'order-closed' }

describe('a payment at UnionPay', () => {
  let theirs: TestUnionPay
  let channel: ReturnType<typeof unionPayChannel>
  const dir = mkdtempSync(join(tmpdir(), 'fapai-unionpay-'))
  let off = 0
  let doubtful = false
  const clock = { now: () => Date.now() + off, trusted: () => !doubtful }
  const open = (config: Partial<UnionPayConfig> = {}) => unionPayChannel({ ...theirs.config, ...config, clock, dir })
  beforeAll(async () => {
    theirs = await startTestUnionPay()
    channel = open()
    await theirs.admin.notices({ times: 0 })
  })
  afterEach(async () => {
    off = 0
    doubtful = false
    await theirs.admin.faults()
    await theirs.admin.files()
    await theirs.admin.ways({ payment: 0, refund: 0, refundFate: 'done', reversals: 'taken' })
  })
  afterAll(async () => {
    await channel.stop()
    await theirs.stop()
    rmSync(dir, { recursive: true })
  })

  const order = () => orderOf(channel, somebody())
  const opened = async () => {
    const one = await order()
    const { action } = await channel.pay(one)
    return { one, url: action!.params.url! }
  }
  const outcome = async (one: Order) => (await channel.query(one)).outcome

  it('of who cancels or walks away stays open until it is closed', async () => {
    const { one, url } = await opened()
    expect(await actAtUnionPay(url, 'cancel')).toBe('cancelled')
    expect(await outcome(one)).toEqual({ kind: 'pending' })
    expect((await channel.close(one)).outcome).toEqual(CLOSED)
    expect(await actAtUnionPay(url, 'confirm')).toBe('over')
  })

  it('forgives two wrong passwords, and fails for good by the third', async () => {
    const { one, url } = await opened()
    for (let i = 0; i < 2; i++) expect(await actAtUnionPay(url, 'wrong-password')).toBe('wrong-password')
    expect(await actAtUnionPay(url, 'wrong-password')).toBe('failed')
    expect(await actAtUnionPay(url, 'confirm')).toBe('over')
    expect(await outcome(one)).toEqual({ kind: 'declined', code: 'password-failed' })
  })

  it('is known by its number and its time: with another time nothing is found, and that ends nothing', async () => {
    const { one, url } = await opened()
    await actAtUnionPay(url, 'confirm')
    expect(await outcome({ ...one, createdAt: one.createdAt + 1_000 })).toEqual(unknown('not-found'))
    expect((await outcome(one)).kind).toBe('succeeded')
  })

  it('is paid when the payer was quicker than its close, and never taken back', async () => {
    const { one, url } = await opened()
    await theirs.admin.faults({ fault: { mode: 'paid-meanwhile' }, on: ['close'] })
    expect((await channel.close(one)).outcome.kind).toBe('succeeded')
    expect(await theirs.admin.balance(one.accounts.merchant)).toBe(one.figures.payableFen)
    expect(await actAtUnionPay(url, 'confirm')).toBe('over')
  })

  it('can’t be closed while its money is on its way: it may still be paid, or fail', async () => {
    const { one, url } = await opened()
    await theirs.admin.ways({ payment: 1_000 })
    expect(await actAtUnionPay(url, 'confirm')).toBe('processing')
    expect((await channel.close(one)).outcome).toEqual(unknown('under-way'))
    await theirs.admin.settle(channelNo(one.orderNo))
    expect((await channel.close(one)).outcome.kind).toBe('succeeded')
  })

  it('where nothing unpaid can be reversed is closed by its own time, and not a moment before UnionPay’s clock has surely passed it', async () => {
    await theirs.admin.ways({ reversals: 'refused' })
    const [{ one }, unseen] = [await opened(), await order()]
    const still = [unknown('state-refused'), unknown('not-found')]
    const past = one.payBy! - Date.now() + 120_000
    for (const [late, sure, expected] of [
      [0, true, still],
      [past - 61_000, true, still],
      [past, false, still],
      [past, true, [CLOSED, CLOSED]],
    ] as const) {
      off = late
      doubtful = !sure
      expect([(await channel.close(one)).outcome, (await channel.close(unseen)).outcome]).toEqual(expected)
    }
  })

  it('under a number that was asked for with other figures is refused, and that says nothing of it', async () => {
    const { one } = await opened()
    const url = (await theirs.admin.payments()).find(({ orderId }) => orderId === channelNo(one.orderNo))!.token
    await actAtUnionPay(`${theirs.server.url}/page/${url}`, 'confirm')
    const other = { ...one, figures: { ...one.figures, payableFen: 9_999 } }
    expect((await channel.pay(other)).outcome).toEqual(unknown('number-reused'))
  })

  it.each([
    [{ mode: 'error-before', status: 503 } as const, 'server-error'],
    [{ mode: 'error-after', status: 404 } as const, 'server-error'],
    [{ mode: 'garbage' } as const, 'bad-signature'],
    [{ mode: 'bad-signature', by: 'other-owner' } as const, 'bad-signature'],
    [{ mode: 'bad-signature', by: 'expired' } as const, 'bad-signature'],
    [{ mode: 'bad-signature', by: 'self-made' } as const, 'bad-signature'],
    [{ mode: 'refuse', respCode: '06' } as const, 'system-busy'],
    [{ mode: 'refuse', respCode: '11' } as const, 'signature-refused'],
    [{ mode: 'refuse', respCode: 'ZZ' } as const, 'unmapped-refusal'],
    [{ mode: 'lie', about: { respCode: '' } } as const, 'malformed-reply'],
    [{ mode: 'lie', about: { orderId: 'F20261121AAAAAAAAAAAA' } } as const, 'other-order'],
    [{ mode: 'lie', about: { txnTime: '20200101000000' } } as const, 'other-order'],
    [{ mode: 'lie', about: { qrCode: 'javascript:alert(1)' } } as const, 'malformed-reply'],
  ])('is unknown after %j (%s), and has no action', async (fault, code) => {
    const one = await order()
    await theirs.admin.faults({ fault, on: ['pay'], times: 1 })
    const reply = await channel.pay(one)
    expect([reply.outcome, reply.action]).toEqual([unknown(code), undefined])
    expect((await channel.close(one)).outcome).toEqual(CLOSED)
  })

  it.each([
    [{ origRespCode: 'A6' }, 'succeeded'],
    [{ origRespCode: '03' }, 'pending'],
    [{ origRespCode: '04' }, 'pending'],
    [{ origRespCode: '05' }, 'pending'],
    [{ origRespCode: 'Z9' }, 'declined'],
    [{ origRespCode: '<9' }, 'unknown'],
    [{ origRespCode: '' }, 'unknown'],
    [{ respCode: '34' }, 'unknown'],
    [{ queryId: '' }, 'unknown'],
    [{ txnAmt: '12.34' }, 'unknown'],
  ] as const)('is definite only in words that are known: %j is %s', async (about, kind) => {
    const { one, url } = await opened()
    await actAtUnionPay(url, 'confirm')
    await theirs.admin.faults({ fault: { mode: 'lie', about }, on: ['query'] })
    expect((await outcome(one)).kind).toBe(kind)
  })

  it('is unknown at its deadline; never sent when nobody listens', async () => {
    const [hasty, gone] = [open({ timeoutMs: 200 }), open({ baseUrl: 'http://unionpay.invalid' })]
    await theirs.admin.faults({ fault: { mode: 'slow', delayMs: 600 }, on: ['pay'] })
    expect((await hasty.pay(await order())).outcome).toEqual(unknown('timeout'))
    expect((await gone.pay(await order())).outcome).toEqual(unknown('not-sent'))
    await expect(gone.ping()).rejects.toThrow('ping: not-sent')
    await Promise.all([hasty.stop(), gone.stop()])
  })

  it('of who is in our mini-program opens UnionPay’s with a number; who came by neither can’t pay so', async () => {
    const alone = open({ miniProgram: null })
    expect([channel.jumps, alone.jumps]).toEqual([true, false])
    await alone.stop()
    const merchant = { walletAccounts: { unionpay: '777000000000001' } } as Parameters<typeof channel.means>[1]
    const payer = (known: Record<string, string>) => ({
      ...{ payerId: 'p_1', agreements: [] },
      identity: async (provider: string) => (known[provider] ? [{ appId: known[provider], subject: 'o-li' }] : []),
    })
    expect(await channel.means(payer({}), merchant)).toEqual({ kind: 'none', code: 'identity-not-found' })
    expect(await channel.means(payer({ wechat: 'wx0000000000000000' }), merchant)).toMatchObject({ kind: 'none' })
    expect(await channel.means(payer({ unionpay: 'QRA' }), { ...merchant, walletAccounts: {} })).toEqual({
      ...{ kind: 'none', code: 'merchant-not-open' },
    })
    const means = await channel.means(payer({ wechat: WEAPP }), merchant)
    expect(means).toMatchObject({ kind: 'means', payerRef: 'weapp:o-li' })
    // Who knows both ways is led the one of the app that they are in.
    const both = payer({ unionpay: 'QRA', wechat: WEAPP })
    expect(await channel.means(both, merchant)).toMatchObject({ payerRef: 'o-li' })
    expect(await channel.means({ ...both, platform: 'weapp' }, merchant)).toMatchObject({ payerRef: 'weapp:o-li' })
    const one = { ...(await order()), payerRef: 'weapp:o-li' }
    const { action } = await channel.pay(one)
    expect(action).toMatchObject({ kind: 'redirect', params: { appId: MINI_PROGRAM } })
    const tn = /^\/pages\/CQPApplet\/index\?tn=(\w+)$/.exec(action!.params.path!)![1]
    expect(JSON.stringify(channel.payRequest(one))).not.toContain('o-li')
    expect(await actAtUnionPay(`${theirs.server.url}/page/${tn}`, 'confirm')).toBe('paid')
    expect((await outcome(one)).kind).toBe('succeeded')
  })

  it('undone on its day is an undoing, in part or later a refund; what the payer’s bank sends back gives nothing back', async () => {
    const [whole, part, late] = [await opened(), await opened(), await opened()]
    for (const { url } of [whole, part, late]) await actAtUnionPay(url, 'confirm')
    const refunds = channel.refunds!
    await refunds.refund(whole.one, refundOf(whole.one, 10_000))
    await refunds.refund(part.one, refundOf(part.one, 1))
    // What is sent hangs on when it was asked for; UnionPay wouldn't take one of tomorrow today.
    await refunds.refund(late.one, { ...refundOf(late.one, 10_000), createdAt: Date.now() + 86_400_000 })
    expect((await theirs.admin.refunds()).map(({ type }) => type)).toEqual(['31', '04'])
    await theirs.admin.ways({ refundFate: 'abnormal' })
    const back = refundOf(late.one, 500)
    await refunds.refund(late.one, back)
    expect((await refunds.queryRefund(late.one, back)).outcome).toEqual({ kind: 'declined', code: 'refund-abnormal' })
    expect(await theirs.admin.balance(late.one.accounts.merchant)).toBe(10_000)
  })

  it.each([
    ['leave-out', 'fetched'],
    ['wrong-amount', 'fetched'],
    ['tamper', 'statement-malformed'],
    ['truncate', 'statement-malformed'],
    ['totals', 'statement-wrong-totals'],
    ['other-day', 'statement-wrong-date'],
    ['other-group', 'statement-manifest-malformed'],
    ['no-report', 'statement-malformed'],
  ] as [FileFault, string][])(
    'is in a statement that is believed as a whole or not at all: %s → %s',
    async (fault, code) => {
      const { url } = await opened()
      await actAtUnionPay(url, 'confirm')
      const date = await theirs.admin.cut()
      await theirs.admin.files(fault)
      const kept = readdirSync(dir).length
      const fetched = await channel.statements!.fetchStatement(date)
      expect(fetched).toMatchObject(code === 'fetched' ? { kind: code } : { kind: 'refused', code })
      expect(readdirSync(dir)).toHaveLength(kept + Number(code === 'fetched'))
    },
  )

  it.each([
    [{ mode: 'bad-signature', by: 'other-owner' } as const, 'statement-unavailable'],
    [{ mode: 'error-after' } as const, 'statement-unavailable'],
    [{ mode: 'lie', about: { settleDate: '0101' } } as const, 'statement-wrong-date'],
    [{ mode: 'lie', about: { fileContent: 'AAAA' } } as const, 'statement-malformed'],
    [{ mode: 'lie', about: { fileContent: '' } } as const, 'statement-manifest-malformed'],
  ])('is in no statement that comes with %j', async (fault, code) => {
    const date = await theirs.admin.cut()
    await theirs.admin.faults({ fault, on: ['file'] })
    expect(await channel.statements!.fetchStatement(date)).toMatchObject({ kind: 'refused', code })
  })

  it('is told in no form that names a field twice, or none', () => {
    for (const read of [fieldsOf, formOf]) {
      expect({ ...read('a=1&b=2') }).toEqual({ a: '1', b: '2' })
      for (const text of ['a=1&a=1', 'a=1&b=2&a=3', '=1', 'a-b=1']) expect(read(text)).toBeUndefined()
    }
    expect({ ...fieldsOf('a=x=+%y==') }).toEqual({ a: 'x=+%y==' })
    expect(fieldsOf('a')).toBeUndefined()
  })

  describe('on the wire', () => {
    const sign = () => signer(theirs.config.privateKey)
    const sound = () => ({
      ...{ version: '5.1.0', encoding: 'UTF-8', signMethod: '01', accessType: '0', channelType: '08' },
      ...{ txnType: '01', txnSubType: '07', bizType: '000000', certId: theirs.config.certId, merId: '777000000000001' },
      ...{ orderId: `F20261121${String(Math.random()).slice(2, 12)}`, txnTime: timeOf(Date.now()), txnAmt: '1' },
      ...{ currencyCode: '156', backUrl: 'http://127.0.0.1/n', payTimeout: timeOf(Date.now() + 60_000) },
    })
    const speak = async (fields: Record<string, string>, path = '/gateway/api/backTransReq.do') => {
      const reply = await fetch(theirs.server.url + path, { method: 'POST', body: new URLSearchParams(fields) })
      return /(?:^|&)respCode=(\w+)/.exec(await reply.text())?.[1]
    }

    it('takes what is signed by us, of now, and once', async () => {
      const good = sign()(sound())
      expect(await speak({ ...good, txnAmt: '2' })).toBe('11')
      expect(await speak({ ...good, certId: '1' })).toBe('11')
      expect(await speak(good)).toBe('00')
      expect(await speak(good)).toBe('12')
      for (const skew of [-3_600_000, 3_600_000])
        expect(await speak(sign()({ ...sound(), txnTime: timeOf(Date.now() + skew) }))).toBe('10')
    })

    it.each<Record<string, string>>([
      { extra: '1' },
      { orderId: 'F20261121-7K3M-92QX' },
      { orderId: 'short' },
      { txnAmt: '0' },
      { txnAmt: '1.5' },
      { currencyCode: '840' },
      { backUrl: 'http://127.0.0.1/n?x=1' },
      { bizType: '000201' },
      { txnSubType: '06' },
      { payTimeout: '20200101000000' },
      { version: '5.0.0' },
    ])('takes nothing that it doesn’t know: %j', async (change) => {
      expect(await speak(sign()({ ...sound(), ...change }))).toBe('10')
    })

    it('knows its merchants, and what may be asked where', async () => {
      expect(await speak(sign()({ ...sound(), merId: '999000000000001' }))).toBe('31')
      expect(await speak(sign()(sound()), '/gateway/api/queryTrans.do')).toBe('10')
      expect(GROUP).toMatch(/^777/)
    })
  })
})
