import { resolve } from 'node:path'
import { Client } from 'pg'
import type { Browser, Page } from 'playwright-core'
import { describeInBrowser, launchBrowser, NO_NETWORK, openPhone, type Phone, reads } from '../../harness/browser'
import { type SilentProxy, startSilentProxy } from '../../harness/silent-proxy'
import { databaseUrl, postgresMissing, startTestPostgres, type TestSql } from '../../harness/sql'
import { startTestSystem, type TestSystem } from '../../harness/system'
import { buildPages } from '../../scripts/build-pages'

const H5_DIR = resolve(__dirname, '../../dist/h5')

describeInBrowser('the merchant’s page in a browser is live or says that it isn’t', () => {
  let browser: Browser
  let phone: Phone | undefined
  beforeAll(async () => {
    await buildPages('h5')
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    const faults = phone?.faults().filter((fault) => !NO_NETWORK.test(fault))
    await phone?.close()
    phone = undefined
    expect(faults).toEqual([])
  })

  const pay = async (system: TestSystem, name: string, merchantCode: string) => {
    const payer = await system.payer(name)
    return (await payer.pay((await payer.quote(900, merchantCode)).body.quoteId)).body
  }
  const PAGE = '/#/pages/merchant/index?merchant='

  describe('behind a network that swallows packets without a word', () => {
    let system: TestSystem
    let proxy: SilentProxy
    beforeAll(async () => {
      system = await startTestSystem({ H5_DIR })
      proxy = await startSilentProxy(system.url())
    })
    afterAll(async () => {
      await proxy?.stop()
      await system?.stop()
    })
    /** The page on a clock that the test moves, live and then cut off; an order is paid while nobody is told. */
    const cutOff = async (merchantCode: string): Promise<Page> => {
      phone = await openPhone(browser, proxy.url)
      const page = await phone.open(PAGE + merchantCode)
      await page.clock.install()
      await page.reload()
      await reads(page, '.live', ['实时'])
      proxy.swallow()
      expect(await pay(system, `while-silent-${merchantCode}`, merchantCode)).toMatchObject({ state: 'paid' })
      return page
    }

    it('a half-open socket is given up after two beats that didn’t come, and the missed order is there', async () => {
      const page = await cutOff('M0001')
      await page.clock.fastForward(46_000)
      await reads(page, '.order__amount', ['¥9.00'])
      await reads(page, '.live', ['实时'])
      await reads(page, '.summary__total', ['¥9.00'])
      const later = await pay(system, 'after-it', 'M0001')
      await reads(page, '.order--fresh .order__when', [new RegExp(`单号…${later.orderNo.slice(-4)}$`)])
    })

    it('coming back to the page is enough: nothing waits for the silence to be noticed', async () => {
      const page = await cutOff('M0002')
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
      await page.clock.runFor(12_000)
      await reads(page, '.order__amount', ['¥9.00'])
    })
  })

  const missing = postgresMissing()
  if (missing) console.warn(`the page while the feed is held back: ${missing}`)
  const describeOnPostgres = missing ? describe.skip : describe
  describeOnPostgres('while somebody’s transaction in our database holds the feed back', () => {
    let sql: TestSql
    let system: TestSystem
    let theirs: Client
    beforeAll(async () => {
      sql = await startTestPostgres()
      await sql.fresh()
      const { host, user, database } = sql.connection()
      const DATABASE_URL = databaseUrl(sql.connection())
      system = await startTestSystem({ H5_DIR, DATABASE_URL })
      theirs = new Client({ host, user, database } as never)
      await theirs.connect()
    })
    afterAll(async () => {
      await theirs?.end()
      await system?.stop()
      await sql?.stop()
    })

    it('the page says so and looks for itself; when it has ended it is live again', async () => {
      phone = await openPhone(browser, system.url())
      const page = await phone.open(`${PAGE}M0003`)
      await reads(page, '.live', ['实时'])
      await theirs.query('begin')
      await theirs.query('select pg_current_xact_id()')
      await pay(system, 'held-back', 'M0003')
      await reads(page, '.live-down', ['实时到账暂不可用，每 10 秒刷新'])
      await reads(page, '.order__amount', ['¥9.00'])
      await theirs.query('commit')
      await reads(page, '.live', ['实时'])
      expect(await page.locator('.live-down').count()).toBe(0)
    })
  })
})
