import { request as httpRequest } from 'node:http'
import { eventually } from '../../harness/system'
import type { Order } from '../../server/domain/order'
import { phonePath } from '../../server/sandbox/bank/phone'
import { asked, MINUTE, not, payerAt, SUCCEEDED } from './asking'
import { type RealAsking, realAsking } from './asking-subjects'

/** What the sandbox bank shows to people, and to whom. How it looks is test/e2e/bank-pages.test.ts. */

let on: RealAsking
beforeAll(async () => {
  on = await realAsking({ payees: { 'acct-M0001': '老街牛肉面' } })
})
afterEach(() => on.admin.clearFaults())
afterAll(() => on?.stop())
const { desk, signed, order, confirm, opened, untouched } = payerAt(() => on)

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

  it('tells the platform of what it came to, unasked', async () => {
    await on.admin.notices({ url: 'http://127.0.0.1:1/nobody' })
    const one = await order(await signed())
    const url = await sent(one)
    await post(url, { code: await on.code(one.orderNo) })
    await eventually(async () => (await on.admin.sentNotices()).find(({ orderNo }) => orderNo === one.orderNo))
    await on.admin.notices({ url: 'http://127.0.0.1:1/nobody', times: 0 })
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
