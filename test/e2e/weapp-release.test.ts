import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import vm from 'node:vm'
import { challengeOf, signed, signViewOf } from '../support/signing'
import { agreements, arrivalOf, bff, orderOf, quoteOf, summaryOf } from '../support/taro-bff'
import { buildWeapp, textFiles } from '../support/weapp-build'
import { startWeapp, type Weapp } from '../support/weapp-harness'
import type { WeappServer } from '../support/weapp-wx'

const ORIGIN = 'https://pay.bank.example'
const APP_ID = 'wx0123456789abcdef'

/** What WeChat's documents name as keys of app.json, as far as we use them; it warns of any it doesn't know. */
const APP_KEYS = ['pages', 'window', 'darkmode', 'themeLocation', 'lazyCodeLoading', 'style', 'sitemapLocation']
/** What needs a declaration in the privacy guide: a person's telephone, place, pictures, address, clipboard, … */
const PRIVATE =
  /\b(getPhoneNumber|getRealtimePhoneNumber|chooseAvatar|getUserProfile|getLocation|getFuzzyLocation|chooseLocation|choosePoi|chooseAddress|chooseInvoice|chooseLicensePlate|chooseMedia|chooseImage|chooseContact|chooseMessageFile|saveImageToPhotosAlbum|getWeRunData|getClipboardData|setClipboardData|startRecord|openBluetoothAdapter)\b/

let packageDir = ''
beforeAll(async () => {
  packageDir = await buildWeapp({ FAPAI_API_ORIGIN: `${ORIGIN}/`, FAPAI_APPID: APP_ID })
})
afterAll(() => rmSync(packageDir, { recursive: true, force: true }))

const json = (file: string) => JSON.parse(readFileSync(path.join(packageDir, file), 'utf8'))

describe('a release of the mini-program', () => {
  it('is uploaded under its own appid, and calls one https origin that WeChat checks', () => {
    expect(json('project.config.json')).toMatchObject({
      appid: APP_ID,
      miniprogramRoot: './',
      setting: { urlCheck: true, minified: true, minifyWXML: true, minifyWXSS: true },
    })
    const built = textFiles(packageDir)
      .map(({ text }) => text)
      .join('\n')
    expect(built).toContain(ORIGIN)
    expect(built.match(/https?:\/\/[^"'`/\s)]*(127\.0\.0\.1|localhost)[^"'`\s)]*/g)).toBeNull()
  })

  it('holds no sandbox log-in', () => {
    const files = textFiles(packageDir)
    expect(files.filter(({ text }) => /touristappid|payer-\$\{|"payer-"|"merchant-"|merchant-\$\{/.test(text))).toEqual(
      [],
    )
  })

  it('names in app.json only what WeChat knows, and each file that is named is there', () => {
    const app = json('app.json')
    expect(Object.keys(app).filter((key) => !APP_KEYS.includes(key))).toEqual([])
    expect(app).toMatchObject({ lazyCodeLoading: 'requiredComponents', style: 'v2' })
    for (const page of app.pages)
      for (const part of ['js', 'json', 'wxml'])
        expect([page, part, existsSync(path.join(packageDir, `${page}.${part}`))]).toEqual([page, part, true])
    expect(json(app.themeLocation)).toMatchObject({ light: {}, dark: {} })
    const { rules } = json(app.sitemapLocation) as { rules: { action: string; page: string }[] }
    const [first, ...others] = rules
    expect(first).toEqual({ action: 'allow', page: app.pages[0] })
    expect(others).toEqual([{ action: 'disallow', page: '*' }])
  })

  it('asks for nothing that the privacy guide would have to declare', () => {
    const src = textFiles(path.resolve(__dirname, '../../src'))
    expect(src.filter(({ text }) => PRIVATE.test(text)).map(({ name }) => name)).toEqual([])
  })
})

describe('WeChat’s own compilers', () => {
  const { wxmlToJs, wxssToJs } = require('miniprogram-compiler') as {
    wxmlToJs(root: string, options?: { maxBuffer: number }): string
    wxssToJs(root: string, options?: { maxBuffer: number }): string
  }
  /** base.wxml alone compiles to several megabytes; the default is one. */
  const maxBuffer = 64 * 1024 * 1024

  /** What they make runs in WeChat's web view. */
  const inView = (code: string) =>
    vm.runInNewContext(`(function (global) { ${code} })({})`, {
      window: { screen: {} },
      navigator: { userAgent: 'iPhone' },
      document: {
        head: { appendChild() {} },
        createElement: () => ({ childNodes: [], setAttribute() {}, appendChild() {} }),
        createTextNode: () => ({}),
      },
      console,
    })

  it('take every WXML of it, and what they make of a page renders', () => {
    const $gwx = inView(wxmlToJs(packageDir, { maxBuffer }))
    for (const page of json('app.json').pages as string[]) {
      const render = $gwx(`./${page}.wxml`) ?? $gwx(`${page}.wxml`)
      expect(render({ root: { cn: [] } })).toMatchObject({ tag: 'wx-page' })
    }
  })

  it('take every WXSS of it', () => {
    // app.wxss takes in the others that are no page's
    const styleOf = inView(wxssToJs(packageDir, { maxBuffer }))
    const pages = (json('app.json').pages as string[]).map((page) => `${page}.wxss`)
    for (const name of ['app.wxss', ...pages]) expect([name, typeof styleOf(name)]).toEqual([name, 'function'])
  })
})

describe('a release in WeChat’s hands', () => {
  let weapp: Weapp
  afterEach(() => weapp.stop())

  async function until(what: string, holds: () => boolean) {
    const deadline = Date.now() + 60_000
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  /** A server of these routes that remembers what it was asked. */
  function start(routes: Parameters<typeof bff>[0]) {
    const asked: { method: string; path: string; body: unknown; header: Record<string, string> }[] = []
    const answer = bff(routes)
    const server: WeappServer = async ({ method, url, body, header }) => {
      expect(url.startsWith(`${ORIGIN}/`)).toBe(true)
      const request = { method, path: url.slice(ORIGIN.length), body, header }
      asked.push(request)
      const given = await answer(request)
      if (typeof given === 'string') throw new Error(given)
      return { status: given.status ?? 200, data: given.data }
    }
    weapp = startWeapp(packageDir, server)
    return (route: string) => asked.filter(({ method, path: at }) => `${method} ${at.split('?')[0]}` === route)
  }

  const url = `${ORIGIN}/q/M0001`
  it.each([
    ['q', { q: encodeURIComponent(url), scancode_time: '1795851600' }],
    ['q, encoded twice by an old client', { q: encodeURIComponent(encodeURIComponent(url)) }],
    ['scene', { scene: 'M0001' }],
    ['scene, encoded', { scene: encodeURIComponent('m=M0001') }],
  ])('a scan that arrives as %s: logs in by WeChat’s code, pays, sees the result', async (_, query) => {
    const of = start({
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
      'POST /api/orders': () => ({ data: orderOf() }),
      'GET /api/orders/F20261120-7K3M-92QX-4T8B': () => ({ data: orderOf() }),
    })
    const page = await weapp.open('pages/pay/index', query)
    await until('the merchant', () => page.text('head') === '面老街牛肉面城南支行特惠商户 · M0001大字')
    for (const key of ['1', '0', '0']) page.tap(key)
    await until('the quote', () => page.text('key--pay') === '付款¥95.00')
    page.tap('付款 95.00 元')
    await until('the result', () => weapp.page().route === 'pages/result/index')
    await until('the order', () => weapp.page().text('verdict') === '支付成功¥95.00已优惠 ¥5.00')
    expect(of('POST /api/session').map(({ body }) => body)).toEqual([{ platform: 'weapp', code: 'weapp-code-1' }])
    expect(of('POST /api/orders')).toHaveLength(1)
  })

  it('a new payer signs an account, pays by the bank’s code and sees the result, from the sheet after a wrong one too', async () => {
    const NO = 'F20261120-7K3M-92QX-4T8B'
    let bound = false
    let paid = false
    const asking = (more = {}) => orderOf({ state: 'paying', endedAt: null, action: challengeOf(more) })
    const of = start({
      'GET /api/agreements': () => ({ data: bound ? agreements : { items: [] } }),
      'POST /api/agreements': () => ({ data: signViewOf({ action: challengeOf() }) }),
      [`POST /api/agreements/${signed.signNo}/confirm`]: () => {
        bound = true
        return { data: signed }
      },
      'POST /api/quotes': ({ body }) => ({ data: quoteOf((body as { amountFen: number }).amountFen) }),
      'POST /api/orders': () => ({ data: asking() }),
      [`GET /api/orders/${NO}`]: () => ({ data: paid ? orderOf({ verification: 'sms' }) : asking() }),
      [`POST /api/orders/${NO}/confirm`]: ({ body }) => {
        paid = (body as { proof: string }).proof === '000000'
        return { data: paid ? orderOf({ verification: 'sms' }) : asking({ attemptsLeft: '2', lastProof: 'wrong' }) }
      },
    })
    const page = await weapp.open('pages/pay/index', { q: encodeURIComponent(url) })
    await until('the merchant', () => page.text('head').startsWith('面老街牛肉面'))
    for (const key of ['1', '0', '0']) page.tap(key)
    await until('the quote', () => page.text('key--pay') === '签约付款¥95.00')
    page.tap('签约付款 95.00 元')
    await until('the form', () => weapp.page().text('sign__title') === '添加付款账户')
    const sign = weapp.page()
    sign.type('卡号或账号', '6222020012345678')
    sign.type('姓名', '张三')
    sign.type('银行预留手机号', '13812345678')
    sign.tap('同意把以上信息交给银行核对，并在我每次确认后从该账户付款。可随时解约')
    await until('the next step', () =>
      sign.views().some(({ text, attributes }) => text === '下一步' && !attributes['aria-disabled']),
    )
    sign.tap('下一步')
    await until('the code', () => sign.text('challenge__where') === '短信验证码已发送到 138****5678')
    sign.type('6 位短信验证码', '000000')
    await until('six digits', () => sign.text('code') === '000000')
    sign.tap('确认签约')

    await until('the counter again', () => weapp.page().route === 'pages/pay/index')
    await until('the account', () => page.text('method').startsWith('南南城银行 (6217)'))
    expect(page.text('amount__line')).toBe('¥100')
    await until('the quote again', () => page.text('key--pay') === '付款¥95.00')
    page.tap('付款 95.00 元')
    await until('the sheet', () => weapp.page().text('confirm__payee') === '向 老街牛肉面 付款')
    const sheet = weapp.page()
    sheet.type('6 位短信验证码', '111111')
    await until('six digits', () => sheet.text('code') === '111111')
    sheet.tap('确认付款 ¥95.00')
    await until('the wrong one', () => sheet.text('challenge__said') === '验证码不对，还可以试 2 次')
    sheet.type('6 位短信验证码', '000000')
    await until('six digits', () => sheet.text('code') === '000000')
    sheet.tap('确认付款 ¥95.00')
    await until('the result', () => sheet.text('verdict') === '支付成功¥95.00已优惠 ¥5.00')
    expect(of('POST /api/orders')[0]?.body).toMatchObject({ agreementId: 'a1' })
    // a mini-program has no address that the bank's page could lead back to, and keeps nothing of what was typed
    expect(of('POST /api/agreements')[0]?.body).toEqual({
      account: '6222020012345678',
      name: '张三',
      phone: '13812345678',
    })
    expect(JSON.stringify([...weapp.storage])).not.toMatch(/6222|张三|1381234/)
  })

  it('opened without a code: nobody is logged in, a foreign code is said to be one, ours opens the counter', async () => {
    const of = start({})
    const page = await weapp.open('pages/pay/index', {})
    await until('the way in', () => page.text('way__title') === '扫店里的收款码付款')
    page.tap('扫一扫')
    weapp.scans.push({ result: 'https://elsewhere.example/q/M0001' })
    page.tap('扫一扫')
    await until('the refusal', () => page.text('way__said').startsWith('这不是本行商户的收款码'))
    expect(of('POST /api/session')).toEqual([])
    weapp.scans.push({ result: url })
    page.tap('扫一扫')
    await until('the merchant', () => weapp.page().text('head').startsWith('面老街牛肉面'))
  })

  it('a code that WeChat doesn’t vouch for is asked for once more, and never sent again', async () => {
    let refused = 0
    const of = start({
      'POST /api/session': () =>
        refused++ === 0
          ? { status: 401, data: { status: 401, code: 'login-code-refused' } }
          : { data: { token: 'token-1', expiresAt: new Date(Date.now() + 3_600_000).toISOString() } },
    })
    const page = await weapp.open('pages/pay/index', { q: encodeURIComponent(url) })
    await until('the second log-in', () => of('POST /api/session').length === 2)
    await until('the merchant', () => page.text('head').startsWith('面老街牛肉面'))
    const codes = of('POST /api/session').map(({ body }) => (body as { code: string }).code)
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('a merchant’s socket opens over TLS, breaks, and comes back with what was missed; out of sight and back as well', async () => {
    const items = [arrivalOf('F20261120-7K3M-92QX-92QX', '2026-11-20T04:08:31.000Z')]
    const of = start({
      'GET /api/merchant/summary': () => ({ data: summaryOf() }),
      'GET /api/merchant/orders': () => ({ data: { items } }),
    })
    const page = await weapp.open('pages/merchant/index', {})
    await until('the socket', () => weapp.sockets.length === 1)
    expect(weapp.sockets[0]?.url).toBe(`${ORIGIN.replace('https', 'wss')}/api/merchant/live`)
    weapp.sockets[0]?.opens()
    weapp.sockets[0]?.says({ type: 'ready' })
    await until('live', () => page.text('live') === '实时')

    weapp.sockets[0]?.breaks()
    await until('not live', () => page.text('live') !== '实时')
    await until('the second socket', () => weapp.sockets.length === 2)
    weapp.sockets[1]?.opens()
    weapp.sockets[1]?.says({ type: 'ready' })
    await until('live again', () => page.text('live') === '实时')

    weapp.tell('AppHide')
    const before = of('GET /api/merchant/summary').length
    weapp.tell('AppShow', { path: 'pages/merchant/index', query: {} })
    await until('the third socket', () => weapp.sockets.length === 3)
    weapp.sockets[2]?.opens()
    weapp.sockets[2]?.says({ type: 'ready' })
    await until('live after the pause', () => page.text('live') === '实时')
    await until('it looked for what it missed', () => of('GET /api/merchant/summary').length > before)
  })
})
