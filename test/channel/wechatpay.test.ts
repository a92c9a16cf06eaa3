import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { actInWechat, startTestWechatpay } from '../../harness/wechatpay'
import { wechatpayChannel } from '../../server/channel/wechatpay'
import { platformKeys } from '../../server/channel/wechatpay/keys'
import { seal } from '../../server/channel/wechatpay/sign'
import { certificateOf } from '../../server/sandbox/wechatpay/certificate'
import { orderOf, somebody } from './channel-contract'
import { refundOf } from './refund-contract'
import { type WechatpayUnderTest, wechatpay } from './wechatpay-subject'

/** What the contract leaves open, and WeChat Pay has. */
describe('a payment at WeChat Pay', () => {
  let on: WechatpayUnderTest
  beforeAll(async () => {
    on = await wechatpay()
  })
  afterEach(() => on.calm())
  afterAll(() => on?.stop())

  const order = () => orderOf(on.channel, somebody())
  const unknown = (code: string) => ({ kind: 'unknown', code })
  const CLOSED = { kind: 'declined', code: 'order-closed' }

  it('is of the payer’s app, and of nobody who never came by one of ours, or at a shop that has no account there', async () => {
    const merchant = { merchantCode: 'M', name: 'M', branchCode: 'B', branchName: 'B', account: 'a', glAccount: 'g' }
    const identity = async () => [
      { appId: 'wx1111111111111111', subject: 'o1' },
      { appId: 'wx00000000fa9a1001', subject: 'o2' },
    ]
    const payer = { payerId: 'p', agreements: [], identity }
    const means = (who: typeof payer, walletAccounts: object) => on.channel.means(who, { ...merchant, walletAccounts })
    expect(await means(payer, { wechatpay: '1900000001' })).toEqual({
      kind: 'means',
      payerRef: 'wx00000000fa9a1001|o2',
      accounts: { payer: 'o2', merchant: '1900000001', gl: null },
    })
    expect(await means(payer, {})).toEqual({ kind: 'none', code: 'merchant-not-open' })
    const stranger = { ...payer, identity: async () => [] }
    expect(await means(stranger, { wechatpay: '1900000001' })).toEqual({ kind: 'none', code: 'identity-not-found' })
  })

  it.each([
    [{ mode: 'error-before' }, 'server-error'],
    [{ mode: 'error-after' }, 'server-error'],
    [{ mode: 'garbage' }, 'malformed-reply'],
    [{ mode: 'stale' }, 'bad-signature'],
    [{ mode: 'unknown-serial' }, 'bad-signature'],
    [{ mode: 'refuse', status: 429, code: 'FREQUENCY_LIMITED' }, 'too-many'],
    [{ mode: 'refuse', status: 403, code: 'OUT_TRADE_NO_USED' }, 'number-reused'],
    [{ mode: 'refuse', status: 400, code: 'MOON_PHASE' }, 'unmapped-refusal'],
    [{ mode: 'refuse', status: 400, code: 'PARAM_ERROR', unsigned: true }, 'bad-signature'],
    [{ mode: 'refuse', status: 400, code: 'ORDER_CLOSED', unsigned: true }, 'bad-signature'],
  ] as const)('is unknown after %j (%s), without anything to do, and a close makes it sure', async (fault, code) => {
    const one = await order()
    await on.theirs.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
    const reply = await on.channel.pay(one)
    expect([reply.outcome, reply.action]).toEqual([unknown(code), undefined])
    expect((await on.channel.close(one)).outcome).toEqual(CLOSED)
    expect((await on.channel.pay(one)).outcome).toEqual(CLOSED)
  })

  it.each([
    ['PARAM_ERROR', 'channel-refused'],
    ['NO_AUTH', 'channel-refused'],
    ['RULE_LIMIT', 'wallet-refused'],
    ['TRADE_ERROR', 'wallet-refused'],
    ['USER_ACCOUNT_ABNORMAL', 'wallet-refused'],
    ['ORDER_CLOSED', 'order-closed'],
  ])('refused as %s under its signature is declined: %s', async (theirs, code) => {
    await on.theirs.admin.faults({ fault: { mode: 'refuse', status: 400, code: theirs }, limits: { on: ['prepare'] } })
    expect((await on.channel.pay(await order())).outcome).toEqual({ kind: 'declined', code })
  })

  it('refused once more for an order that another request has made, it is as that order is, and a payer may pay it', async () => {
    const one = await order()
    expect((await on.channel.pay(one)).outcome).toEqual({ kind: 'pending' })
    const refused = { mode: 'refuse', status: 400, code: 'RULE_LIMIT' } as const
    await on.theirs.admin.faults({ fault: refused, limits: { on: ['prepare'] } })
    expect((await on.channel.pay(one)).outcome).toEqual({ kind: 'pending' })
    expect((await on.channel.close(one)).outcome).toEqual(CLOSED)
    expect((await on.channel.pay(one)).outcome).toEqual(CLOSED)
  })

  it('refused, and silent about the order itself, it says nothing of the order', async () => {
    const refused = { mode: 'refuse', status: 400, code: 'RULE_LIMIT' } as const
    await on.theirs.admin.faults({ fault: refused, limits: { on: ['prepare', 'query'] } })
    expect((await on.channel.pay(await order())).outcome).toEqual(unknown('wallet-refused'))
  })

  it('is unknown, and no merchant’s matter, while WeChat Pay doesn’t take our signature', async () => {
    const refused = { mode: 'refuse', status: 401, code: 'SIGN_ERROR' } as const
    await on.theirs.admin.faults({ fault: refused, limits: { on: ['prepare', 'query'] } })
    expect((await on.channel.pay(await order())).outcome).toEqual(unknown('signature-refused'))
  })

  it('answered in another time than ours is unknown: while nobody knows whose clock is off that is all it says', async () => {
    const limits = { on: ['prepare' as const] }
    await on.theirs.admin.faults({ fault: { mode: 'stale' }, limits })
    const { config } = on.theirs
    const clock = { now: Date.now, trusted: () => false }
    const unsure = wechatpayChannel({ ...config, payWithinMs: 300_000, clock, random: randomBytes, dir: on.dir })
    expect((await unsure.pay(await order())).outcome).toEqual(unknown('clock-skew'))
    expect((await on.channel.pay(await order())).outcome).toEqual(unknown('bad-signature'))
    await on.theirs.admin.faults({ fault: { mode: 'bad-signature' }, limits })
    expect((await unsure.pay(await order())).outcome).toEqual(unknown('bad-signature'))
    await unsure.stop()
  })

  it.each([
    [{ out_trade_no: 'F20261121AAAAAAAAAAAA' }, 'other-order'],
    [{ sp_mchid: '1900009998' }, 'other-account'],
    [{ trade_state: 'MOON' }, 'unmapped-state'],
    [{ trade_state: 'SUCCESS', transaction_id: undefined }, 'malformed-reply'],
    [{ trade_state: 'SUCCESS', transaction_id: '42', amount: undefined }, 'malformed-reply'],
  ])('of which is said %j is unknown: %s', async (about, code) => {
    const one = await order()
    await on.channel.pay(one)
    const told = Object.fromEntries(Object.entries(about).map(([name, value]) => [name, value ?? null]))
    await on.theirs.admin.faults({ fault: { mode: 'lie', about: told }, limits: { on: ['query'], times: 1 } })
    expect((await on.channel.query(one)).outcome).toEqual(unknown(code))
  })

  it('whose prepay was lost is closed however little is left of its time, and comes too late from then on', async () => {
    const now = Date.now()
    const one = { ...(await order()), createdAt: now - 50_000, payBy: now - 38_000 }
    await on.theirs.admin.faults({ fault: { mode: 'lose-request' }, limits: { on: ['prepare'], times: 1 } })
    expect((await on.channel.pay(one)).outcome.kind).toBe('unknown')
    expect((await on.channel.close(one)).outcome).toEqual(CLOSED)
    expect((await on.channel.pay(one)).outcome).toEqual(CLOSED)
  })

  it('whose prepay is still on its way is not taken for over by a clock in doubt: it is fenced, and comes too late', async () => {
    const clock = { now: () => Date.now() + 200_000, trusted: () => false }
    const ahead = wechatpayChannel({
      ...{ ...on.theirs.config, payWithinMs: 100_000 },
      ...{ clock, random: randomBytes, dir: on.dir },
    })
    const now = Date.now()
    const one = { ...(await order()), createdAt: now, payBy: now + 100_000 }
    expect((await ahead.close(one)).outcome).toEqual(CLOSED)
    await ahead.stop()
    expect((await on.channel.pay(one)).outcome).toEqual(CLOSED)
  })

  it('that failed for the payer stays open; what WeChat itself gave towards it changes nothing of ours', async () => {
    const one = await order()
    await on.theirs.admin.ways({ couponFen: 300 })
    const { action } = await on.channel.pay(one)
    await on.theirs.admin.faults({
      fault: { mode: 'lie', about: { trade_state: 'PAYERROR' } },
      limits: { on: ['query'], times: 1 },
    })
    expect((await on.channel.query(one)).outcome).toEqual({ kind: 'pending' })
    await on.confirm(action!)
    const reply = await on.channel.query(one)
    expect(reply.outcome.kind).toBe('succeeded')
    expect(reply.seen).toEqual({ amountFen: 10_000, currency: 'CNY', payee: one.accounts.merchant })
    const nonsense = { promotion_detail: [{ amount: 'much' }] }
    await on.theirs.admin.faults({ fault: { mode: 'lie', about: nonsense }, limits: { on: ['query'], times: 1 } })
    expect((await on.channel.query(one)).outcome).toEqual(reply.outcome)
    expect(reply.paid).toEqual({ payerFen: 9_700, coupons: [{ name: '微信支付立减', fen: 300 }] })
    expect(await on.balance(one.accounts.payer)).toBe(10_000_000 - 9_700)
  })

  it('refused a refund for good, says so; whose refund waits for a person is not over', async () => {
    const one = await order()
    await on.confirm((await on.channel.pay(one)).action!)
    const refunds = on.channel.refunds!
    await on.theirs.admin.ways({ refund: 0, refundFate: 'CLOSED' })
    const closed = refundOf(one, 100)
    await refunds.refund(one, closed)
    expect((await refunds.queryRefund(one, closed)).outcome).toEqual({ kind: 'declined', code: 'refund-closed' })
    await on.theirs.admin.ways({ refundFate: 'ABNORMAL' })
    const stuck = refundOf(one, 100)
    await refunds.refund(one, stuck)
    expect((await refunds.queryRefund(one, stuck)).outcome).toEqual(unknown('refund-abnormal'))
    for (const [fault, code] of [
      [{ mode: 'refuse', status: 403, code: 'NOT_ENOUGH', unsigned: true }, 'bad-signature'],
      [{ mode: 'refuse', status: 429, code: 'FREQUENCY_LIMITED' }, 'too-many'],
      [{ mode: 'error-after' }, 'server-error'],
    ] as const) {
      await on.theirs.admin.faults({ fault, limits: { on: ['refund'], times: 1 } })
      expect((await refunds.refund(one, refundOf(one, 1))).outcome).toEqual(unknown(code))
    }
  })

  it.each([
    ['none', 'fetched'],
    ['leave-out', 'fetched'],
    ['twice', 'fetched'],
    ['wrong-totals', 'statement-wrong-totals'],
    ['tamper', 'statement-tampered'],
    ['truncate', 'statement-truncated'],
    ['elsewhere', 'statement-manifest-malformed'],
  ] as const)('is in a bill that is believed as a whole or not at all: %s → %s', async (fault, code) => {
    for (const one of [await order(), await order()]) await on.confirm((await on.channel.pay(one)).action!)
    const date = await on.cut()
    await on.theirs.admin.bill(fault)
    const kept = readdirSync(on.dir).length
    const fetched = await on.channel.statements!.fetchStatement(date)
    expect(fetched).toMatchObject(code === 'fetched' ? { kind: code } : { kind: 'refused', code })
    expect(readdirSync(on.dir)).toHaveLength(kept + Number(code === 'fetched'))
    if (fetched.kind !== 'fetched') return
    // What was kept is checked again as it is read.
    appendFileSync(fetched.file, '`1.0\r\n')
    const read = async () => {
      for await (const lines of fetched.batches()) expect(lines.length).toBeGreaterThan(0)
    }
    await expect(read()).rejects.toMatchObject({ code: 'statement-malformed' })
  })

  it('is in no bill that is being made, or whose address nobody signed', async () => {
    const date = await on.cut()
    await on.theirs.admin.bill('none', true)
    expect(await on.channel.statements!.fetchStatement(date)).toMatchObject({ code: 'statement-not-ready' })
    await on.theirs.admin.bill('none')
    for (const mode of ['bad-signature', 'error-after'] as const) {
      await on.theirs.admin.faults({ fault: { mode }, limits: { on: ['bill'] } })
      expect(await on.channel.statements!.fetchStatement(date)).toMatchObject({ code: 'statement-unavailable' })
    }
  })
})

describe('the keys by which WeChat Pay signs', () => {
  it('are those that were told last, and those before while none of these is valid', () => {
    const apiV3Key = Buffer.alloc(32, 7)
    const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const at = Date.parse('2026-11-21')
    const [first, second, third] = [`5A${'1'.repeat(38)}`, `5A${'2'.repeat(38)}`, `5A${'3'.repeat(38)}`] as const
    const listOf = (...serials: string[]) => {
      const data = serials.map((serial_no) => {
        const valid = { from: at - 1_000, to: serial_no === third ? at - 1 : at + 1_000 }
        const pem = certificateOf(pair, { serial: serial_no, name: 'a test', ...valid })
        const sealed = seal(apiV3Key, pem, 'certificate', '123456789012')
        return { serial_no, encrypt_certificate: { algorithm: 'AEAD_AES_256_GCM', ...sealed } }
      })
      return Buffer.from(JSON.stringify({ data }))
    }
    const keys = platformKeys({ publicKey: null, apiV3Key }, () => at)
    const known = () => [first, second, third].filter((serial) => keys.of(serial))
    for (const [list, then] of [
      [[first], [first]],
      [
        [first, second],
        [first, second],
      ],
      [[third], [first, second]],
      [[], [first, second]],
      [[second], [second]],
    ] as const) {
      keys.learn(listOf(...list))
      expect(known()).toEqual(then)
    }
  })
})

describe('the sandbox’s WeChat Pay', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fapai-wechatpay-books-'))
  afterAll(() => rmSync(dir, { recursive: true }))

  it('has written down what it answers, so that a kill takes nothing of its books', async () => {
    const before = await startTestWechatpay({ dataDir: join(dir, 'books') })
    await before.admin.ways({ refund: 0 })
    const own = { payWithinMs: 300_000, clock: { now: Date.now }, random: randomBytes, dir }
    const channel = wechatpayChannel({ ...before.config, ...own })
    const [paid, open] = [await orderOf(channel, somebody()), await orderOf(channel, somebody())]
    await channel.pay(open)
    expect(await actInWechat((await channel.pay(paid)).action!, 'confirm')).toBe('paid')
    const refund = refundOf(paid, 1_000)
    await channel.refunds!.refund(paid, refund)
    expect((await channel.refunds!.queryRefund(paid, refund)).outcome.kind).toBe('succeeded')
    // Nothing tells the one before to stop: what it hasn't written is lost, as in a kill.
    const after = await startTestWechatpay({ dataDir: join(dir, 'books'), keys: before.keys })
    for (const facts of ['payments', 'refunds', 'total'] as const)
      expect(await after.admin[facts]()).toEqual(await before.admin[facts]())
    expect(await after.admin.balance(paid.accounts.merchant)).toBe(paid.figures.amountFen - 1_000)
    await channel.stop()
    await Promise.all([before.stop(), after.stop()])
  })
})
