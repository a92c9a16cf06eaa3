import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { bankChannel } from '../../server/channel/bank'
import { signedClient } from '../../server/channel/bank/client'
import { decrypter, encrypter, generateBankKeys, publicKeyOf } from '../../server/channel/bank/sign'
import type { Order } from '../../server/domain/order'
import { phonePath } from '../../server/sandbox/bank/phone'
import { asked, MINUTE, newNo, not, PENDING, payerAt, SUCCEEDED } from './asking'
import { type RealAsking, realAsking } from './asking-subjects'

/** The sandbox bank that asks, as attackers, crashes and browsers meet it. */

let on: RealAsking
beforeAll(async () => {
  on = await realAsking({ payees: { 'acct-M0001': '老街牛肉面' } })
}, 120_000)
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

describe('the sandbox’s telephone', () => {
  const page = phonePath('test-admin-token')
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((done, fail) => {
      const request = httpRequest(`${on.config.baseUrl}${path}`, { headers }, async (reply) => {
        const chunks: Buffer[] = []
        for await (const chunk of reply) chunks.push(chunk)
        done({ status: reply.statusCode!, body: Buffer.concat(chunks).toString(), headers: reply.headers })
      })
      request.once('error', fail).end()
    })

  it('shows who is paid, how much, and the code; and what a code has come to', async () => {
    const one = await order(await signed())
    const ours = { ...one, accounts: { ...one.accounts, merchant: 'acct-M0001' } }
    const challengeId = await opened(ours)
    const [text] = await on.admin.texts()
    expect(text).toMatchObject({
      number: one.orderNo,
      state: 'live',
      words: expect.stringContaining('“老街牛肉面”付款 ¥95.00'),
    })
    const { body } = await get(page)
    for (const words of [text!.code, '老街牛肉面', '¥95.00', '有效', text!.to]) expect(body).toContain(words)
    await confirm(ours, challengeId, text!.code)
    expect((await on.admin.texts())[0]!.state).toBe('used')
    const other = await order()
    await opened(other)
    on.pass(5 * MINUTE)
    expect((await on.admin.texts())[0]!.state).toBe('over')
  })

  it('is at an address that nobody can guess, for this machine’s own names, in no frame and no cache', async () => {
    const { status, headers } = await get(page)
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    const other = `/phone/${'0'.repeat(32)}`
    expect([(await get('/phone')).status, (await get(other)).status, (await get(`${other}/texts`)).status]).toEqual([
      401, 404, 404,
    ])
    for (const host of ['bank.attacker.example', '127.0.0.1.nip.io:80', '10.0.0.7'])
      for (const path of [page, `${page}/texts`]) expect((await get(path, { host })).status).toBe(403)
    expect((await get(page, { host: 'localhost:1' })).status).toBe(200)
  })

  it('shows what somebody else wrote as text', async () => {
    const one = await order(await signed())
    const ours = { ...one, accounts: { ...one.accounts, merchant: 'acct-evil' } }
    await on.restart({ payees: { 'acct-evil': '<img src=x onerror=alert(1)>' } })
    await opened(ours)
    const { body } = await get(page)
    expect(body).toContain('&#60;img src=x')
    expect(body).not.toContain('<img')
    await on.restart({})
  })
})

describe('the bank’s own page', () => {
  const post = (url: string, form: Record<string, string>) =>
    fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })
  async function sent(one: Order): Promise<string> {
    await on.ask('pay', 'redirect')
    return (await on.channel.pay(one)).action!.params.url!
  }

  it('shows payee and amount, takes the code, and pays', async () => {
    const one = await order(await signed())
    const url = await sent(one)
    const before = await (await fetch(url)).text()
    for (const words of ['¥95.00', one.accounts.merchant, '138****', 'one-time-code']) expect(before).toContain(words)
    await post(url, { code: not(await on.code(one.orderNo)) })
    expect(await (await fetch(url)).text()).toContain('还可以再试 2 次')
    await untouched(one)
    expect((await post(url, { code: await on.code(one.orderNo) })).status).toBe(303)
    expect(await (await fetch(url)).text()).toContain('付款成功')
    expect(await on.channel.query(one)).toMatchObject({ outcome: SUCCEEDED, verification: 'redirect' })
  })

  it('is left by the payer who does not want to: closed', async () => {
    const one = await order(await signed())
    const url = await sent(one)
    await post(url, { deed: 'cancel' })
    expect(await (await fetch(url)).text()).toContain('付款未完成')
    expect((await on.channel.query(one)).outcome).toEqual({ kind: 'declined', code: 'order-closed' })
  })

  it('signs, and leads back to where the payer came from', async () => {
    const returnTo = 'https://pay.example/#/pages/agreements/index?a=1&b=2'
    const request = asked({ returnTo })
    await on.ask('sign', 'redirect')
    const said = await desk().sign(request)
    const { url } = (said as { action: { params: Record<string, string> } }).action.params
    await post(url!, { code: await on.code(request.signNo) })
    const html = await (await fetch(url!)).text()
    expect(html).toContain('签约成功')
    expect(html).toContain('href="https://pay.example/#/pages/agreements/index?a=1&#38;b=2"')
    expect(await desk().state(request.signNo)).toMatchObject({ kind: 'signed' })
  })

  it('is not there for what the bank asks by text, nor under another’s name', async () => {
    const one = await order(await signed())
    await opened(one)
    expect((await fetch(`${on.config.baseUrl}/cashier/${'0'.repeat(32)}`)).status).toBe(404)
  })
})
