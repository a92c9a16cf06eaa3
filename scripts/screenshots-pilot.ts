import { resolve } from 'node:path'
import { launchBrowser } from '../harness/browser'
import { openDesks } from '../harness/desks'
import * as day from '../harness/pilot/day'
import { startPilotHouse } from '../harness/pilot/house'
import * as morning from '../harness/pilot/morning'
import * as opening from '../harness/pilot/opening'
import { letPeopleIn, type See } from '../harness/pilot/people'
import { trade } from '../harness/pilot/trade'
import { businessDate } from '../server/domain/business-date'
import { buildPages } from './build-pages'
import { screen } from './picture'

/** The pictures of a pilot's day (docs/CONSOLE.md): the same day that test/e2e/pilot-day.test.ts plays. */

/** Of what could be seen, what is told. */
const TOLD = [
  ...['empty', 'second-factor', 'import', 'review', 'campaign', 'complaint-found', 'complaint'],
  ...['paused', 'amend', 'differences', 'signed', 'paper', 'report'],
]

const see: See = async (page, name) => {
  if (!TOLD.includes(name)) return
  await page.mouse.move(1, 1)
  await page.locator('.taro_page').evaluate((element) => element.scrollTo(0, 0))
  await screen(page, `pilot-${name}.png`, 'css')
}

export async function pilotPictures(): Promise<void> {
  await buildPages('h5')
  const house = await startPilotHouse(resolve(__dirname, '../dist/h5'))
  const browser = await launchBrowser()
  try {
    const today = businessDate(Date.now())
    const desks = openDesks(browser, house.system)
    const pair = await letPeopleIn(house, desks, see)
    await opening.lookAround(pair, see)
    await opening.branches(pair)
    await opening.merchants(pair, see)
    await opening.launch(pair, today, see)
    const traded = await trade(house, () => day.watchUnsure(pair))
    await day.watchCampaign(pair, see)
    await day.answerComplaint(pair, traded, see)
    await day.pauseOneShop(pair, traded, see)
    await day.amend(pair, traded, today, see)
    await day.end(pair, traded, see)
    const next = await morning.comeBack(house, desks, pair, today)
    await morning.plantMistakes(house, traded)
    await morning.reconcile(next, today, see)
    await morning.sign(next, see)
    await morning.paper(next, today, see)
    await morning.report(next, see)
  } finally {
    await browser.close()
    await house.stop()
  }
}

if (require.main === module)
  pilotPictures().catch((error) => {
    console.error(error)
    process.exit(1)
  })
