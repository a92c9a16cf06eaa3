import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bankChannel } from '../../server/channel/bank'
import { signedClient } from '../../server/channel/bank/client'
import { decrypter, encrypter, generateBankKeys, publicKeyOf } from '../../server/channel/bank/sign'
import type { Order } from '../../server/domain/order'
import { asked, newNo, not, PENDING, payerAt, SUCCEEDED } from './asking'
import { type RealAsking, realAsking } from './asking-subjects'

/** The sandbox bank that asks, as attackers, crashes and its own mistakes meet it. */

let on: RealAsking
beforeAll(async () => {
  on = await realAsking()
})
afterEach(() => on.admin.clearFaults())
afterAll(() => on?.stop())
const { desk, signed, order, confirm, opened, untouched } = payerAt(() => on)

const shown = ({ accounts, figures }: Order) => ({ payee: accounts.merchant, amountFen: figures.payableFen })

describe('an envelope', () => {
  const enclose = (content: object) => encrypter(on.config.bankPublicKey)(JSON.stringify(content))
  async function post(path: string, body: object, method: 'POST' | 'PUT' = 'POST') {
    const client = signedClient({ ...on.config, timeoutMs: 5_000, clock: on, random: randomBytes })
    try {
      const reply = await client.exchange(method, path, body)
      return reply.kind === 'verified' ? { status: reply.status, body: JSON.parse(reply.body) } : reply
    } finally {
      await client.stop()
    }
  }
  const INVALID = { status: 422, body: { code: 'envelope-invalid' } }

  it('of one order says nothing for another, however the request around it is written', async () => {
    const agreement = await signed()
    const [one, other] = [await order(agreement), await order(agreement)]
    const [mine, theirs] = [await opened(one), await opened(other)]
    const proof = await on.code(one.orderNo)
    const good = { orderNo: one.orderNo, challengeId: mine, proof, ...shown(one) }
    const cases: [string, string, object][] = [
      [other.orderNo, theirs, good],
      [one.orderNo, theirs, good],
      [other.orderNo, mine, good],
      [one.orderNo, mine, { ...good, orderNo: other.orderNo }],
      [one.orderNo, mine, { ...good, amountFen: good.amountFen + 1 }],
      [one.orderNo, mine, { ...good, payee: other.accounts.merchant }],
      [one.orderNo, mine, { ...good, payee: one.accounts.gl }],
      [one.orderNo, mine, { proof }],
      [one.orderNo, mine, ['a list']],
    ]
    for (const [orderNo, challengeId, content] of cases)
      expect(await post(`/v1/clearings/${orderNo}/confirm`, { challengeId, envelope: enclose(content) })).toEqual(
        INVALID,
      )
    for (const envelope of [
      '',
      '04',
      'zz'.repeat(120),
      enclose(good).replace(/.$/, (end) => (end === '0' ? '1' : '0')),
    ])
      expect(await post(`/v1/clearings/${one.orderNo}/confirm`, { challengeId: mine, envelope })).toEqual(INVALID)
    const elsewhere = encrypter(generateBankKeys().bank.publicKey)(JSON.stringify(good))
    const toAnother = { challengeId: mine, envelope: elsewhere }
    expect(await post(`/v1/clearings/${one.orderNo}/confirm`, toAnother)).toEqual(INVALID)
    await untouched(one)
    await untouched(other)
    expect((await on.channel.query(one)).action?.params.attemptsLeft).toBe('3')
    expect((await confirm(one, mine, proof)).outcome).toEqual(SUCCEEDED)
  })

  it('of one signing says nothing for another', async () => {
    const [one, other] = [asked(), asked()]
    const envelope = enclose({ signNo: one.signNo, account: one.account, name: one.name, phone: one.phone })
    expect(await post('/v1/agreements', { signNo: other.signNo, payerId: other.payerId, envelope })).toEqual(INVALID)
    const said = await desk().sign(one)
    const { challengeId } = (said as { action: { params: Record<string, string> } }).action.params
    await desk().sign(other)
    const proof = enclose({ signNo: one.signNo, challengeId, proof: await on.code(one.signNo) })
    expect(await post(`/v1/agreements/${other.signNo}/confirm`, { challengeId, envelope: proof })).toEqual(INVALID)
    expect(await post(`/v1/agreements/${one.signNo}/confirm`, { challengeId: 'CH1', envelope: proof })).toEqual(INVALID)
  })

  it('allows no more than ¥200 each', async () => {
    const { agreementId } = await signed()
    const more = { signNo: newNo(), maxFen: 20_001, perDay: 1 }
    expect(await post(`/v1/agreements/${agreementId}/small-amount`, more, 'PUT')).toMatchObject({ status: 400 })
  })

  it('is SM2 as the standard writes it: C1 with its 04, C3, C2', () => {
    const { privateKey } = generateBankKeys().bank
    const envelope = encrypter(publicKeyOf(privateKey))('验证码 123456')
    expect(envelope).toMatch(/^04[0-9a-f]+$/)
    expect(envelope.length).toBe(2 + 128 + 64 + 2 * Buffer.byteLength('验证码 123456'))
    expect(decrypter(privateKey)(envelope)).toBe('验证码 123456')
    expect(decrypter(generateBankKeys().bank.privateKey)(envelope)).toBeUndefined()
  })
})

describe('a bank that dies', () => {
  it('asks the same question when it is back, with the same tries and codes, and the same answers', async () => {
    const agreement = await signed()
    const [paid, open] = [await order(agreement), await order(agreement)]
    const request = asked()
    const signing = await desk().sign(request)
    const done = await confirm(paid, await opened(paid), await on.code(paid.orderNo))
    const challengeId = await opened(open)
    const code = await on.code(open.orderNo)
    const wrong = await confirm(open, challengeId, not(code))
    await on.restart()
    expect((await on.channel.query(paid)).outcome).toEqual(done.outcome)
    expect(await desk().state(request.signNo)).toEqual(signing)
    expect((await on.channel.query(open)).action).toEqual(wrong.action)
    expect(await confirm(open, challengeId, not(code))).toEqual(wrong)
    expect(await on.code(open.orderNo)).toBe(code)
    expect(await confirm(open, challengeId, code)).toMatchObject({ outcome: SUCCEEDED, verification: 'sms' })
  })

  it('keeps no code, name or telephone, in a journal that is its owner’s alone', async () => {
    const request = asked({ name: '欧阳修文' })
    const one = await order(await signed(request))
    const challengeId = await opened(one)
    const codes = [await on.code(request.signNo), await on.code(one.orderNo)]
    await confirm(one, challengeId, not(codes[1]!))
    const file = join(on.dir, 'journal.jsonl')
    const journal = readFileSync(file, 'utf8')
    for (const secret of [...codes, not(codes[1]!)])
      expect(journal).not.toMatch(new RegExp(`(?<![0-9A-Fa-f])${secret}(?![0-9A-Fa-f])`))
    for (const secret of [request.name, request.phone]) expect(journal).not.toContain(secret)
    expect(statSync(file).mode & 0o077).toBe(0)
  })
})

describe('the bank’s keys', () => {
  it('change one at a time: replies by either are believed, envelopes to the old one still opened', async () => {
    const next = generateBankKeys().bank
    const one = await order()
    const challengeId = await opened(one)
    const both = bankChannel({
      ...on.config,
      bankPublicKeyNext: next.publicKey,
      timeoutMs: 5_000,
      dailyPerPayerFen: 50_000,
      dir: on.dir,
      clock: on,
      random: randomBytes,
    })
    try {
      expect((await both.query(one)).outcome).toEqual(PENDING)
      await on.restart({ privateKey: next.privateKey, privateKeysBefore: [on.keys.bank.privateKey] })
      // who has not been told of the new key believes nothing it signs
      expect((await on.channel.query(one)).outcome).toEqual({ kind: 'unknown', code: 'bad-signature' })
      const proof = await on.code(one.orderNo)
      expect((await both.confirm!(one, { challengeId, proof })).outcome).toEqual(SUCCEEDED)
    } finally {
      await both.stop()
      await on.restart({})
    }
  })
})

describe('a fault after the proof', () => {
  it('a 500 though it was booked: unknown, and a query tells', async () => {
    const one = await order()
    const challengeId = await opened(one)
    await on.admin.faults({ mode: 'error-after', on: ['confirm'], times: 1 })
    const lost = await confirm(one, challengeId, await on.code(one.orderNo))
    expect(lost.outcome).toEqual({ kind: 'unknown', code: 'server-error' })
    expect(await on.channel.query(one)).toMatchObject({ outcome: SUCCEEDED, verification: 'sms' })
  })

  it('a refusal for risk, and one that takes its time', async () => {
    const [risky, slow] = [await order(), await order()]
    const [first, second] = [await opened(risky), await opened(slow)]
    await on.admin.faults({ mode: 'decline', code: 'risk-refused', on: ['confirm'], times: 1 })
    const declined = { kind: 'declined', code: 'risk-refused' }
    expect((await confirm(risky, first, await on.code(risky.orderNo))).outcome).toEqual(declined)
    await on.admin.faults({ mode: 'pending', pendingQueries: 1, on: ['confirm'], times: 1 })
    const pending = await confirm(slow, second, await on.code(slow.orderNo))
    expect(pending).toMatchObject({ outcome: PENDING })
    expect(pending).not.toHaveProperty('action')
    expect((await on.channel.query(slow)).outcome).toEqual(PENDING)
    expect(await on.channel.query(slow)).toMatchObject({ outcome: SUCCEEDED, verification: 'sms' })
  })

  it('strikes in some cases of a hundred, as told', async () => {
    const ping = () =>
      on.channel.ping().then(
        () => 'up' as const,
        () => 'struck' as const,
      )
    await on.admin.faults({ mode: 'error-before', on: ['ping'], percent: 50 })
    const said = new Set<string>()
    while (said.size < 2) said.add(await ping())
    expect([...said].sort()).toEqual(['struck', 'up'])
  })
})

describe('what is kept of the bank’s replies', () => {
  it('holds no code, account, name or telephone', async () => {
    const request = asked({ name: '欧阳修文' })
    const one = await order(await signed(request))
    const replies = [await on.channel.pay(one), await on.channel.query(one)]
    const challengeId = replies[0]!.action!.params.challengeId!
    const code = await on.code(one.orderNo)
    replies.push(await confirm(one, challengeId, not(code)), await confirm(one, challengeId, code))
    replies.push(await on.channel.query(one), await on.channel.close(one))
    const kept = JSON.stringify(replies.map(({ raw }) => raw))
    for (const secret of [request.account, request.name, request.phone, code, not(code)])
      expect(kept).not.toMatch(new RegExp(`(?<![0-9A-Fa-f])${secret}(?![0-9A-Fa-f])`))
  })
})
