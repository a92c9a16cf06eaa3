import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startTestAlipay } from '../../harness/alipay'
import { startTestLedger } from '../../harness/ledger'
import { TYPESCRIPT } from '../../harness/typescript'
import { generateBankKeys } from '../../server/channel/bank/sign'
import { readConfig } from '../../server/config'
import { generateWechatpayKeys, publicOf } from '../../server/sandbox/wechatpay/keys'
import { configFaults } from '../support/config-faults'

const keys = generateBankKeys()
const GOOD = {
  MASTER_KEY: 'ab'.repeat(32),
  BANK_URL: 'https://bank.example/gateway',
  BANK_KEY_ID: 'fapai',
  BANK_PRIVATE_KEY: keys.client.privateKey,
  BANK_PUBLIC_KEY: keys.bank.publicKey,
}

const names = (env: NodeJS.ProcessEnv) => configFaults(env).map((fault) => fault.split(':')[0])

describe('the configuration', () => {
  it('needs the keys and the bank alone; everything else has a default', () => {
    const config = readConfig(GOOD)
    expect(config).toMatchObject({ port: 8787, host: '127.0.0.1', production: false, databaseUrl: undefined })
    expect(config.masterKey).toEqual(Buffer.from(GOOD.MASTER_KEY, 'hex'))
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ ...GOOD, PORT: '', REDIS_URL: '' })).toMatchObject({ port: 8787, redisUrl: undefined })
    expect(names({ ...GOOD, MASTER_KEY: '' })).toEqual(['MASTER_KEY'])
  })

  it('tells nobody outside of the console unless it is told where, and only where a secret may go', () => {
    const [url, secret] = ['https://bank.example/fapai', '5a'.repeat(32)]
    expect(readConfig(GOOD).notify).toEqual({ webhook: null, wecomUrl: null })
    const told = { NOTIFY_WEBHOOK_URL: url, NOTIFY_WEBHOOK_SECRET: secret, NOTIFY_WECOM_URL: `${url}?key=k` }
    expect(readConfig({ ...GOOD, ...told }).notify).toEqual({
      webhook: { url, secret: Buffer.from(secret, 'hex') },
      wecomUrl: `${url}?key=k`,
    })
    expect(names({ ...GOOD, NOTIFY_WEBHOOK_URL: url })).toEqual(['NOTIFY_WEBHOOK_SECRET'])
    expect(names({ ...GOOD, NOTIFY_WEBHOOK_SECRET: secret })).toEqual(['NOTIFY_WEBHOOK_URL'])
    expect(names({ ...GOOD, ...told, NOTIFY_WEBHOOK_SECRET: 'short' })).toEqual(['NOTIFY_WEBHOOK_SECRET'])
    for (const wrong of ['http://bank.example', 'ftp://127.0.0.1', 'bank.example'])
      expect(names({ ...GOOD, ...told, NOTIFY_WECOM_URL: wrong })).toEqual(['NOTIFY_WECOM_URL'])
  })

  it('has a password for sentinels, and for nothing else', () => {
    const told = { ...GOOD, REDIS_SENTINEL_PASSWORD: 'secret' }
    const sentinel = 'rediss+sentinel://:other@a:26379/street'
    expect(readConfig(GOOD).redisSentinelPassword).toBeUndefined()
    expect(readConfig({ ...told, REDIS_URL: sentinel })).toMatchObject({ redisSentinelPassword: 'secret' })
    for (const url of [undefined, 'redis://a', 'redis+cluster://a:1'])
      expect(names({ ...told, REDIS_URL: url })).toEqual(['REDIS_SENTINEL_PASSWORD'])
  })

  it('takes the stores’ clock to be ahead for tests alone', () => {
    expect(readConfig({ ...GOOD, CLOCK_SHIFT_MS: '-86400000' }).clockShiftMs).toBe(-86_400_000)
  })

  it('names the proxies whose word it takes, and no network that strangers are in', () => {
    const proxies = (text: string) => configFaults({ ...GOOD, TRUSTED_PROXIES: text })
    expect(readConfig(GOOD).trustedProxies).toEqual([])
    expect(readConfig({ ...GOOD, TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1 fd00::/16' }).trustedProxies).toHaveLength(3)
    for (const wrong of [
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/7',
      '10.0.0.1/8',
      'fc00::/7',
      'proxy.internal',
      '10.0.0.0/8;::1',
    ])
      expect(proxies(wrong)).toEqual([expect.stringMatching(/^TRUSTED_PROXIES: /)])
  })

  it('lists every fault at once, each by the name of its variable', () => {
    expect(names({}).sort()).toEqual(['BANK_KEY_ID', 'BANK_PRIVATE_KEY', 'BANK_PUBLIC_KEY', 'BANK_URL', 'MASTER_KEY'])
    const bad = {
      NODE_ENV: 'staging',
      PORT: '70000',
      DATABASE_URL: 'mysql://host/db',
      DATABASE_POOL: 'many',
      MASTER_KEY: 'short',
      BANK_URL: 'ftp://bank.example',
      BANK_KEY_ID: 'fapai',
      BANK_PRIVATE_KEY: 'x',
      BANK_PUBLIC_KEY: `05${'0'.repeat(128)}`,
      BANK_TIMEOUT_MS: '5.5',
      LEASE_TTL_MS: '2000',
      LEASE_MARGIN_MS: '2000',
      SESSION_TTL_MS: '1',
      STATIC_CODE_DAILY_LIMIT_FEN: '-1',
      LOG_LEVEL: 'loud',
    }
    const { BANK_KEY_ID: _, LEASE_TTL_MS: __, ...faulty } = bad
    expect(names(bad).sort()).toEqual(Object.keys(faulty).sort())
  })

  it('is no sandbox unless it is told so, and a sandbox serves this machine alone', () => {
    expect(readConfig(GOOD).sandbox).toBe(false)
    expect(readConfig({ ...GOOD, SANDBOX: 'on' }).sandbox).toBe(true)
    expect(names({ ...GOOD, SANDBOX: 'yes' })).toEqual(['SANDBOX'])
    for (const HOST of ['127.0.0.1', '127.1.2.3', 'localhost', '::1'])
      expect([HOST, ...names({ ...GOOD, SANDBOX: 'on', HOST })]).toEqual([HOST])
    for (const HOST of ['0.0.0.0', '::', '10.0.0.7', 'bff.bank.example', '127.0.0.1.nip.io', ' 127.0.0.1'])
      expect([HOST, ...names({ ...GOOD, SANDBOX: 'on', HOST })]).toEqual([HOST, 'HOST'])
    expect(names({ ...GOOD, HOST: '0.0.0.0' })).toEqual([])
  })

  it('is easy where it is a sandbox, and told so', () => {
    const easy = { ...GOOD, SANDBOX_EASY: 'on' }
    expect(readConfig({ ...GOOD, SANDBOX: 'on' }).channels.bank.easy).toBe(false)
    expect(readConfig({ ...easy, SANDBOX: 'on' }).channels.bank.easy).toBe(true)
    expect([names(easy), names({ ...GOOD, SANDBOX_CODE: '000000' })]).toEqual([['SANDBOX_EASY'], ['SANDBOX_CODE']])
    for (const SANDBOX_CODE of ['12345', '1234567', 'abcdef'])
      expect(names({ ...GOOD, SANDBOX: 'on', SANDBOX_CODE })).toEqual(['SANDBOX_CODE'])
  })

  it('reaches the bank encrypted, or on this machine, and may know two keys of it', () => {
    for (const BANK_URL of ['http://127.0.0.1:1/x', 'http://localhost', 'http://[::1]:8', 'https://bank.example'])
      expect([BANK_URL, ...names({ ...GOOD, BANK_URL })]).toEqual([BANK_URL])
    for (const BANK_URL of ['http://bank.example', 'http://10.0.0.7', 'http://127.0.0.1.nip.io', 'ws://localhost'])
      expect([BANK_URL, ...names({ ...GOOD, BANK_URL })]).toEqual([BANK_URL, 'BANK_URL'])
    const next = generateBankKeys().bank.publicKey
    expect(readConfig({ ...GOOD, BANK_PUBLIC_KEY_NEXT: next }).channels.bank.bankPublicKeyNext).toBe(next)
    expect(names({ ...GOOD, BANK_PUBLIC_KEY_NEXT: 'x' })).toEqual(['BANK_PUBLIC_KEY_NEXT'])
  })

  it('takes an app of WeChat’s and its secret together', () => {
    const [id, secret] = ['wx0123456789abcdef', 'a'.repeat(32)]
    expect(readConfig(GOOD).wechat).toMatchObject({ weapp: null, page: null })
    expect(readConfig({ ...GOOD, WECHAT_APPID: id, WECHAT_SECRET: secret }).wechat).toMatchObject({
      weapp: { appId: id, secret, baseUrl: 'https://api.weixin.qq.com' },
      page: null,
    })
    expect(names({ ...GOOD, WECHAT_APPID: id })).toEqual(['WECHAT_APPID'])
    expect(names({ ...GOOD, WECHAT_PAGE_SECRET: secret })).toEqual(['WECHAT_PAGE_APPID'])
    const page = { WECHAT_PAGE_APPID: id, WECHAT_PAGE_SECRET: secret }
    expect(names({ ...GOOD, ...page })).toEqual(['PUBLIC_URL'])
    expect(names({ ...GOOD, ...page, PUBLIC_URL: 'http://pay.bank.example' })).toEqual(['PUBLIC_URL'])
    expect(readConfig({ ...GOOD, ...page, PUBLIC_URL: 'https://pay.bank.example/' }).publicUrl).toBe(
      'https://pay.bank.example',
    )
    expect(names({ ...GOOD, WECHAT_APPID: 'touristappid', WECHAT_SECRET: secret })).toEqual(['WECHAT_APPID'])
    expect(names({ ...GOOD, WECHAT_API_URL: 'http://api.weixin.qq.com' })).toEqual(['WECHAT_API_URL'])
  })

  it('takes WeChat Pay whole or not at all, with an app that payers are known by and an address to be told at', () => {
    const { mchId, serial, clientKey, apiV3Key, publicKeyId, platformKey } = generateWechatpayKeys()
    const wallet = {
      WECHATPAY_MCHID: mchId,
      WECHATPAY_SERIAL: serial,
      WECHATPAY_PRIVATE_KEY: clientKey,
      WECHATPAY_API_V3_KEY: apiV3Key,
      WECHATPAY_PUBLIC_KEY_ID: publicKeyId,
      WECHATPAY_PUBLIC_KEY: publicOf(platformKey),
    }
    const app = { WECHAT_APPID: 'wx0123456789abcdef', WECHAT_SECRET: 'ab'.repeat(16) }
    const whole = { ...GOOD, ...wallet, ...app, PUBLIC_URL: 'https://pay.example' }
    expect(readConfig(GOOD).channels.wechatpay).toBeUndefined()
    expect(readConfig(whole).channels.wechatpay).toMatchObject({
      mchId,
      appIds: [app.WECHAT_APPID],
      notifyUrl: 'https://pay.example/channel/wechatpay/notify',
      publicKey: { id: publicKeyId },
      reconcileFromMs: 10.5 * 3_600_000,
    })
    expect(names({ ...GOOD, ...wallet }).sort()).toEqual(['PUBLIC_URL', 'WECHAT_APPID'])
    expect(readConfig({ ...GOOD, ...wallet, SANDBOX: 'on' }).channels.wechatpay?.appIds).toHaveLength(1)
    for (const name of ['WECHATPAY_MCHID', 'WECHATPAY_SERIAL', 'WECHATPAY_PRIVATE_KEY', 'WECHATPAY_API_V3_KEY'])
      expect(names({ ...whole, [name]: '' })).toEqual([name])
    expect(names({ ...whole, WECHATPAY_PUBLIC_KEY: '' })).toEqual(['WECHATPAY_PUBLIC_KEY_ID'])
    expect(names({ ...whole, WECHATPAY_API_V3_KEY: apiV3Key.slice(16) })).toEqual(['WECHATPAY_API_V3_KEY'])
    expect(names({ ...whole, WECHATPAY_URL: 'http://pay.example' })).toEqual(['WECHATPAY_URL'])
  })

  it('refuses a quote that would outlive its lease', () => {
    expect(names({ ...GOOD, LEASE_TTL_MS: '10000', LEASE_MARGIN_MS: '10000' })).toEqual(['LEASE_MARGIN_MS'])
    expect(names({ ...GOOD, LEASE_TTL_MS: '10000', LEASE_MARGIN_MS: '9999' })).toEqual([])
    expect(names({ ...GOOD, LEASE_TTL_MS: '5000' })).toEqual(['LEASE_MARGIN_MS'])
    expect(names({ ...GOOD, DRAIN_MS: '15000' })).toEqual(['DRAIN_MS'])
    expect(names({ ...GOOD, DRAIN_MS: '15000', SHUTDOWN_MS: '15001' })).toEqual([])
  })

  it('lets no hidden character into what payers read', () => {
    expect(names({ ...GOOD, BANK_NAME: '某\u202e银行', OIDC_NAME: '\u200b' })).toEqual(['OIDC_NAME', 'BANK_NAME'])
    expect(names({ ...GOOD, BANK_COMPLAINTS: '打\u202e电话' })).toEqual(['BANK_COMPLAINTS'])
    expect(readConfig({ ...GOOD, BANK_NAME: '\u3000某银行 ' }).bankName).toBe('某银行')
  })

  it('takes the keys that the master key replaced, each a key', () => {
    const [one, other] = ['cd'.repeat(32), 'ef'.repeat(32)]
    expect(readConfig(GOOD).previousMasterKeys).toEqual([])
    const { previousMasterKeys } = readConfig({ ...GOOD, MASTER_KEYS_PREVIOUS: `${one}, ${other},` })
    expect(previousMasterKeys.map((key) => key.toString('hex'))).toEqual([one, other])
    expect(names({ ...GOOD, MASTER_KEYS_PREVIOUS: `${one},short` })).toEqual(['MASTER_KEYS_PREVIOUS.1'])
  })

  it('takes single sign-on whole or not at all, and no unencrypted way but on this machine', () => {
    const oidc = {
      OIDC_ISSUER: 'https://login.example',
      OIDC_CLIENT_ID: 'fapai',
      OIDC_CLIENT_SECRET: 'secret',
      OIDC_REDIRECT_URL: 'https://fapai.example/admin/oidc/callback',
    }
    expect(readConfig(GOOD).oidc).toBeNull()
    expect(readConfig({ ...GOOD, ...oidc }).oidc).toMatchObject({ issuer: oidc.OIDC_ISSUER, name: '行内统一登录' })
    expect(names({ ...GOOD, OIDC_ISSUER: oidc.OIDC_ISSUER })).toEqual(Object.keys(oidc).slice(1))
    for (const url of ['http://login.example', 'login.example', 'ftp://127.0.0.1'])
      expect(names({ ...GOOD, ...oidc, OIDC_ISSUER: url })).toEqual(['OIDC_ISSUER'])
    expect(names({ ...GOOD, ...oidc, OIDC_ISSUER: 'http://127.0.0.1:9000' })).toEqual([])
  })

  it('takes a database at one host, and says so to whoever names several', () => {
    const faults = (url: string) => configFaults({ ...GOOD, DATABASE_URL: url })
    for (const url of ['postgres://db/x', 'postgres://u:a,b@db:5432/x', 'postgres:///x?host=/run/pg'])
      expect([url, ...faults(url)]).toEqual([url])
    for (const url of [
      'postgres://one,two/x',
      'postgres://u:p@one:5432,two:5432/x?target_session_attrs=read-write',
      'postgres:///x?host=one,two',
      'postgres:///x?sslmode=verify-full&host=one%2Ctwo',
    ])
      expect([url, ...faults(url)]).toEqual([url, expect.stringMatching(/^DATABASE_URL: must name one host, /)])
    expect(faults('postgres://one:port/x')).toEqual([expect.stringMatching(/^DATABASE_URL: must be postgres:/)])
  })

  it('never says a value, secret or not', () => {
    const secret = 'do-not-print-this'
    const variables = [...Object.keys(GOOD), 'PORT', 'DATABASE_POOL', 'BANK_TIMEOUT_MS', 'LOG_LEVEL', 'NODE_ENV']
    const env = Object.fromEntries(variables.map((name) => [name, secret]))
    const text = configFaults({ ...env, DATABASE_URL: `postgres://user:${secret}@host:port/db` }).join('\n')
    expect(text).toContain('MASTER_KEY')
    expect(text).toContain('DATABASE_URL')
    expect(text).not.toContain(secret)
  })
})

describe('outside of production', () => {
  it('a process kills itself only at a point that there is', () => {
    expect(readConfig({ ...GOOD, CRASH_AT: 'after-open' }).crashAt).toBe('after-open')
    expect(readConfig(GOOD).crashAt).toBeUndefined()
    expect(names({ ...GOOD, CRASH_AT: 'somewhere' })).toEqual(['CRASH_AT'])
  })

  it('the operators of the sandbox have a password of some length, and come with the sandbox alone', () => {
    const sandbox = { ...GOOD, SANDBOX: 'on' }
    expect(readConfig({ ...sandbox, SANDBOX_PASSWORD: 'long-enough' }).sandboxPassword).toBe('long-enough')
    expect(names({ ...sandbox, SANDBOX_PASSWORD: 'short' })).toEqual(['SANDBOX_PASSWORD'])
    expect(names({ ...GOOD, SANDBOX_PASSWORD: 'long-enough' })).toEqual(['SANDBOX_PASSWORD'])
  })
})

describe('a start that fails', () => {
  let dataDir: string
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'fapai-start-'))
  })
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

  /** Starts the server on its own and waits until it has ended. */
  async function start(env: NodeJS.ProcessEnv) {
    const child = fork(resolve(__dirname, '../../server/main.ts'), {
      env: { PATH: process.env.PATH, ...TYPESCRIPT, DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let stderr = ''
    child.stderr!.on('data', (part) => {
      stderr += part
    })
    const messages: unknown[] = []
    child.on('message', (message) => messages.push(message))
    const stuck = setTimeout(() => child.kill('SIGKILL'), 280_000)
    const [code] = await once(child, 'close')
    clearTimeout(stuck)
    return { code, stderr, messages }
  }

  it('for its configuration prints the faults without a stack, tells its parent, and ends', async () => {
    const { code, stderr, messages } = await start({ ...GOOD, PORT: 'x', LOG_LEVEL: 'loud' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/PORT: .*\n.*LOG_LEVEL: /)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(messages).toEqual([{ kind: 'failed', message: expect.stringContaining('PORT') }])
  })

  it('for a port in use ends too, and leaves nothing running', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const ledger = await startTestLedger(dataDir)
    const { code, messages } = await start({ ...GOOD, ...ledger.env, PORT: String(port) })
    other.close()
    await ledger.stop()
    expect(code).toBe(1)
    expect(messages).toEqual([
      { kind: 'failed', message: expect.stringMatching(/^port \d+ is in use by another program/) },
    ])
  })

  it('takes Alipay’s key or certificates that fit one another, and says which doesn’t', async () => {
    const theirs = await startTestAlipay(Date.now, true)
    const dir = mkdtempSync(join(tmpdir(), 'fapai-certificates-'))
    const written = (name: string, text: string) => {
      writeFileSync(join(dir, name), text)
      return join(dir, name)
    }
    const { app, alipay, root } = theirs.certificates!
    const files = {
      ALIPAY_APP_CERT_FILE: written('app', app),
      ALIPAY_CERT_FILE: written('alipay', alipay),
      ALIPAY_ROOT_CERT_FILE: written('root', root),
    }
    const own = { ...GOOD, ALIPAY_APP_ID: '2021000000000001', ALIPAY_PRIVATE_KEY: theirs.privateKey }
    const certified = { ...own, ...files, PUBLIC_URL: 'https://pay.example' }
    const seller = { ALIPAY_SELLER_ID: '2088102146225135', ALIPAY_APP_AUTH_TOKEN: '202611BB0123456789' }
    const { alipay: read } = readConfig({ ...certified, ...seller, ALIPAY_OP_APP_ID: '2021000000000002' }).channels
    expect(read).toMatchObject({
      alipayCertSn: theirs.config.alipayCertSn,
      besides: { ...theirs.config.besides, app_auth_token: '202611BB0123456789' },
      opAppId: '2021000000000002',
    })
    expect(readConfig(certified).alipay).toMatchObject({ besides: theirs.config.besides })
    expect(names(own)).toContain('ALIPAY_PUBLIC_KEY')
    expect(names({ ...certified, ALIPAY_PUBLIC_KEY: theirs.publicKey })).toEqual(['ALIPAY_PUBLIC_KEY'])
    expect(names({ ...certified, ALIPAY_CERT_FILE: '' })).toEqual(['ALIPAY_CERT_FILE'])
    expect(names({ ...certified, ALIPAY_CERT_FILE: files.ALIPAY_APP_CERT_FILE })).toEqual([])
    expect(names({ ...certified, ALIPAY_APP_CERT_FILE: files.ALIPAY_ROOT_CERT_FILE })).toEqual(['ALIPAY_APP_CERT_FILE'])
    expect(names({ ...certified, ALIPAY_ROOT_CERT_FILE: written('x', 'x') })).toEqual(['ALIPAY_ROOT_CERT_FILE'])
    expect(names({ ...GOOD, ...files })).toEqual(['ALIPAY_APP_ID'])
    await theirs.stop()
    rmSync(dir, { recursive: true })
  })

  it('takes WeChat’s message with its words, and a receipt’s key with WeChat Pay', () => {
    const weapp = { ...GOOD, WECHAT_APPID: `wx${'0'.repeat(16)}`, WECHAT_SECRET: 'a'.repeat(32) }
    const fields = 'shop=thing1,date=date2,count=number3,amount=amount4'
    const message = { WECHAT_MESSAGE_TEMPLATE: 'template-of-the-day-00001', WECHAT_MESSAGE_FIELDS: fields }
    expect(readConfig({ ...weapp, ...message }).wechat.message).toEqual({
      templateId: 'template-of-the-day-00001',
      fields: { shop: 'thing1', date: 'date2', count: 'number3', amount: 'amount4' },
    })
    expect(readConfig(weapp).wechat.message).toBeNull()
    expect(names({ ...GOOD, ...message })).toEqual(['WECHAT_APPID'])
    expect(names({ ...weapp, WECHAT_MESSAGE_FIELDS: fields })).toEqual(['WECHAT_MESSAGE_TEMPLATE'])
    for (const wrong of ['shop=thing1', 'date=date2,shop=thing1,count=number3,amount=amount4', 'x'])
      expect(names({ ...weapp, ...message, WECHAT_MESSAGE_FIELDS: wrong })).toEqual(['WECHAT_MESSAGE_FIELDS'])
    expect(names({ ...GOOD, WECHATPAY_API_V2_KEY: 'a'.repeat(32) })).toEqual(['WECHATPAY_MCHID'])
  })
})
