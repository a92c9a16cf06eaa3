import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { startTestLedger, type TestLedger } from '../../harness/ledger'
import { TYPESCRIPT } from '../../harness/typescript'
import { readConfig } from '../../server/config'
import { type Running, startBff } from '../../server/main'
import { type AlipayServer, startAlipayServer } from '../../server/sandbox/alipay/server'
import { loginTicket } from '../../server/sandbox/bank-app'
import { sandboxKeys } from '../../server/sandbox/keys'
import { type SandboxBank, sandboxEnv, startSandboxBank } from '../../server/sandbox/system'
import { startWechatServer, type WechatServer } from '../../server/sandbox/wechat/server'
import { hop as hopOf } from '../support/hops'

const WEAPP = { appId: 'wx00000000000000a1', secret: 'a'.repeat(32), kind: 'weapp', united: true } as const
const PAGE = { appId: 'wx00000000000000b2', secret: 'b'.repeat(32), kind: 'page', united: true } as const
const PUBLIC = 'https://pay.bank.example'

const ALIPAY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const ALIPAY_APP = '2021004150660001'

describe('log-in by the platforms through the BFF', () => {
  let wechat: WechatServer
  let alipay: AlipayServer
  let ledger: TestLedger
  let bank: SandboxBank
  let bff: Running
  const dataDir = mkdtempSync(join(tmpdir(), 'fapai-wechat-'))
  const logged: string[] = []

  beforeAll(async () => {
    wechat = await startWechatServer({
      apps: [WEAPP, { ...PAGE, redirectHost: new URL(PUBLIC).host }],
      production: false,
    })
    const { host: redirectHost } = new URL(PUBLIC)
    alipay = await startAlipayServer({
      apps: [{ appId: ALIPAY_APP, publicKey: ALIPAY.publicKey, names: 'open_id', redirectHost }],
      production: false,
    })
    bank = await startSandboxBank(dataDir, { ...process.env, ...TYPESCRIPT, SANDBOX_EASY: 'on' })
    ledger = await startTestLedger(dataDir)
    const config = readConfig({
      ...sandboxEnv(dataDir, bank.url),
      ...ledger.env,
      NODE_ENV: 'test',
      SANDBOX_PASSWORD: 'sandbox-password',
      PORT: '0',
      RECONCILE_AT: 'off',
      SANDBOX_EASY: 'on',
      RATE_LIMITS: 'off',
      DEAL_AHEAD: 'off',
      REDIS_TIMEOUT_MS: '10000',
      PUBLIC_URL: PUBLIC,
      BANK_APP_TICKETS: 'on',
      ALIPAY_APP_ID: ALIPAY_APP,
      // as Alipay's tools write it: base64 without head and foot
      ALIPAY_PRIVATE_KEY: ALIPAY.privateKey.replace(/-----.*-----|\n/g, ''),
      ALIPAY_PUBLIC_KEY: alipay.publicKey,
      ALIPAY_GATEWAY_URL: `${alipay.url}/gateway.do`,
      ALIPAY_OPEN_URL: alipay.url,
      WECHAT_OPEN_URL: wechat.url,
      WECHAT_API_URL: wechat.url,
      WECHAT_APPID: WEAPP.appId,
      WECHAT_SECRET: WEAPP.secret,
      WECHAT_PAGE_APPID: PAGE.appId,
      WECHAT_PAGE_SECRET: PAGE.secret,
    })
    bff = await startBff(config, pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }))
  })
  afterAll(async () => {
    await bff?.stop()
    await bank?.child.stop()
    await wechat?.stop()
    await alipay?.stop()
    await ledger?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function post(path: string, body: object, token?: string) {
    const reply = await fetch(bff.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })
    return { status: reply.status, retryAfter: reply.headers.get('retry-after'), body: (await reply.json()) as Answer }
  }
  interface Answer {
    token: string
    code: string
    field?: string
  }
  const REFUSED_CODE = { status: 401, body: { code: 'login-code-refused', field: 'code' } }
  const logIn = (platform: string, code: string) => post('/api/session', { platform, code })
  const code = (app: { appId: string }, person: string) => wechat.platform.code(app.appId, person)
  /** The payer that a token is of. */
  const payerOf = ({ body }: { body: Answer }) => {
    const [claims = ''] = body.token.split('.')
    return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub
  }

  it('one person in the mini-program and on a page is one payer, another is another', async () => {
    const inApp = await logIn('weapp', code(WEAPP, 'li'))
    const onPage = await logIn('wechat-h5', code(PAGE, 'li'))
    const wang = await logIn('weapp', code(WEAPP, 'wang'))
    expect([inApp.status, onPage.status, wang.status]).toEqual([200, 200, 200])
    expect(payerOf(onPage)).toBe(payerOf(inApp))
    expect(payerOf(wang)).not.toBe(payerOf(inApp))
    expect(payerOf(inApp)).toMatch(/^p_[\w-]{22}$/)
  })

  it('two sessions never come of one code', async () => {
    const once = code(WEAPP, 'li')
    const answers = await Promise.all([logIn('weapp', once), logIn('weapp', once), logIn('weapp', once)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
    expect(answers.find(({ status }) => status === 401)?.body).toMatchObject({
      code: 'login-code-refused',
      field: 'code',
    })
  })

  it('where WeChat vouches nobody is who they say: neither a name nor the sandbox’s owner gets in', async () => {
    for (const name of ['payer-1', 'merchant-M0001'])
      for (const platform of ['weapp', 'wechat-h5'])
        for (const path of ['/api/session', '/api/merchant/session'])
          expect(await post(path, { platform, code: name })).toMatchObject(REFUSED_CODE)
  })

  it('who is blocked, too fast, or can’t be asked about is told which', async () => {
    wechat.platform.blocked.add('zhao')
    const blocked = await logIn('weapp', code(WEAPP, 'zhao'))
    expect(blocked).toMatchObject({ status: 403, body: { code: 'login-blocked' } })
    // nor is a shop's owner told that they are none
    const owner = await post('/api/merchant/session', { platform: 'weapp', code: code(WEAPP, 'zhao') })
    expect(owner).toMatchObject({ status: 403, body: { code: 'login-blocked' } })
    wechat.platform.busy.push(45011, -1)
    const fast = await logIn('weapp', code(WEAPP, 'li'))
    expect(fast).toMatchObject({ status: 429, retryAfter: '60', body: { code: 'login-too-often' } })
    const busy = await logIn('weapp', code(WEAPP, 'li'))
    expect(busy).toMatchObject({ status: 503, retryAfter: '2', body: { code: 'login-unavailable' } })
    wechat.mishaps.push('garbage')
    expect(await logIn('weapp', code(WEAPP, 'li'))).toMatchObject({ status: 503, body: { code: 'login-unavailable' } })
    const metrics = await (await fetch(`${bff.url}/metrics`)).text()
    expect(metrics).toMatch(/^fapai_alarms_total\{code="login-fault"\} 5$/m)
  })

  it('quotes in WeChat’s name, and nothing that names the person is in the log', async () => {
    const given = code(WEAPP, 'li')
    const { body } = await logIn('weapp', given)
    const quoted = await post('/api/quotes', { merchantCode: 'M0001', amountFen: 2_000, channel: 'bank' }, body.token)
    expect(quoted.status).toBe(200)
    const asked = new URLSearchParams({ appid: WEAPP.appId, secret: WEAPP.secret, js_code: code(WEAPP, 'li') })
    asked.set('grant_type', 'authorization_code')
    const li = wechat.platform.session(asked) as { openid: string; unionid: string }
    expect(logged.length).toBeGreaterThan(0)
    for (const secret of [given, WEAPP.secret, PAGE.secret, li.openid, li.unionid, body.token])
      expect(logged.filter((line) => line.includes(secret))).toEqual([])
  })

  // behind the proxy our public address is this process
  const hop = (url: string, jar: Map<string, string>) => hopOf(url, jar, (to) => to.replace(PUBLIC, bff.url))
  const browserOf = (person: string) => new Map([['wechat', person]])
  const sent = async (jar: Map<string, string>, to = '/q/M0001') =>
    hop((await hop(`${bff.url}/login/wechat?to=${encodeURIComponent(to)}`, jar)).location, jar)
  const handed = (jar: Map<string, string>) => JSON.parse(decodeURIComponent(jar.get('__Host-fapai_session')!))

  it('a page’s person goes by way of WeChat and comes back to the shop, known, with no code in the address', async () => {
    const way = await (await fetch(`${bff.url}/api/login-way?platform=wechat-h5`)).json()
    expect(way).toEqual({ way: 'page', page: '/login/wechat' })
    const jar = browserOf('li')
    const off = await hop(`${bff.url}/login/wechat?to=/q/M0001`, jar)
    expect(off.location).toMatch(/&state=[a-f0-9]{32}#wechat_redirect$/)
    // no other host of the domain can put a cookie of these names in front of ours
    expect(off.cookies).toEqual([
      expect.stringMatching(/^__Host-fapai_login=\S+; HttpOnly; Max-Age=600; Path=\/; SameSite=Lax; Secure$/),
    ])
    const from = await hop(off.location, jar)
    const back = await hop(from.location, jar)
    expect(back).toMatchObject({ status: 302, location: '/q/M0001' })
    expect([...jar.keys()].sort()).toEqual(['__Host-fapai_session', 'wechat'])
    expect(back.cookies[1]).toMatch(/; Max-Age=60; Path=\/; SameSite=Lax; Secure$/)
    const inApp = await logIn('weapp', code(WEAPP, 'li'))
    expect(payerOf({ body: handed(jar) })).toBe(payerOf(inApp))
    // reloaded, or shown to another, the address of the way back is worth nothing
    const again = await hop(from.location, jar)
    expect(again.location).toBe('/')
    expect(handed(jar)).toEqual({ refused: 'login-code-refused' })
  })

  it('somebody who is handed another’s way back isn’t logged in as that other, nor is the other’s browser as them', async () => {
    const [thief, victim] = [browserOf('thief'), browserOf('victim')]
    const theirs = await sent(thief)
    await hop(`${bff.url}/login/wechat?to=/q/M0001`, victim)
    expect((await hop(theirs.location, victim)).location).toBe('/q/M0001')
    expect(handed(victim)).toEqual({ refused: 'login-code-refused' })
    const without = browserOf('nobody')
    await hop((await sent(browserOf('other'))).location, without)
    expect(handed(without)).toEqual({ refused: 'login-code-refused' })
  })

  it('a merchant’s user goes the same way, binds with what it told, and logs in by it until it ends', async () => {
    const operator = await post('/admin/session', { username: 'maker', password: 'sandbox-password' })
    const issued = await post('/admin/merchants/M0001/binding-codes', { role: 'cashier' }, operator.body.token)
    const jar = browserOf('cook')
    const from = await sent(jar, '/#/pages/merchant-staff/index')
    expect(await hop(from.location, jar)).toMatchObject({ status: 302, location: '/#/pages/merchant-staff/index' })
    const { code: told, ...rest } = handed(jar)
    expect(rest).toEqual({ expiresAt: expect.any(String) })
    const merchant = { platform: 'wechat-h5', code: told }
    // whom it stands for is known, and nobody’s here: that is no refusal of the code
    const stranger = await post('/api/merchant/session', merchant)
    expect(stranger).toMatchObject({ status: 401, body: { code: 'login-refused', field: 'code' } })
    const bound = await post('/api/merchant/binding', { ...merchant, bindingCode: issued.body.code })
    expect(bound.status).toBe(200)
    const again = await post('/api/merchant/session', merchant)
    expect(again).toMatchObject({ status: 200, body: { merchant: { code: 'M0001' } } })
    // it is good in the place where it was told alone, and as it is
    for (const wrong of [
      { ...merchant, platform: 'alipay-h5' },
      { ...merchant, code: told.slice(0, -1) },
    ])
      for (const path of ['/api/merchant/session', '/api/merchant/binding'])
        expect(await post(path, { ...wrong, bindingCode: 'ABCDEFGH' })).toMatchObject(REFUSED_CODE)
  })

  it('whoever comes from the bank’s app is who the bank says, once for each ticket', async () => {
    const way = await (await fetch(`${bff.url}/api/login-way?platform=bank-h5`)).json()
    expect(way).toEqual({ way: 'code', page: null })
    const { privateKey } = sandboxKeys(dataDir).bank.bank
    const ticket = () => loginTicket({ privateKey, audience: 'fapai-sandbox', now: Date.now() }, 'C-20481')
    const once = ticket()
    const answers = [await logIn('bank-h5', once), await logIn('bank-h5', once), await logIn('bank-h5', ticket())]
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200])
    expect(payerOf(answers[2]!)).toBe(payerOf(answers[0]!))
    // it is the bank's word in the bank's app alone, and no name is
    expect((await logIn('wechat-h5', ticket())).status).toBe(401)
    expect((await logIn('bank-h5', 'payer-1')).status).toBe(401)
    expect(logged.filter((line) => line.includes(once) || line.includes('C-20481'))).toEqual([])
  })

  it('in Alipay’s browser a person goes by way of Alipay’s page and back, the same each time', async () => {
    const way = await (await fetch(`${bff.url}/api/login-way?platform=alipay-h5`)).json()
    expect(way).toEqual({ way: 'page', page: '/login/alipay' })
    const payers = []
    for (const person of ['li', 'li', 'wang']) {
      const jar = new Map([['alipay', person]])
      const off = await hop(`${bff.url}/login/alipay?to=/q/M0001`, jar)
      const from = await hop(off.location, jar)
      expect(await hop(from.location, jar)).toMatchObject({ status: 302, location: '/q/M0001' })
      payers.push(payerOf({ body: handed(jar) }))
      const said = new URL(from.location).searchParams.get('auth_code')!
      const ids = Object.values(alipay.platform.idsOf(ALIPAY_APP, person))
      for (const secret of [said, ...ids]) expect(logged.filter((line) => line.includes(secret))).toEqual([])
    }
    expect(payers[0]).toBe(payers[1])
    expect(payers[2]).not.toBe(payers[0])
  })

  it('one platform’s way back is worth nothing at another’s', async () => {
    const jar = browserOf('li')
    const from = new URL((await sent(jar)).location)
    const query = `auth_code=${alipay.platform.code(ALIPAY_APP, 'li')}&state=${from.searchParams.get('state')}`
    await hop(`${bff.url}/login/alipay/back?${query}`, jar)
    expect(handed(jar)).toEqual({ refused: 'login-code-refused' })
  })

  it('a way that isn’t there leads nowhere', async () => {
    for (const path of [
      '/login/unionpay?to=/q/M0001',
      '/login/unionpay/back?code=a&state=b',
      '/login/__proto__?to=/q/M0001',
    ])
      expect((await fetch(bff.url + path, { redirect: 'manual' })).status).toBe(404)
  })

  it('who comes back refused, or without an answer of WeChat’s, is at the shop all the same and told which', async () => {
    for (const [prepare, refused] of [
      [() => wechat.platform.blocked.add('li'), 'login-blocked'],
      [() => wechat.platform.busy.push(-1), 'login-unavailable'],
      [() => wechat.platform.busy.push(45011), 'login-too-often'],
      [() => wechat.platform.snapshots.add('li'), 'login-code-refused'],
    ] as const) {
      wechat.platform.blocked.clear()
      const jar = browserOf('li')
      const from = await sent(jar, '/#/pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B')
      prepare()
      const back = await hop(from.location, jar)
      expect([back.location, handed(jar)]).toEqual([
        '/#/pages/result/index?orderNo=F20261120-7K3M-92QX-4T8B',
        { refused },
      ])
    }
    wechat.platform.blocked.clear()
    wechat.platform.snapshots.clear()
  })

  it.each([
    '//evil.example',
    'https://evil.example/q/M0001',
    '/q/../admin',
    '/q/M0001?next=//evil.example',
    '/admin/oidc/start',
    '/#/console/login/index',
    '/\\evil.example',
    'javascript:alert(1)',
    '/q/M0001\r\nSet-Cookie: a=b',
    '',
  ])('leads to no place but our own: %j', async (to) => {
    const reply = await fetch(`${bff.url}/login/wechat?to=${encodeURIComponent(to)}`, { redirect: 'manual' })
    expect([reply.status, ((await reply.json()) as Answer).field]).toEqual([400, 'to'])
    expect(reply.headers.getSetCookie()).toEqual([])
  })

  it('with twice of anything, or rubbish, it is refused and nothing breaks', async () => {
    for (const query of [
      '',
      'code=a&code=b&state=c&state=d',
      'code=%00&state=%00',
      `code=${'x'.repeat(4_000)}&state=y`,
    ]) {
      const reply = await fetch(`${bff.url}/login/wechat/back?${query}`, { redirect: 'manual' })
      expect([reply.status, reply.headers.get('location')]).toEqual([302, '/'])
    }
  })
})
