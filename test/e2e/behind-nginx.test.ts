import { randomUUID } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { type Client, clientOf, logIn } from '../../chaos/paying'
import { rollingMissing } from '../../chaos/rolling'
import { ask } from '../../harness/ask'
import { describeInBrowser, launchBrowser, openPhone, type Phone, reads, tapAmount } from '../../harness/browser'
import { freePort } from '../../harness/free-port'
import { masterKeyDealing } from '../../harness/master-key'
import { NGINX_ADDRESS, startNginx, type TestNginx } from '../../harness/nginx'
import { startTestRedis } from '../../harness/redis'
import { eventually, startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'
import { namer } from '../../server/domain/trace'
import type { OrderView, QuoteView } from '../../server/http/contract'
import type { Child } from '../../server/sandbox/children'
import type { Bff } from '../../server/sandbox/system'

/** Whom nginx is asked by: the browser; somebody who says to be another; and whom they say to be. */
const PAYER = '127.0.0.1'
const FORGER = '127.0.0.2'
const FORGED = '203.0.113.7'

/** deploy/compose.yaml as processes of this machine: its nginx, two BFFs, PostgreSQL and Redis; and the sandbox's bank. */
const missing = rollingMissing()
if (missing) console.warn(missing)
;(missing ? describe.skip : describeInBrowser)('a newcomer’s payment in the layout of the composition', () => {
  const MASTER_KEY = masterKeyDealing(1_000, 'M0001', Date.now())
  const ports: number[] = []
  const phones: Phone[] = []
  const stops: (() => unknown)[] = []
  let [folder, log] = ['', 0]
  let nginx: TestNginx
  let system: TestSystem
  let other: Child<Bff>
  let browser: Browser

  beforeAll(async () => {
    await buildPages('h5')
    folder = mkdtempSync(join(tmpdir(), 'fapai-behind-nginx-'))
    log = openSync(join(folder, 'bffs.log'), 'a')
    for (let i = 0; i < 2; i++) ports.push(await freePort())
    // Its address is theirs to know, so it is there first.
    nginx = await startNginx(ports.map((port) => `127.0.0.1:${port}`))
    const redis = await startTestRedis('redis-server')
    stops.push(nginx.stop, redis.stop)
    const env = {
      ...{ MASTER_KEY, REDIS_URL: redis.url, H5_DIR: resolve(__dirname, '../../dist/h5'), LOG_LEVEL: 'info' },
      ...{ PUBLIC_URL: nginx.url, TRUSTED_PROXIES: NGINX_ADDRESS, PORT: String(ports[0]) },
    }
    system = await startTestSystem(env, { log })
    stops.push(system.stop)
    other = await system.startAnother({ PORT: String(ports[1]) })
    stops.push(other.stop)
    browser = await launchBrowser()
    stops.push(() => browser.close())
  })
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
    closeSync(log)
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(path: string) {
    // The test's own authority is nobody's whom a browser knows.
    const one = await openPhone(browser, nginx.url, { ignoreHTTPSErrors: true })
    phones.push(one)
    return one.open(path)
  }
  /** The BFFs' lines; a line may be on its way. */
  const logged = () =>
    readFileSync(join(folder, 'bffs.log'), 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'))
  /** nginx's line of a request, of an address; and a BFF's line of the same request, by its number. */
  function lineOf(address: string, request: string) {
    return eventually(async () => {
      const outer = nginx.log().split('\n')
      const line = outer.findLast((one) => one.startsWith(`${address} `) && one.includes(`] ${request} `))
      const number = line?.split(' ').at(-1)
      const inner = number && logged().find((one) => one.includes(`"requestId":"${number}`) && one.includes('"route"'))
      return inner ? { line, ...(JSON.parse(inner) as { from: string; time: number; orderNo: string }) } : undefined
    })
  }
  const nameOf = (address: string, at: number) => namer(Buffer.from(MASTER_KEY, 'hex'))('address', address, at)

  async function pay(client: Client, payer: string, headers: Record<string, string>): Promise<OrderView> {
    const auth = { ...headers, Authorization: `Bearer ${await logIn(client, payer, headers)}` }
    const asked = { merchantCode: 'M0001', amountFen: 900, channel: 'bank' }
    const { quoteId } = await client.call<QuoteView>('POST', '/api/quotes', asked, auth)
    return client.call('POST', '/api/orders', { quoteId }, { ...auth, 'Idempotency-Key': randomUUID() })
  }

  it('http leads to https, and neither’s log has what follows a question mark; what comes by https is only our own', async () => {
    const led = await ask(nginx.plainUrl, 'GET', '/q/M0001?code=of-a-log-in')
    expect([led.status, led.headers.get('location')]).toEqual([301, `https://${PAYER}/q/M0001?code=of-a-log-in`])
    await eventually(async () => /^127\.0\.0\.1 \S+ GET \/q\/M0001 301 /m.test(nginx.log()) || undefined)
    expect(nginx.log()).not.toContain('of-a-log-in')
    // Nobody need know whose faults to look for.
    expect(led.headers.get('server')).toBe('nginx')
    const { request } = await browser.newContext({ ignoreHTTPSErrors: true })
    const headers = (await request.get(`${nginx.url}/q/M0001`)).headers()
    expect(headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000', 'referrer-policy': 'no-referrer' })
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', server: 'nginx' })
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ${nginx.url.replace('https', 'wss')};`)
  })

  it('is made in a browser and heard of live, and again when one BFF is gone; the log knows nobody’s address', async () => {
    const shop = await open('/#/pages/merchant/index?merchant=M0001')
    await reads(shop, '.live', ['实时'])
    const page = await open('/q/M0001')
    await tapAmount(page, '100')
    await page.locator('.key--pay:enabled').tap()
    await reads(page, '.verdict', ['支付成功', '¥95.00', '已优惠 ¥5.00'])
    await reads(shop, '.summary__total', ['¥105.00'])
    const paid = await lineOf(PAYER, 'POST /api/orders 200')
    expect(paid.from).toBe(nameOf(PAYER, paid.time))
    expect(await system.bank.clearings()).toMatchObject([{ orderNo: paid.orderNo, state: 'succeeded' }])

    // As nginx takes turns, the one that told the shop: its page comes back to the other.
    other.process.kill('SIGKILL')
    await other.ended
    const client = clientOf({ ...nginx, from: FORGER })
    const forged = { 'X-Forwarded-For': `${FORGED}, ${NGINX_ADDRESS}` }
    const again = await pay(client, 'somebody-else', forged)
    expect(again.state).toBe('paid')
    await client.close()
    await reads(shop, '.order__when', [new RegExp(`单号…${again.orderNo.slice(-4)}$`)])
    const second = await lineOf(FORGER, 'POST /api/orders 200')
    expect(second).toMatchObject({ from: nameOf(FORGER, second.time), orderNo: again.orderNo })
    expect(second.line).toContain(` ${PAYER}:${ports[0]} `)
    expect(second.from).not.toBe(paid.from)

    // nginx writes its line of a socket when that has ended.
    for (const one of phones) expect(one.faults()).toEqual([])
    for (const one of phones) await one.close()
    await eventually(async () => nginx.log().includes('] GET /api/merchant/live 101 ') || undefined)
    // A start says where it listens.
    const lines = logged().filter((line) => JSON.parse(line).msg !== 'listening')
    expect(lines.filter((line) => [PAYER, FORGER, FORGED, NGINX_ADDRESS].some((one) => line.includes(one)))).toEqual([])
  })
})
