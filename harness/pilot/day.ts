import type { Page } from 'playwright-core'
import { addDays } from '../../server/domain/business-date'
import { confirm, heading } from '../desks'
import { eventually } from '../system'
import { approveAll, CAMPAIGN, type Pair, state } from './opening'
import { row, type See, section } from './people'
import { codesOf, IN_CAMPAIGN, STALLS } from './street'
import { COMPLAINT_FEN, SOLD_OUT, TO_PAUSE, type Trade, UNSURE } from './trade'

/** A pilot's day at the desk, while the street trades: what is looked at, answered, stopped, amended, and ended. */

export const REFUND_FEN = 500

const nameOf = (code: string) => STALLS.find((stall) => stall.code === code)!.name

/** The campaign's page, from anywhere. */
async function campaign(page: Page): Promise<void> {
  await section(page, '活动')
  await page.getByRole('link', { name: CAMPAIGN }).click()
  await heading(page, CAMPAIGN)
}

/** What the bank has not answered is seen as that, and not as paid or lost. */
export async function watchUnsure({ maker: { page } }: Pair): Promise<void> {
  await section(page, '订单')
  await page.getByRole('button', { name: '结果未定' }).click()
  await row(page, new RegExp(nameOf(UNSURE)))
    .getByText('结果未定')
    .first()
    .waitFor()
}

/** The campaign's figures once the street has traded: so many cards, so much money, and one shop without any left. */
export async function watchCampaign({ maker: { page } }: Pair, see: See): Promise<{ used: string; costText: string }> {
  await campaign(page)
  const soldOut = row(page, new RegExp(`${nameOf(SOLD_OUT)}.*20 / 20`))
  await soldOut.waitFor()
  const figure = async (title: string) =>
    (await page.locator('.c-figure', { hasText: title }).locator('dd').first().textContent())!
  const seen = { used: await figure('今日优惠'), costText: await figure('今日补贴') }
  await see(page, 'campaign')
  return seen
}

/** “I paid ¥35 at M0003 and got no discount”: found by what she said, answered by what she was told, and something given back. */
export async function answerComplaint(
  { maker, reviewer }: Pair,
  { complaint, guests }: Trade,
  see: See,
): Promise<void> {
  const { page } = maker
  const { orderNo } = complaint
  const box = page.getByLabel('查订单、退款、商户')
  await box.fill(`${SOLD_OUT.toLowerCase()} ￥${COMPLAINT_FEN / 100} 今天 没优惠`)
  await box.press('Enter')
  const found = row(page, new RegExp(orderNo))
  await found.getByText('今日优惠已发完').waitFor()
  await see(page, 'complaint-found')
  await found.getByRole('link', { name: orderNo }).click()
  await heading(page, new RegExp(orderNo))
  await page.getByText('今日优惠已发完，可以原价付款；应付 ¥35.00').waitFor()
  await see(page, 'complaint')
  await page.getByRole('link', { name: '前后发生了什么' }).click()
  await page.getByText('共 20 张，已用 20，剩 0').waitFor()
  await page.goBack()
  await page.getByRole('button', { name: '申请退款' }).click()
  await page.getByLabel('退给顾客').fill(String(REFUND_FEN / 100))
  await page.getByLabel('原因（商户会看到）').fill('投诉补偿')
  await page.getByRole('button', { name: '看怎样退' }).click()
  await page.getByText('退后还可以退¥30.00').waitFor()
  await page.getByRole('button', { name: '提交复核' }).click()
  await page.getByText('退款 ¥5.00已提交复核，另一位通过后才生效。').waitFor()
  await approveAll(reviewer)
  const guest = guests.at(-1)!
  await eventually(async () => (await guest.ended(orderNo)).refundedFen === REFUND_FEN || undefined)
  await page.reload()
  await row(page, /投诉补偿/)
    .getByText('已退款')
    .waitFor()
}

/** One shop's discounts stop at once, on one person's word; the others' go on. */
export async function pauseOneShop({ maker: { page } }: Pair, { guests }: Trade, see: See) {
  await page.getByLabel('查订单、退款、商户').fill(TO_PAUSE)
  await page.getByLabel('查订单、退款、商户').press('Enter')
  await page.getByRole('link', { name: `${nameOf(TO_PAUSE)}（${TO_PAUSE}）` }).click()
  await heading(page, nameOf(TO_PAUSE))
  await confirm(page, '暂停优惠', '同一人反复付款，先停下来核实', '立即暂停')
  await page.getByText(/^这家商户的优惠已暂停：zhou\.ning 于/).waitFor()
  await see(page, 'paused')
  const [paused, other] = [await guests[45]!.quote(TO_PAUSE, 5_000), await guests[45]!.quote('M0100', 5_000)]
  return { paused, other }
}

/** More money, four more days, five more shops: only what favours payers, and reviewed. */
export async function amend({ maker, reviewer }: Pair, { guests }: Trade, today: string, see: See) {
  const { page } = maker
  const more = codesOf(IN_CAMPAIGN + 1, IN_CAMPAIGN + 5)
  const before = await guests[46]!.quote(more[0]!, 5_000)
  await campaign(page)
  await page.getByRole('button', { name: '修改', exact: true }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('结束日期延后到').fill(addDays(today, 6))
  await form.getByLabel('预算增加到').fill('400000')
  await form.getByLabel(/^增加商户/).fill(more.join(' '))
  await form.getByLabel('说明（复核人会看到）').fill('试点顺利，加五家')
  await form.getByRole('button', { name: '提交修改' }).click()
  await page.getByText('zhou.ning 申请修改，等待复核。').waitFor()
  await reviewer.page.reload()
  await row(reviewer.page, /^总预算.*¥200,000\.00.*¥400,000\.00/).waitFor()
  await see(reviewer.page, 'amend')
  await approveAll(reviewer)
  await page.reload()
  await page.getByText('¥400,000.00').first().waitFor()
  const after = await eventually(async () => {
    const quote = await guests[46]!.quote(more[0]!, 5_000)
    return quote.reason === null ? quote : undefined
  })
  return { before, after }
}

/** The pilot is over in the evening: asked for by one, and ended by the other. */
export async function end({ maker, reviewer }: Pair, { guests }: Trade, see: See) {
  const { page } = maker
  await campaign(page)
  await confirm(page, '结束活动', '试点一天，今天到此')
  await approveAll(reviewer)
  await page.reload()
  await state(page, '已结束')
  await see(page, 'ended')
  return eventually(async () => {
    const quote = await guests[47]!.quote('M0100', 5_000)
    return quote.reason === null ? undefined : quote
  })
}
