import type { Page } from 'playwright-core'
import { addDays } from '../../server/domain/business-date'
import { gbkOf } from '../../server/sandbox/alipay/gbk'
import { confirm, heading } from '../desks'
import { row, type See, section, type Worker } from './people'
import { BRANCHES, codesOf, IN_CAMPAIGN, STALLS, tableOf } from './street'

/** A pilot's morning: branches, merchants from a spreadsheet, and the campaign; each asked for by one and approved by the other. */

export interface Pair {
  maker: Worker
  reviewer: Worker
}

export const CAMPAIGN = '南城美食街随机立减'
const DAYS = 3
const BUDGET_YUAN = '200000'

/** All that waits is looked at and approved; `n`: so many things. */
export async function approveAll({ page }: Worker, n = 1): Promise<void> {
  await section(page, '待复核')
  await heading(page, '待复核')
  // what was asked for just now is there at once, and not at the next look
  await page.reload()
  for (let left = n; left > 0; left--) {
    const cards = page.locator('.review')
    await cards.nth(left - 1).waitFor()
    await cards.first().getByRole('button', { name: '通过', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: '通过', exact: true }).click()
    await cards.nth(left - 1).waitFor({ state: 'detached' })
  }
  await page.getByText('没有等待复核或生效的变更').waitFor()
}

/** What two new people find: nothing, and what to do about it. */
export async function lookAround({ maker: { page } }: Pair, see: See): Promise<void> {
  await section(page, '活动')
  await page.getByText('还没有活动').first().waitFor()
  await see(page, 'empty')
  for (const [link, word] of [
    ['待复核', '没有等待复核或生效的变更'],
    ['待办', '没有超过一天的'],
    ['对账', '无需对账'],
    ['订单', '没有'],
    ['退款', '没有'],
    ['商户', '还没有商户'],
  ] as const) {
    await section(page, link)
    await page.locator('main').getByText(word).first().waitFor()
  }
}

export async function branches({ maker, reviewer }: Pair): Promise<void> {
  const { page } = maker
  await page.getByRole('link', { name: '网点', exact: true }).click()
  await page.getByText('还没有网点').waitFor()
  for (const { code, name, glAccount } of BRANCHES) {
    await page.getByRole('button', { name: '新增网点' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('网点号').fill(code)
    await form.getByLabel('名称').fill(name)
    await form.getByLabel('补贴科目').fill(glAccount)
    await form.getByRole('button', { name: '提交复核' }).click()
    await page.getByText(`新网点${name}已提交复核，另一位通过后才生效。`).waitFor()
  }
  await approveAll(reviewer, BRANCHES.length)
}

/** First the workbook itself, by mistake; then what Excel saves as CSV, which is GBK. */
export async function merchants({ maker, reviewer }: Pair, see: See): Promise<void> {
  const { page } = maker
  await section(page, '商户')
  await page.getByRole('link', { name: '批量导入' }).click()
  await choose(page, '特惠商户.xlsx', WORKBOOK)
  await page.getByText(/^这不是 CSV 文件：请在 Excel 中“另存为”/).waitFor()
  await choose(page, '特惠商户.csv', gbkOf(tableOf(STALLS)))
  await page.getByText('“特惠商户.csv”试过了，没有错误；还没有导入。').waitFor()
  await see(page, 'import')
  await confirm(page, `导入 ${STALLS.length} 家`, undefined, '导入')
  await page.getByText(`${STALLS.length} 家商户的结算信息已提交复核，另一位通过后才生效。`).waitFor()
  await approveAll(reviewer)
  await page.getByRole('link', { name: '看商户列表' }).click()
  await page.getByRole('link', { name: STALLS[0]!.name, exact: true }).waitFor()
}

/** How a workbook begins: it is a zip. */
const WORKBOOK = Buffer.concat([
  Buffer.from('PK\u0003\u0004\u0014\u0000\u0006\u0000', 'latin1'),
  Buffer.alloc(2_000, 0xe7),
])

const choose = (page: Page, name: string, buffer: Buffer) =>
  page.getByLabel('CSV 文件').setInputFiles({ name, mimeType: 'text/csv', buffer })

/** Drafted, submitted, rejected once for its organiser, mended, approved: it runs. */
export async function launch({ maker, reviewer }: Pair, today: string, see: See): Promise<void> {
  const { page } = maker
  await section(page, '活动')
  await page.getByRole('link', { name: '新建活动' }).first().click()
  await heading(page, '新建活动')
  await page.getByLabel('活动名称').fill(CAMPAIGN)
  await page.getByLabel('主办方').fill('南城银行')
  await page.getByLabel('开始日期').fill(today)
  await page.getByLabel('结束日期（含）').fill(addDays(today, DAYS - 1))
  await page.getByLabel('总预算').fill(BUDGET_YUAN)
  await page.getByLabel('粘贴商户号').first().fill(codesOf(1, IN_CAMPAIGN).join('\n'))
  await page.getByRole('button', { name: '加入粘贴的' }).first().click()
  await page.getByText(`参与商户：${IN_CAMPAIGN} 家`).waitFor()
  await page.getByText('对外宣传 满10元最高减5元').waitFor()
  await see(page, 'draft')
  await page.getByRole('button', { name: '保存草稿' }).click()
  await heading(page, CAMPAIGN)
  await confirm(page, '提交复核', '分行已批预算')
  await state(page, '待复核')

  const { page: other } = reviewer
  await other.reload()
  await row(other, /^总预算/)
    .getByText('¥200,000.00')
    .waitFor()
  await see(other, 'review')
  await confirm(other, '驳回', '主办方请写到支行')
  await other.getByText('没有等待复核或生效的变更').waitFor()

  await page.reload()
  await state(page, '草稿')
  await page.getByText('主办方请写到支行').first().waitFor()
  await page.getByRole('link', { name: '编辑', exact: true }).click()
  await page.getByLabel('主办方').fill('南城银行城南支行')
  await page.getByRole('button', { name: '保存草稿' }).click()
  await heading(page, new RegExp(`^${CAMPAIGN}`))
  await confirm(page, '提交复核')
  await state(page, '待复核')
  await approveAll(reviewer)
  await page.reload()
  await state(page, '进行中')
}

export const state = (page: Page, words: string) => page.locator('.c-head .c-pill', { hasText: words }).waitFor()
