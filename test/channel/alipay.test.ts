import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actAtCashier, startTestAlipay, type TestAlipay } from '../../harness/alipay'
import type { OpenChannel } from '../../server/channel'
import { alipayChannel } from '../../server/channel/alipay'
import { meaningOfTrade } from '../../server/channel/alipay/outcome'
import { businessDate, DAY_MS } from '../../server/domain/business-date'
import { channelNo } from '../../server/domain/channel'
import type { Order } from '../../server/domain/order'
import type { FaultInput } from '../../server/sandbox/alipay/faults'
import { alipay } from './alipay-subject'
import { channelContract, orderOf, somebody } from './channel-contract'
import { noticeContract, statementContract } from './news-contract'
import { refundContract, refundOf } from './refund-contract'

const NAME = 'Alipay'
channelContract(NAME, alipay)
refundContract(NAME, alipay)
noticeContract(NAME, alipay)
statementContract(NAME, alipay)

describe('a payment at Alipay', () => {
  let theirs: TestAlipay
  let channel: OpenChannel
  let aheadMs = 0
  let doubtful = false
  const now = () => Date.now() + aheadMs
  const dir = mkdtempSync(join(tmpdir(), 'fapai-alipay-'))
  const open = (changed: Partial<TestAlipay['config']> = {}) =>
    alipayChannel({
      ...{ ...theirs.config, ...changed },
      ...{ publicUrl: 'https://pay.bank.example', payWithinMs: 300_000, clock: { now, trusted: () => !doubtful }, dir },
    })
  beforeAll(async () => {
    theirs = await startTestAlipay(now)
    channel = open()
  })
  afterEach(() => {
    aheadMs = 0
    doubtful = false
    theirs.faults.set([])
    theirs.bills.plan = { ...theirs.bills.plan, columns: 27, file: 'sound' }
  })
  afterAll(async () => {
    await channel.stop()
    await theirs.stop()
    rmSync(dir, { recursive: true })
  })

  const order = () => orderOf(channel, somebody())
  const byPage = async () => ({ ...(await order()), payerRef: 'page', createdAt: Date.now() })
  const strike = (fault: FaultInput[number]['fault'], on: FaultInput[number]['on']) =>
    theirs.faults.set([{ fault, times: 1, ...(on && { on }) }])
  const paid = async (): Promise<Order> => {
    const one = await order()
    const { action } = await channel.pay(one)
    await actAtCashier(action!.params.sandboxUrl!, 'confirm')
    return one
  }
  const unknown = (code: string) => ({ kind: 'unknown', code })
  const CLOSED = { kind: 'declined', code: 'order-closed' }

  it('towards which Alipay gave something is paid in full, and says what the payer paid and by which voucher', async () => {
    theirs.trades.couponFen = 150
    const one = await paid()
    theirs.trades.couponFen = 0
    const given = { payerFen: one.figures.payableFen - 150, coupons: [{ name: '支付宝随机立减', fen: 150 }] }
    const seen = { amountFen: one.figures.payableFen, currency: 'CNY', payee: one.accounts.merchant }
    const asked = await channel.query(one)
    expect(asked).toMatchObject({ outcome: { kind: 'succeeded' }, seen, paid: given })
    const trade = theirs.trades.trades.get(channelNo(one.orderNo))!
    const body = Buffer.from(String(theirs.notices.form(theirs.trades, trade, undefined, 'none')))
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const notice = channel.notices!.read({ method: 'POST', path: '/n', headers, body })
    expect(notice).toMatchObject({ kind: 'verified', reply: { outcome: { kind: 'succeeded' }, seen, paid: given } })
    expect((await channel.query(await paid())).paid).toBeUndefined()
  })

  it('of whose discount Alipay says nonsense, or nothing, is paid all the same, and nothing is said of it', async () => {
    const one = await paid()
    const total = one.figures.payableFen
    const bills = (channel_: string) => [{ fund_channel: channel_, amount: '1.50' }]
    const word = (more: object) => {
      const said = { trade_no: 'T1', out_trade_no: channelNo(one.orderNo), trade_status: 'TRADE_SUCCESS' }
      const whole = { ...said, total_amount: `${total / 100}`, buyer_pay_amount: `${total / 100 - 1}`, ...more }
      const meaning = meaningOfTrade(one, whole, () => {
        throw new Error('no action')
      })
      expect(meaning.outcome).toEqual({ kind: 'succeeded', channelTradeNo: 'T1' })
      return meaning.paid
    }
    const payerFen = total - 100
    expect(word({})).toEqual({ payerFen, coupons: [] })
    expect(word({ fund_bill_list: bills('COUPON') })).toEqual({ payerFen, coupons: [{ name: '支付宝红包', fen: 150 }] })
    expect(word({ fund_bill_list: bills('BANKCARD') })).toEqual({ payerFen, coupons: [] })
    expect(word({ fund_bill_list: [...bills('MDISCOUNT'), ...bills('POINT')] })?.coupons).toHaveLength(2)
    for (const nonsense of ['', 'x', {}, [{}], [{ fund_channel: 1, amount: '1.5.0' }], '[{"amount":"x"}]'])
      expect(word({ fund_bill_list: nonsense, voucher_detail_list: nonsense })).toEqual({ payerFen, coupons: [] })
    for (const amount of [`${total / 100}`, `${total / 100 + 1}`, '-1.00', '0.00', 'x', null, {}])
      expect(word({ buyer_pay_amount: amount, fund_bill_list: bills('COUPON') })).toBeUndefined()
  })

  it('of whom our app there does not know is on Alipay’s page, and one of a merchant without an account is refused', async () => {
    const nobody = async () => []
    const merchant = { merchantCode: 'M1', name: 'x', branchCode: 'B', branchName: 'b', account: 'a', glAccount: 'g' }
    const payer = { payerId: 'p1', agreements: [], identity: nobody }
    const account = '2088000000000001'
    expect(await channel.means(payer, { ...merchant, walletAccounts: { alipay: account } })).toEqual({
      kind: 'means',
      payerRef: 'page',
      accounts: { payer: 'p1', merchant: account, gl: null },
    })
    // Another app's name of them is none that Alipay would take from us.
    const stranger = { ...payer, identity: async () => [{ appId: '2021000000000009', subject: 'x' }] }
    expect(await channel.means(stranger, { ...merchant, walletAccounts: { alipay: account } })).toMatchObject({
      payerRef: 'page',
    })
    expect(await channel.means(payer, { ...merchant, walletAccounts: {} })).toEqual({
      kind: 'none',
      code: 'merchant-not-open',
    })
  })

  it('on Alipay’s page waits for its payer from the start, is made when they come, and is closed when they never did', async () => {
    const [one, never] = [await byPage(), await byPage()]
    const { outcome, action } = await channel.pay(one)
    expect(outcome).toEqual({ kind: 'pending' })
    expect(action).toMatchObject({ kind: 'redirect', expiresAt: one.payBy })
    // The same address each time: it says when the order was made.
    expect((await channel.query(one)).action).toEqual(action)
    expect((await channel.close(one)).outcome).toEqual({ kind: 'pending' })
    expect(await actAtCashier(action!.params.url!, 'confirm')).toBe('paid')
    expect((await channel.query(one)).outcome.kind).toBe('succeeded')
    const unseen = (await channel.pay(never)).action!
    aheadMs = 320_000
    expect((await channel.close(never)).outcome).toEqual(unknown('not-found'))
    aheadMs = 342_000
    // While nobody knows what time it is, who looks at the page may still pay.
    doubtful = true
    for (const verb of ['query', 'close'] as const)
      expect((await channel[verb](never)).outcome).toEqual(unknown('not-found'))
    doubtful = false
    expect((await channel.query(never)).outcome).toEqual(CLOSED)
    expect(await actAtCashier(unseen.params.url!, 'confirm')).toBe('refused')
  })

  it('that waits for another amount is never put before its payer', async () => {
    const one = await order()
    await channel.pay(one)
    const other = { ...one, figures: { ...one.figures, payableFen: 9_999 } }
    const reply = await channel.pay(other)
    expect([reply.outcome, reply.action]).toEqual([unknown('other-amount'), undefined])
  })

  it.each([
    [{ mode: 'error-before' } as const, 'server-error'],
    [{ mode: 'garbage' } as const, 'malformed-reply'],
    [{ mode: 'unsigned', subCode: 'ACQ.TRADE_HAS_CLOSE' } as const, 'unsigned-refusal'],
    [{ mode: 'refuse', code: '20000', subCode: 'isp.unknow-error' } as const, 'server-error'],
    [{ mode: 'refuse', subCode: 'ACQ.SYSTEM_ERROR' } as const, 'server-error'],
    [{ mode: 'lie', about: { out_trade_no: 'F20261121AAAAAAAAAAAA' } } as const, 'other-order'],
    [{ mode: 'lie', about: { trade_no: null } } as const, 'malformed-reply'],
  ])('is unknown after %j (%s), and a query tells', async (fault, code) => {
    const one = await order()
    strike(fault, ['create'])
    const reply = await channel.pay(one)
    expect([reply.outcome, reply.action]).toEqual([unknown(code), undefined])
    const { outcome } = await channel.query(one)
    expect(outcome.kind === 'pending' || outcome).toEqual(outcome.kind === 'pending' || unknown('not-found'))
  })

  it.each([
    ['40004', 'ACQ.BUYER_ENABLE_STATUS_FORBID', 'account-frozen'],
    ['40004', 'ACQ.INVALID_PARAMETER', 'channel-refused'],
    ['40002', 'isv.invalid-signature', 'channel-refused'],
    ['40006', 'isv.insufficient-isv-permissions', 'channel-refused'],
    ['40004', 'ACQ.MOON_PHASE', undefined],
    ['40005', 'isv.app-call-limited', undefined],
  ])('that is refused by %s %s, and isn’t there, is declined as %s', async (code, subCode, reason) => {
    strike({ mode: 'refuse', code, subCode }, ['create'])
    const { outcome } = await channel.pay(await order())
    expect(outcome).toEqual(reason ? { kind: 'declined', code: reason } : unknown('not-found'))
  })

  it('that nobody can ask about either, since Alipay doesn’t take our signature, is unknown: it is no payer’s matter', async () => {
    const fault = { mode: 'refuse', code: '40002', subCode: 'isv.invalid-signature' } as const
    theirs.faults.set([{ fault, times: 2, on: ['create', 'query'] }])
    expect((await channel.pay(await order())).outcome).toEqual(unknown('misconfigured'))
  })

  it('that is refused though it is there is what it is', async () => {
    const one = await paid()
    strike({ mode: 'refuse', subCode: 'ACQ.ACCESS_FORBIDDEN' }, ['create'])
    expect((await channel.pay(one)).outcome.kind).toBe('succeeded')
  })

  it('that went back in full is closed at Alipay, and paid all the same', async () => {
    const one = await paid()
    expect((await channel.refunds!.refund(one, refundOf(one, 10_000))).outcome.kind).toBe('succeeded')
    expect(theirs.trades.query(channelNo(one.orderNo))).toMatchObject({ state: 'closed' })
    for (const reply of [await channel.query(one), await channel.close(one), await channel.pay(one)])
      expect(reply.outcome.kind).toBe('succeeded')
  })

  it('is definite only in words that we know, about this number, with what it is held against', async () => {
    const one = await order()
    const said = {
      trade_no: '2026112022001458860515315453',
      out_trade_no: channelNo(one.orderNo),
      total_amount: '100.00',
    }
    const word = (more: object) =>
      meaningOfTrade(one, { ...said, ...more }, () => ({ kind: 'jsapi', params: {}, expiresAt: 0 })).outcome
    expect(word({ trade_status: 'TRADE_SUCCESS' }).kind).toBe('succeeded')
    expect(word({ trade_status: 'TRADE_FINISHED', total_amount: 100 }).kind).toBe('succeeded')
    expect(word({ trade_status: 'TRADE_CLOSED' })).toEqual(CLOSED)
    expect(word({ trade_status: 'TRADE_CLOSED', buyer_pay_amount: '0.00' })).toEqual(CLOSED)
    expect(word({ trade_status: 'TRADE_CLOSED', send_pay_date: '2026-11-21 12:00:00' }).kind).toBe('succeeded')
    expect(word({ trade_status: 'TRADE_CLOSED', receipt_amount: '0.01' }).kind).toBe('succeeded')
    expect(word({ trade_status: 'WAIT_BUYER_PAY' }).kind).toBe('pending')
    for (const other of [
      { trade_status: 'TRADE_PENDING' },
      { trade_status: 'TRADE_SUCCESS', out_trade_no: 'F20261121AAAAAAAAAAAA' },
      { trade_status: 'TRADE_SUCCESS', trade_no: '' },
      { trade_status: 'TRADE_SUCCESS', total_amount: '1e2' },
      { trade_status: 'TRADE_SUCCESS', total_amount: '100.001' },
      { trade_status: 'TRADE_SUCCESS', total_amount: undefined },
      {},
    ])
      expect([other, word(other).kind]).toEqual([other, 'unknown'])
  })

  it('is acted on at a sandbox’s cashier on this machine alone', async () => {
    const one = await order()
    strike({ mode: 'lie', about: { sandbox_url: 'https://evil.example/cashier' } }, ['create'])
    expect((await channel.pay(one)).outcome).toEqual(unknown('malformed-reply'))
  })

  it('is in a bill of either form: the shorter one names the seller alone', async () => {
    const one = await paid()
    const date = businessDate(now())
    aheadMs = Date.parse(`${date}T12:00:00+08:00`) + DAY_MS - Date.now()
    const merchants = async () => {
      const fetched = await channel.statements!.fetchStatement(date)
      if (fetched.kind === 'refused') throw new Error(`${fetched.code}: ${fetched.detail}`)
      for await (const lines of fetched.batches())
        for (const line of lines) if (line.orderNo === one.orderNo) return line.merchantAccount
    }
    expect(await merchants()).toBe(one.accounts.merchant)
    theirs.bills.plan = { ...theirs.bills.plan, columns: 25 }
    expect(await merchants()).toBe(theirs.config.sellerId)
  })

  it('is in no bill before ten in the morning, however often one asks, and the same bill has the same hash', async () => {
    await paid()
    const date = businessDate(now())
    aheadMs = Date.parse(`${date}T09:59:00+08:00`) + DAY_MS - Date.now()
    expect(await channel.statements!.fetchStatement(date)).toMatchObject({
      kind: 'refused',
      code: 'statement-not-ready',
    })
    const hashes: string[] = []
    for (const minutes of [2, 90]) {
      aheadMs = Date.parse(`${date}T09:59:00+08:00`) + DAY_MS + minutes * 60_000 - Date.now()
      const fetched = await channel.statements!.fetchStatement(date)
      hashes.push(fetched.kind === 'fetched' ? fetched.manifest.sha256 : fetched.code)
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(hashes[1]).toBe(hashes[0])
  })

  it.each([
    [
      { mode: 'lie', about: { bill_download_url: 'https://evil.example/bill.zip' } } as const,
      'statement-manifest-malformed',
    ],
    [
      { mode: 'lie', about: { bill_download_url: 'https://alipay.com.evil.example/bill.zip' } } as const,
      'statement-manifest-malformed',
    ],
    [{ mode: 'lie', about: { bill_download_url: 'nowhere' } } as const, 'statement-manifest-malformed'],
    [{ mode: 'bad-signature' } as const, 'statement-unavailable'],
    [{ mode: 'refuse', subCode: 'isv.bill-not-exist' } as const, 'fetched'],
  ])('is in no bill whose address comes with %j', async (fault, code) => {
    await paid()
    const date = businessDate(now())
    aheadMs = Date.parse(`${date}T12:00:00+08:00`) + DAY_MS - Date.now()
    strike(fault, ['bill'])
    const fetched = await channel.statements!.fetchStatement(date)
    expect(fetched.kind === 'fetched' ? fetched.kind : fetched.code).toBe(code)
  })

  it('is in no bill that may not be made yet, for all that is known of the time', async () => {
    const date = businessDate(now())
    aheadMs = Date.parse(`${date}T12:00:00+08:00`) + DAY_MS - Date.now()
    strike({ mode: 'refuse', subCode: 'isv.bill-not-exist' }, ['bill'])
    doubtful = true
    expect(await channel.statements!.fetchStatement(date)).toMatchObject({ code: 'statement-not-ready' })
  })

  it('is known as never sent when nobody listens, and a ping of whom Alipay doesn’t know fails', async () => {
    const gone = open({ gatewayUrl: 'http://alipay.invalid/gateway.do' })
    expect((await gone.pay(await order())).outcome).toEqual(unknown('not-sent'))
    await expect(gone.ping()).rejects.toThrow('ping: not-sent')
    await gone.stop()
    const stranger = open({ appId: '2021000000000009' })
    await expect(stranger.ping()).rejects.toThrow('ping: ')
    await stranger.stop()
  })
})
