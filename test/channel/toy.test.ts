import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toyChannel } from '../../harness/toy-wallet/channel'
import { meaningOfPayment } from '../../harness/toy-wallet/channel/outcome'
import { payRequest } from '../../harness/toy-wallet/channel/payments'
import { meaningOfRefund } from '../../harness/toy-wallet/channel/refunds'
import {
  generateToyKeys,
  HEADER,
  replyText,
  requestText,
  signer,
  verifier,
} from '../../harness/toy-wallet/channel/sign'
import { actOnPage, startTestToy, type TestToy } from '../../harness/toy-wallet/start'
import type { OpenChannel } from '../../server/channel'
import { channelNo } from '../../server/domain/channel'
import type { Order } from '../../server/domain/order'
import { channelContract, orderOf, somebody } from './channel-contract'
import { noticeContract, statementContract } from './news-contract'
import { refundContract, refundOf } from './refund-contract'
import { fakeToy, toy } from './subjects'

const NAME = 'the toy wallet'
channelContract(NAME, toy)
refundContract(NAME, toy)
noticeContract(NAME, toy)
statementContract(NAME, toy)

const FAKE = 'the toy wallet without a wire'
channelContract(FAKE, fakeToy)
refundContract(FAKE, fakeToy)

describe('a payment at the toy wallet', () => {
  let wallet: TestToy
  let channel: OpenChannel
  const dir = mkdtempSync(join(tmpdir(), 'fapai-bills-'))
  const open = (config: Partial<TestToy['config']> = {}, payWithinMs = 300_000, clock = { now: Date.now }) =>
    toyChannel({ ...wallet.config, ...config, payWithinMs, clock, random: randomBytes, dir, name: 'alipay' })
  beforeAll(async () => {
    wallet = await startTestToy()
    channel = open()
  })
  afterEach(async () => {
    await wallet.admin.faults()
    await wallet.admin.slowness({ payment: 0, refund: 1, refundFate: 'succeeded' })
    await wallet.admin.bill('none')
  })
  afterAll(async () => {
    await channel.stop()
    await wallet.stop()
    rmSync(dir, { recursive: true })
  })

  const order = () => orderOf(channel, somebody())
  const opened = async () => {
    const one = await order()
    const { action } = await channel.pay(one)
    return { one, url: action!.params.url! }
  }
  const outcome = async (one: Order) => (await channel.query(one)).outcome
  const balance = (one: Order) => wallet.admin.balance(one.accounts.merchant)
  const unknown = (code: string) => ({ kind: 'unknown', code })

  it('of a person who cancels or walks away stays open until it is closed', async () => {
    const { one, url } = await opened()
    expect(await actOnPage(url, 'cancel')).toBe('cancelled')
    expect(await outcome(one)).toEqual({ kind: 'pending' })
    expect((await channel.close(one)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    expect(await actOnPage(url, 'confirm')).toBe('over')
    expect(await balance(one)).toBe(0)
  })

  it('forgives two wrong passwords, and fails for good by the third', async () => {
    const [first, second] = [await opened(), await opened()]
    for (const { url } of [first, second])
      for (let i = 0; i < 2; i++) expect(await actOnPage(url, 'wrong-password')).toBe('wrong-password')
    expect(await actOnPage(first.url, 'confirm')).toBe('paid')
    expect(await actOnPage(second.url, 'wrong-password')).toBe('failed')
    expect(await actOnPage(second.url, 'confirm')).toBe('over')
    expect((await outcome(first.one)).kind).toBe('succeeded')
    expect(await outcome(second.one)).toEqual({ kind: 'declined', code: 'password-failed' })
  })

  it('can’t be confirmed after its end, which ends only the page: a close ends the payment', async () => {
    const hasty = open({}, 1)
    const one = await orderOf(hasty, somebody())
    const { outcome: said, action } = await hasty.pay(one)
    expect(said).toEqual({ kind: 'pending' })
    expect(action!.expiresAt).toBe(one.payBy)
    expect(await actOnPage(action!.params.url!, 'confirm')).toBe('expired')
    expect(await outcome(one)).toEqual({ kind: 'pending' })
    expect((await hasty.close(one)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
    await hasty.stop()
  })

  it('can’t be closed while its money is on its way: it may still be paid, or fail', async () => {
    const [paid, poor] = [await opened(), await opened()]
    await wallet.admin.slowness({ payment: 1_000 })
    await wallet.admin.balance(poor.one.accounts.payer, 1)
    for (const { one, url } of [paid, poor]) {
      expect(await actOnPage(url, 'confirm')).toBe('processing')
      expect((await channel.close(one)).outcome).toEqual(unknown('payment-in-progress'))
      expect(await outcome(one)).toEqual({ kind: 'pending' })
      await wallet.admin.settle(channelNo(one.orderNo))
    }
    expect((await channel.close(paid.one)).outcome.kind).toBe('succeeded')
    expect((await channel.close(poor.one)).outcome).toEqual({ kind: 'declined', code: 'insufficient-funds' })
  })

  it('that is confirmed just before its close arrives is paid, and the close says so', async () => {
    const { one } = await opened()
    await wallet.admin.faults({ fault: { mode: 'paid-meanwhile' }, limits: { on: ['close'], times: 1 } })
    const reply = await channel.close(one)
    expect(reply).toMatchObject({ verb: 'close', outcome: { kind: 'succeeded' } })
    expect(reply.seen).toEqual({ amountFen: 10_000, currency: 'CNY', payee: one.accounts.merchant })
    expect(await balance(one)).toBe(10_000)
  })

  it('under a number that was prepared with other figures is refused, and that says nothing of it', async () => {
    const { one } = await opened()
    const other = { ...one, figures: { ...one.figures, payableFen: 9_999 } }
    expect((await channel.pay(other)).outcome).toEqual(unknown('number-reused'))
    expect(await outcome(one)).toEqual({ kind: 'pending' })
  })

  it.each([
    [{ mode: 'error-before', status: 503 } as const, 'server-error'],
    [{ mode: 'error-after', status: 502 } as const, 'server-error'],
    [{ mode: 'garbage' } as const, 'malformed-reply'],
    [{ mode: 'refuse', status: 429, code: 'too-many' } as const, 'unmapped-refusal'],
    [{ mode: 'lie', about: { number: 'F20261121AAAAAAAAAAAA' } } as const, 'other-order'],
    [{ mode: 'lie', about: { state: 'moon' } } as const, 'malformed-reply'],
  ])('is unknown after %j (%s), and a query tells', async (fault, code) => {
    const one = await order()
    await wallet.admin.faults({ fault, limits: { on: ['prepare'], times: 1 } })
    const reply = await channel.pay(one)
    expect([reply.outcome, reply.action]).toEqual([unknown(code), undefined])
    const asked = await channel.query(one)
    if (asked.outcome.kind === 'pending') await actOnPage(asked.action!.params.url!, 'confirm')
    else expect((await channel.close(one)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
  })

  it('is unknown at its deadline, though the wallet takes it afterwards', async () => {
    const hasty = open({ timeoutMs: 200 })
    const one = await order()
    await wallet.admin.faults({ fault: { mode: 'slow', delayMs: 600 }, limits: { on: ['prepare'] } })
    expect((await hasty.pay(one)).outcome).toEqual(unknown('timeout'))
    await hasty.stop()
  })

  it('is known as never sent when nobody listens', async () => {
    const gone = open({ baseUrl: 'http://wallet.invalid' })
    expect((await gone.pay(await order())).outcome).toEqual(unknown('not-sent'))
    await expect(gone.ping()).rejects.toThrow('ping: not-sent')
    await gone.stop()
  })

  it('whose refund comes back from the person’s bank gives nothing back, and leaves room for another', async () => {
    const { one, url } = await opened()
    await actOnPage(url, 'confirm')
    await wallet.admin.slowness({ refundFate: 'abnormal' })
    const refund = refundOf(one, 10_000)
    const { refunds } = channel
    expect((await refunds!.refund(one, refund)).outcome).toEqual({ kind: 'pending' })
    await wallet.admin.settle(channelNo(refund.refundNo))
    expect((await refunds!.queryRefund(one, refund)).outcome).toEqual({ kind: 'declined', code: 'refund-abnormal' })
    await wallet.admin.slowness({ refund: 0, refundFate: 'succeeded' })
    const again = refundOf(one, 10_000)
    await refunds!.refund(one, again)
    expect((await refunds!.queryRefund(one, again)).outcome.kind).toBe('succeeded')
    expect(await balance(one)).toBe(0)
  })

  it.each([
    ['leave-out', 'fetched'],
    ['wrong-amount', 'fetched'],
    ['tamper', 'statement-tampered'],
    ['truncate', 'statement-truncated'],
  ] as const)('is in a bill that is believed as a whole or not at all: %s → %s', async (fault, code) => {
    const { url } = await opened()
    await actOnPage(url, 'confirm')
    const date = await wallet.admin.cut()
    await wallet.admin.bill(fault)
    const kept = readdirSync(dir).length
    const fetched = await channel.statements!.fetchStatement(date)
    expect(fetched).toMatchObject(code === 'fetched' ? { kind: code } : { kind: 'refused', code })
    expect(readdirSync(dir)).toHaveLength(kept + Number(code === 'fetched'))
  })

  it.each([
    [{ mode: 'lie', about: { bytes: 1e9 } } as const, 'statement-manifest-malformed'],
    [{ mode: 'lie', about: { bytes: 3 } } as const, 'statement-too-long'],
    [{ mode: 'lie', about: { date: '2026-11-01' } } as const, 'statement-wrong-date'],
    [{ mode: 'error-after', status: 500 } as const, 'statement-unavailable'],
    [{ mode: 'bad-signature' } as const, 'statement-unavailable'],
  ])('is in no bill whose manifest comes with %j', async (fault, code) => {
    const date = await wallet.admin.cut()
    await wallet.admin.faults({ fault, limits: { on: ['bill'] } })
    expect(await channel.statements!.fetchStatement(date)).toMatchObject({ kind: 'refused', code })
  })

  describe('on the wire', () => {
    async function speak(spoken: {
      method?: string
      path?: string
      body?: string
      sent?: string
      timestamp?: string
      nonce?: string
      key?: string
    }) {
      const { method = 'POST', path = '/v1/prepays', body = '', key = wallet.config.privateKey } = spoken
      const timestamp = spoken.timestamp ?? String(Date.now())
      const nonce = spoken.nonce ?? randomBytes(16).toString('hex')
      const signature = signer(key)(requestText({ method, path, timestamp, nonce, body }))
      const headers = { [HEADER.timestamp]: timestamp, [HEADER.nonce]: nonce, [HEADER.signature]: signature }
      const sent = spoken.sent ?? body
      const reply = await fetch(wallet.url + path, { method, headers, ...(sent !== '' && { body: sent }) })
      const text = await reply.text()
      const at = reply.headers.get(HEADER.timestamp) ?? ''
      const signed = replyText({ method, path, status: reply.status, timestamp: at, nonce, body: text })
      const genuine = verifier(wallet.config.walletPublicKey)(signed, reply.headers.get(HEADER.signature))
      return { status: reply.status, body: JSON.parse(text), genuine }
    }
    const request = async () => payRequest(await order())

    it('takes what is signed, timely, and new, and signs its refusals too', async () => {
      const body = JSON.stringify(await request())
      const nonce = randomBytes(16).toString('hex')
      const refused = (code: string) => ({ status: 401, body: { code }, genuine: true })
      expect(await speak({ body, sent: body.replace('10000', '10001') })).toEqual(refused('signature-invalid'))
      expect(await speak({ body, key: generateToyKeys().privateKey })).toEqual(refused('signature-invalid'))
      expect(await speak({ body, timestamp: String(Date.now() - 400_000) })).toEqual(refused('clock-skew'))
      expect(await wallet.admin.payments()).not.toContainEqual(
        expect.objectContaining({ number: JSON.parse(body).number }),
      )
      expect(await speak({ body, nonce })).toMatchObject({ status: 200, body: { state: 'open' }, genuine: true })
      expect(await speak({ body, nonce })).toEqual(refused('nonce-reused'))
    })

    it('takes nothing it does not know, and no number of ours with dashes in it', async () => {
      const sound = await request()
      for (const change of [
        { extra: 1 },
        { number: 'F20261121-7K3M-92QX-4T8B' },
        { number: 'x'.repeat(33) },
        { amountFen: 0 },
        { amountFen: 0.5 },
        { amountFen: '100' },
        { currency: 'USD' },
        { payee: '' },
        { expiresAt: null },
      ])
        expect(await speak({ body: JSON.stringify({ ...sound, ...change }) })).toMatchObject({
          status: 400,
          body: { code: 'invalid-request' },
        })
      const late = { ...sound, expiresAt: Date.now() + 3 * 3_600_000 }
      expect(await speak({ body: JSON.stringify(late) })).toMatchObject({
        status: 422,
        body: { code: 'expires-too-late' },
      })
      expect(await speak({ body: '{' })).toMatchObject({ status: 400 })
      expect(await speak({ method: 'GET', path: '/v1/nowhere' })).toMatchObject({ status: 404, genuine: true })
    })
  })
})

describe('what the channel makes of the toy wallet’s word', () => {
  const seen = { amountFen: 1, currency: 'CNY', payee: 'm' }
  const word = (said: object) => meaningOfPayment('N', { number: 'N', ...seen, ...said }).outcome.kind
  const ofRefund = (said: object) => meaningOfRefund('N', { refundNumber: 'N', ...seen, ...said }).outcome.kind

  it('is definite only in words that it knows, about this number, with what it is held against', () => {
    expect(word({ state: 'paid', tradeNo: 'T' })).toBe('succeeded')
    expect(word({ state: 'failed', code: 'password-failed' })).toBe('declined')
    expect(word({ state: 'processing' })).toBe('pending')
    for (const said of [
      { state: 'paid' },
      { state: 'paid', tradeNo: 'T', number: 'M' },
      { state: 'paid', tradeNo: 'T', amountFen: undefined },
      { state: 'paid', tradeNo: 'T', payee: undefined },
      { state: 'open' },
      { state: 'done', tradeNo: 'T' },
    ])
      expect(word(said)).toBe('unknown')
  })

  it('is as strict about refunds', () => {
    expect(ofRefund({ state: 'succeeded', refundId: 'R' })).toBe('succeeded')
    expect(ofRefund({ state: 'abnormal' })).toBe('declined')
    expect(ofRefund({ state: 'failed', code: 'moon-phase' })).toBe('declined')
    expect(ofRefund({ state: 'processing' })).toBe('pending')
    for (const said of [
      { state: 'succeeded' },
      { state: 'succeeded', refundId: 'R', refundNumber: 'M' },
      { state: 'succeeded', refundId: 'R', currency: undefined },
      { state: 'failed' },
    ])
      expect(ofRefund(said)).toBe('unknown')
  })
})
