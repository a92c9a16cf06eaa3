import { resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { describeInBrowser, launchBrowser } from '../../harness/browser'
import { type Desks, openDesks } from '../../harness/desks'
import * as day from '../../harness/pilot/day'
import { type PilotHouse, pilotMissing, startPilotHouse } from '../../harness/pilot/house'
import * as morning from '../../harness/pilot/morning'
import * as opening from '../../harness/pilot/opening'
import { letPeopleIn } from '../../harness/pilot/people'
import { ORDERS, type Trade, trade } from '../../harness/pilot/trade'
import { TODAY } from '../../harness/today'
import { buildPages } from '../../scripts/build-pages'
import type { OrderView } from '../../server/http/contract'
import { overflowPx } from '../support/desks'

const H5_DIR = resolve(__dirname, '../../dist/h5')
const missing = pilotMissing()
if (missing) console.warn(missing)

const sum = (orders: readonly OrderView[], of: (order: OrderView) => number) =>
  orders.reduce((total, order) => total + of(order), 0)
const yuan = (fen: number) => (fen / 100).toLocaleString('en', { minimumFractionDigits: 2 })

/** Chapters of one day: each goes on where the one before left off. */
;(missing ? describe.skip : describeInBrowser)('a pilot day, from an empty house to its signed books', () => {
  let house: PilotHouse
  let browser: Browser
  let desks: Desks
  let pair: opening.Pair
  let traded: Trade

  /** Where a picture is taken, the page fits its window. */
  const see: Parameters<typeof letPeopleIn>[2] = async (page, name) => {
    const over = (await page.locator('.taro_page').count()) ? await overflowPx(page) : 0
    expect({ [name]: over }).toEqual({ [name]: 0 })
  }
  const paid = () => traded.orders.filter(({ state }) => state === 'paid')

  beforeAll(async () => {
    await buildPages('h5')
    house = await startPilotHouse(H5_DIR)
    browser = await launchBrowser()
    desks = openDesks(browser, house.system)
  })
  afterAll(async () => {
    await browser?.close()
    await house?.stop()
  })

  it('lets two people in, by two administrators whom the command line added', async () => {
    pair = await letPeopleIn(house, desks, see)
    await opening.lookAround(pair, see)
  })

  it('takes branches, and three hundred merchants from what Excel saved', async () => {
    await opening.branches(pair)
    await opening.merchants(pair, see)
  })

  it('launches a campaign at its second submission', async () => {
    await opening.launch(pair, TODAY, see)
  })

  it('trades a hundred and fifty orders, and the campaign’s page says what their payers were told', async () => {
    expect(ORDERS).toBe(150)
    traded = await trade(house, () => day.watchUnsure(pair))
    const counts: Record<string, number> = {}
    for (const { state, reason } of traded.orders)
      counts[`${state} ${reason}`] = (counts[`${state} ${reason}`] ?? 0) + 1
    expect(counts).toEqual({
      'paid null': 112,
      'closed null': 9,
      'paid sold-out': 4,
      'paid limit-reached': 3,
      'paid below-threshold': 12,
      'paid not-in-campaign': 10,
    })
    const costFen = sum(paid(), ({ discountFen }) => discountFen)
    const seen = await day.watchCampaign(pair, see)
    expect(seen.used).toMatch(/^112 \/ /)
    expect(seen.costText).toContain(yuan(costFen))
  })

  it('answers a complaint by what the customer said, and gives some of it back by two people', async () => {
    expect(traded.complaint).toMatchObject({ reason: 'sold-out', payableFen: 3_500, discountFen: 0 })
    await day.answerComplaint(pair, traded, see)
  })

  it('pauses one shop, amends, and ends', async () => {
    const { paused, other } = await day.pauseOneShop(pair, traded, see)
    expect([paused.discountFen, other.reason, other.discountFen]).toEqual([0, null, expect.any(Number)])
    const { before, after } = await day.amend(pair, traded, TODAY, see)
    expect([before.reason, after.reason]).toEqual(['not-in-campaign', null])
    expect((await day.end(pair, traded, see)).discountFen).toBe(0)
  })

  it('finds the mistakes in the bank’s statement the next morning, puts them right by two people, and signs', async () => {
    pair = await morning.comeBack(house, desks, pair, TODAY)
    const planted = await morning.plantMistakes(house, traded)
    await morning.reconcile(pair, TODAY, see)
    const text = await morning.sign(pair, see)
    for (const orderNo of planted) expect(text).toContain(orderNo)
    const paper = await morning.paper(pair, TODAY, see)
    expect(paper.text).toContain('逐笔核对、合计相符，差错都已了结')
    expect(paper.text).toMatch(/校验码 (?:[0-9a-f]{4} ?){4}/)
    expect(paper.lostPx).toBe(0)
    expect([1, 2]).toContain(paper.sheets)
    const table = await morning.report(pair, see)
    expect(table.trim().split('\n').length).toBeGreaterThan(30)
  })

  it('has shown no page that did what none may', async () => {
    expect(await desks.close()).toEqual([])
  })
})
