import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { chineseDate } from '../chinese-date'
import { confirm, type Desks, heading } from '../desks'
import { A_DAY_MS, type PilotHouse } from './house'
import { CAMPAIGN, type Pair } from './opening'
import { logInAgain, row, type See, section } from './people'
import type { Trade } from './trade'

/** The morning after: the bank's statement, which has three mistakes in it, the day's books, and what is signed. */

/** New desks, since yesterday's sessions are over. @throws Error of what a page did yesterday that none may */
export async function comeBack(
  house: PilotHouse,
  desks: Desks,
  { maker, reviewer }: Pair,
  date: string,
): Promise<Pair> {
  const faults = await desks.close()
  if (faults.length > 0) throw new Error(faults.join('\n'))
  await house.morning()
  const at = `reconciliation/${date}`
  return {
    maker: await logInAgain(desks, maker, at, A_DAY_MS),
    reviewer: await logInAgain(desks, reviewer, 'reconciliation', A_DAY_MS),
  }
}

/** What is wrong in the bank's file: a fen too much, one booked twice, one left out. */
export async function plantMistakes({ system }: PilotHouse, { orders }: Trade): Promise<string[]> {
  const paid = orders.filter((order) => order.state === 'paid' && order.discountFen > 0).map(({ orderNo }) => orderNo)
  const [wrong, twice, without] = paid
  await system.statements.faults(
    { mode: 'wrong-amount', orderNo: wrong! },
    { mode: 'book-twice', orderNo: twice! },
    { mode: 'leave-out', orderNo: without! },
  )
  return [wrong!, twice!, without!]
}

const CLASSES = ['金额不符', '重复入账', '短款'] as const

/** Line by line; then each difference is put to the other, who accepts it. */
export async function reconcile({ maker, reviewer }: Pair, date: string, see: See): Promise<void> {
  const { page } = maker
  await heading(page, `${chineseDate(date)} 对账`)
  await page.getByRole('button', { name: '开始对账' }).click()
  await page.getByText(/^还不能签字：有 3 条差错待处理/).waitFor()
  await page.getByText('合计相符').first().waitFor()
  await see(page, 'differences')
  for (const kind of CLASSES) {
    await openDifference(page, kind)
    await confirm(page, '提出更正')
    await page.getByText('您已提出更正，等待复核：由另一位复核岗认可或驳回。').waitFor()
    await page.getByRole('button', { name: '关闭', exact: true }).click()
  }
  const other = reviewer.page
  await other.reload()
  await other.getByRole('link', { name: `从 ${chineseDate(date)} 开始` }).click()
  await heading(other, `${chineseDate(date)} 对账`)
  for (const kind of CLASSES) {
    await openDifference(other, kind)
    if (kind === CLASSES[0]) await see(other, 'difference')
    await confirm(other, '认可', '已与银行电话核对')
    await other.getByText(/^wu\.min 于 .* 认可，更正已入账（zhou\.ning 提出）/).waitFor()
    await other.getByRole('button', { name: '关闭', exact: true }).click()
  }
}

async function openDifference(page: Page, kind: string): Promise<void> {
  await row(page, new RegExp(`^${kind}`))
    .getByRole('button', { name: /^核对差错/ })
    .click()
  await page.getByRole('dialog').getByText('认可时做的更正').waitFor()
}

/** Once what was debited too much is back, the day may be signed; its report is taken along. */
export async function sign({ reviewer: { page } }: Pair, see: See): Promise<string> {
  const signable = page.getByText('逐笔核对、合计相符，差错都已了结：这一天的账可以签字。')
  // the payers' refunds are made within seconds; whoever waits for them looks again
  for (let i = 0; i < 60 && !(await signable.isVisible()); i++) {
    await page.reload()
    await page.locator('.c-says').waitFor()
  }
  await signable.waitFor()
  await see(page, 'signed')
  const file = page.waitForEvent('download')
  await page.getByRole('button', { name: '下载报告' }).click()
  return readFileSync(await (await file).path(), 'utf8')
}

/** What is printed and signed by hand: its text, the sheets of paper it takes, and how many pixels of it would be on none. */
export async function paper({ reviewer: { page } }: Pair, date: string, see: See) {
  await page.getByRole('link', { name: '签字件' }).click()
  const title = `${chineseDate(date)} 对账签字件`
  await heading(page, title)
  await page.getByRole('button', { name: '出具签字件' }).click()
  const article = page.getByRole('article', { name: title })
  await article.getByText('校验码').first().waitFor()
  await see(page, 'paper')
  const text = (await article.textContent()) ?? ''
  const pdf = await page.pdf({ format: 'A4', printBackground: true })
  await page.emulateMedia({ media: 'print' })
  const lostPx = await page.locator('.taro_page').evaluate((shown) => shown.scrollHeight - shown.clientHeight)
  await page.emulateMedia({ media: null })
  return { text, pdf, lostPx, sheets: pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length }
}

/** What the campaign came to, by merchant; as a file, too. The page of one that is over is its report. */
export async function report({ maker: { page } }: Pair, see: See): Promise<string> {
  await section(page, '活动')
  await page.getByRole('link', { name: CAMPAIGN }).click()
  await heading(page, CAMPAIGN)
  await page.getByRole('button', { name: '按商户' }).click()
  await row(page, /M0003/).first().waitFor()
  await see(page, 'report')
  const file = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出 CSV' }).click()
  return readFileSync(await (await file).path(), 'utf8')
}
