import { execFileSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import type { Browser, Page, Request } from 'playwright-core'
import { Pool } from 'undici'
import { launchBrowser } from '../harness/browser'
import { DESKTOP, fillLogIn, openDesks } from '../harness/desks'
import { fillHistory, HISTORY, merchantCode, orderNo } from '../harness/history'
import { buildPages } from '../scripts/build-pages'
import { addDays, businessDate } from '../server/domain/business-date'
import { tell } from './figure'
import { median } from './rounds'
import { startWorld } from './world'

/**
 * `node --import tsx bench/console.ts [orders] [times]`: how long the server takes for all that a page of the console asks when it is opened,
 * with 5,000 merchants and 1,000,000 orders behind it, and how many bytes go over the wire until the first list stands (docs/BENCH.md). What
 * a page asks is what Chromium is seen to ask; then the same is asked again and again over HTTP, all requests of a page at once.
 */

const PASSWORD = 'bench-password'
const MERCHANTS = 5_000
const DAYS = 60
const MOST_MS = 500
const MOST_BYTES = 150 * 1_024
/** As of the slowest line that a branch has. */
const BYTES_A_SECOND = 1_600_000 / 8

const today = businessDate(Date.now())
const day = addDays(today, -3)
const shop = merchantCode(1)
/** One of those that have events, postings and a refund. */
const ORDER = orderNo(today, DAYS, 211)

/** Every page, and the lists by what people filter them by; at `#/console/…`, by whom. */
const PAGES: readonly [name: string, at: string, who?: string][] = [
  ['today', 'home'],
  ['notifications', 'notifications', 'maker'],
  ['campaigns', 'campaigns'],
  ['campaigns, running', 'campaigns?state=running'],
  ['a campaign', `campaigns/${HISTORY}`],
  ['a campaign, sold out', `campaigns/${HISTORY}?only=sold-out`],
  ['a campaign, a merchant searched', `campaigns/${HISTORY}?mq=${encodeURIComponent('40 号')}`],
  ['a new campaign', 'campaigns/new', 'maker'],
  ['its report by day', `campaigns/${HISTORY}/report`],
  ['its report by branch', `campaigns/${HISTORY}/report?by=branch`],
  ['its report by merchant', `campaigns/${HISTORY}/report?by=merchant`],
  ['its report by account', `campaigns/${HISTORY}/report?by=account`],
  ['a day of it by merchant', `campaigns/${HISTORY}/report?by=merchant&from=${day}&to=${day}`],
  ['a deck', `campaigns/${HISTORY}/decks/${shop}/${day}`],
  ['reviews', 'reviews'],
  ['to do', 'todo'],
  ['merchants', 'merchants'],
  ['merchants, searched', `merchants?q=${encodeURIComponent('40 号')}`],
  ['merchants of a branch', 'merchants?branchCode=HB07'],
  ['a merchant', `merchants/${shop}`],
  ['import', 'merchant-import', 'maker'],
  ['binding cards', 'binding-cards', 'maker'],
  ['other channels', 'other-counts', 'maker'],
  ['branches', 'branches'],
  ['reconciliation', 'reconciliation'],
  ['a day of it', `reconciliation/${day}`],
  ['suspicions', 'suspicions'],
  ['search: an order', `search?q=${ORDER}`],
  ['search: a merchant, an amount', `search?q=${encodeURIComponent(`${shop} 35`)}`],
  ['search: an amount', `search?q=${encodeURIComponent('¥35 没优惠')}`],
  ['search: a name, a week', `search?q=${encodeURIComponent('老街 近7天')}`],
  ['orders', 'orders'],
  ['orders of a day', `orders?date=${day}`],
  ['orders, closed', 'orders?state=closed'],
  ['orders of a merchant', `orders?merchantCode=${shop}`],
  ['orders of a campaign', `orders?campaignId=${HISTORY}`],
  ['orders of a branch', 'orders?branchCode=HB07'],
  ['an order', `orders/${ORDER}`],
  ['around it', `orders/${ORDER}/around`],
  ['refunds', 'refunds'],
  ['refunds of a merchant', `refunds?merchantCode=${shop}`],
  ['log', 'audit', 'admin'],
  ['operators', 'operators', 'admin'],
]

interface Asked {
  path: string
  headers: Record<string, string>
}

async function main(): Promise<void> {
  const [orders = 1_000_000, times = 50] = process.argv.slice(2).map(Number)
  process.env.SANDBOX_PASSWORD = PASSWORD
  const build = resolve(__dirname, '..', 'scripts', 'build-server.ts')
  execFileSync(process.execPath, ['--import', 'tsx', build], { stdio: ['ignore', 'ignore', 'inherit'] })
  await buildPages('h5')
  const past = { today, days: DAYS, from: 0, to: orders, merchants: MERCHANTS, before: DAYS / 2 }
  const world = await startWorld({ merchants: 1, fill: (connection) => fillHistory(connection, past) })
  const browser = await launchBrowser()
  const http = new Pool(world.bffUrl, { connections: 8 })
  try {
    console.log(
      `${world.storage.sql}; ${orders.toLocaleString('en')} orders over ${DAYS} days, ${MERCHANTS.toLocaleString('en')} merchants who sell; load average ${loadavg()[0]!.toFixed(1)}`,
    )
    console.log(
      `the server, ms, of ${times}    ${'median'.padStart(8)} ${'p99'.padStart(8)} ${'requests'.padStart(9)} ${'KB sent'.padStart(8)}   the slowest of them`,
    )
    const desks = openDesks(browser, { url: () => world.bffUrl })
    const pages = new Map<string, Page>()
    let missed = 0
    let slowest = 0
    for (const [name, at, who = 'checker'] of PAGES) {
      const page = pages.get(who) ?? (await desks.logIn(who, 'password', {}, PASSWORD))
      pages.set(who, page)
      const p99 = await told(http, name, await asksOf(page, `${world.bffUrl}/#/console/${at}`), times)
      if (p99 > MOST_MS) missed++
      slowest = Math.max(slowest, p99)
    }
    tell({ name: 'p99 of the slowest page', unit: 'ms', value: slowest })
    console.log(`every page within ${MOST_MS} ms: ${missed === 0 ? 'yes' : `all but ${missed}`}`)
    await firstList(browser, world.bffUrl)
  } finally {
    await http.close()
    await browser.close()
    await world.stop()
  }
}

/** What the page asks of the server when it is opened, each once. */
async function asksOf(page: Page, url: string): Promise<Asked[]> {
  const asked = new Map<string, Asked>()
  let open = 0
  await page.goto('about:blank')
  const isOurs = (request: Request) =>
    request.method() === 'GET' && new URL(request.url()).pathname.startsWith('/admin/')
  const begun = (request: Request) => {
    if (!isOurs(request)) return
    const { pathname, search } = new URL(request.url())
    open++
    asked.set(pathname + search, { path: pathname + search, headers: request.headers() })
  }
  const over = (request: Request) => {
    if (isOurs(request)) open--
  }
  page.on('request', begun).on('requestfinished', over).on('requestfailed', over)
  await page.goto(url)
  await page.locator('main h1').waitFor()
  // what one answer makes the page ask for comes at once after it
  for (let quiet = 0; quiet < 10; quiet = open === 0 ? quiet + 1 : 0) await page.waitForTimeout(50)
  page.off('request', begun).off('requestfinished', over).off('requestfailed', over)
  return [...asked.values()]
}

/** Prints a line; returns the 99th percentile of all requests at once. */
async function told(http: Pool, name: string, asked: readonly Asked[], times: number): Promise<number> {
  const whole: number[] = []
  const each = asked.map((): number[] => [])
  let bytes = 0
  for (let i = 0; i < times; i++) {
    const from = performance.now()
    const sizes = await Promise.all(
      asked.map(async ({ path, headers }, j) => {
        const began = performance.now()
        const reply = await http.request({
          method: 'GET',
          path,
          headers: { ...plain(headers), 'accept-encoding': 'gzip, br' },
        })
        const size = (await reply.body.arrayBuffer()).byteLength
        if (reply.statusCode >= 300) throw new Error(`${path}: ${reply.statusCode}`)
        each[j]!.push(performance.now() - began)
        return size
      }),
    )
    whole.push(performance.now() - from)
    bytes = sizes.reduce((sum, size) => sum + size, 0)
  }
  const p99 = at(whole, 0.99)
  const middles = each.map((took, j) => ({ ms: median(took), path: asked[j]!.path }))
  const [slowest] = middles.sort((a, b) => b.ms - a.ms)
  const figures = `${ms(median(whole))} ${ms(p99)} ${String(asked.length).padStart(9)} ${(bytes / 1_024).toFixed(1).padStart(8)}`
  const path = slowest && decodeURIComponent(slowest.path).slice(0, 80)
  console.log(
    `${name.padEnd(30)}${figures}   ${slowest ? `${path} ${slowest.ms.toFixed(1)}` : ''}${p99 > MOST_MS ? '  SLOW' : ''}`,
  )
  return p99
}

/** Those that the browser itself sends are its own. */
const plain = ({ authorization, ...rest }: Record<string, string>) => ({
  ...(authorization && { authorization }),
  ...Object.fromEntries(Object.entries(rest).filter(([name]) => name.startsWith('x-'))),
})

const ms = (value: number) => value.toFixed(1).padStart(8)
const at = (took: readonly number[], share: number) =>
  [...took].sort((a, b) => a - b)[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0

/** All that goes over the wire from an empty cache: the page, the log-in, and the first list. */
async function firstList(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext(DESKTOP)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  const sizes = new Map<string, number>()
  const names = new Map<string, string>()
  cdp.on('Network.responseReceived', ({ requestId, response }) => names.set(requestId, new URL(response.url).pathname))
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength))
  await cdp.send('Network.enable')
  await page.goto(`${url}/#/console/campaigns`)
  await fillLogIn(page, 'checker', PASSWORD)
  await page.locator('main table tbody tr').first().waitFor()
  await page.waitForLoadState('networkidle')
  await context.close()
  const all = [...sizes].map(([id, bytes]) => ({ name: names.get(id) ?? '', bytes }))
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0)
  const kilobytes = (bytes: number) => `${(bytes / 1_024).toFixed(1)} KB`
  console.log(
    `\nthe first list, from an empty cache: ${kilobytes(total)} in ${all.length} requests, ${(total / BYTES_A_SECOND).toFixed(2)} s at 1.6 Mbit/s; at most ${kilobytes(MOST_BYTES)}: ${total <= MOST_BYTES ? 'ok' : 'MORE'}`,
  )
  for (const { name, bytes } of all.sort((a, b) => b.bytes - a.bytes).slice(0, 12))
    console.log(`  ${kilobytes(bytes).padStart(9)}  ${name}`)
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
