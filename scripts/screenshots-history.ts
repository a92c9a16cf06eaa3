import { sql as raw } from 'kysely'
import { inLedger } from '../harness/in-ledger'
import type { TestSystem } from '../harness/system'
import { importMerchants } from '../harness/two-people'
import { addDays, businessDate } from '../server/domain/business-date'

/**
 * What the pictures of the console look back on: ten days of the campaign, each traded, booked and reconciled by the product
 * itself on the clock of its day. The orders of WeChat, which it can't take yet, and those before the campaign are written
 * into the ledger. Guests, amounts and the rise of the share are invented.
 */

/** The campaign's first day was so many days ago. */
export const DAYS = 10
const TODAY = businessDate(Date.now())
/** Left out of the campaign on purpose, to compare with. */
const CONTROLS = ['M0021', 'M0022', 'M0023', 'M0024']
const MERCHANTS = Array.from({ length: 20 }, (_, i) => `M${String(i + 1).padStart(4, '0')}`)
/** At each merchant; some paid from the bank's app before, and the campaign brings more of them by the day. */
const OWN_BEFORE = 1
const WECHAT_A_DAY = 34

/** From a system that started {@link DAYS} ago to today's. */
export async function liveThrough(system: TestSystem, say: (line: string) => void): Promise<void> {
  await addControls(system)
  for (let ago = DAYS; ago > 0; ago--) {
    say(`${addDays(TODAY, -ago)}: a day's trade`)
    await Promise.all([...MERCHANTS, ...CONTROLS].map((code, i) => trade(system, code, ago, i)))
    if (ago === 1) await giveBack(system)
    await system.travel(ago - 1)
    // the bank's statements speak of its own orders alone, so these are held against them before the others are written
    if (ago > 1) await reconciled(system, addDays(TODAY, -ago))
  }
  await yesterdayWithMistakes(system)
  await inLedger(system, async ({ db }) => {
    await written(db, 'wechatpay', -2 * DAYS - 1, -1, WECHAT_A_DAY)
    await written(db, 'bank', -2 * DAYS - 1, -DAYS - 1, OWN_BEFORE)
  })
}

/** A part of today's trade, WeChat's too; apart, since the merchant's own page counts it. */
export async function tradeToday(system: TestSystem): Promise<void> {
  await Promise.all(['M0012', 'M0014', 'M0016', ...CONTROLS].map((code, i) => trade(system, code, 0, i)))
  await inLedger(system, ({ db }) => written(db, 'wechatpay', 0, 0, WECHAT_A_DAY / 2))
}

async function addControls(system: TestSystem): Promise<void> {
  const names = ['街角面馆', '老地方盖饭', '河沿豆浆', '东门卤味']
  const lines = CONTROLS.map((code, i) => `${code},${names[i]},B0${1 + (i % 2)},acct-${code}`)
  const text = ['商户号,名称,网点,结算账户', ...lines].join('\n')
  await importMerchants(system, text)
  await inLedger(system, async ({ db }) => {
    const rows = CONTROLS.map((merchant_code) => ({ campaign_id: 'food-street', merchant_code }))
    await db.insertInto('campaign_controls').values(rows).execute()
  })
}

/** One merchant's guests of a day who pay from the bank's app; more of them as word goes round. */
async function trade(system: TestSystem, code: string, ago: number, i: number): Promise<void> {
  const guests = CONTROLS.includes(code) ? 1 : 2 + Math.round(((DAYS - ago) / DAYS) * 3) + ((i * 7 + ago * 5) % 3)
  for (let n = 0; n < guests; n++) {
    const guest = await system.payer(`history-${ago}-${code}-${n}`)
    const { body } = await guest.quote(1_200 + ((n * 1_730 + i * 410 + ago * 290) % 5_600), code)
    await guest.ended((await guest.pay(body.quoteId)).body.orderNo)
  }
}

/** Some refunds of the last day. */
async function giveBack(system: TestSystem): Promise<void> {
  for (const [i, code] of ['M0001', 'M0004', 'M0006'].entries()) {
    const merchant = await system.merchant(code)
    const [order] = await merchant.orders()
    const body = [
      { amountFen: 500, reason: '少上一道菜' },
      { amountFen: 850, reason: '顾客没有取餐' },
      { amountFen: 300 },
    ][i]
    await system.call('POST', `/api/merchant/orders/${order!.orderNo}/refunds`, {
      token: merchant.token,
      headers: { 'Idempotency-Key': `refund-of-history-${code}` },
      body,
    })
  }
}

async function reconciled(system: TestSystem, date: string): Promise<void> {
  await (await system.operator('maker')).post(`/admin/reconciliations/${date}`, {})
}

/** The statement of yesterday has four mistakes in it, one of each usual kind. */
async function yesterdayWithMistakes(system: TestSystem): Promise<void> {
  await system.statements.faults(
    { mode: 'wrong-amount' },
    { mode: 'book-twice' },
    { mode: 'wrong-gl' },
    { mode: 'phantom' },
  )
  await reconciled(system, addDays(TODAY, -1))
}

type Db = Parameters<Parameters<typeof inLedger>[1]>[0]['db']

/**
 * Plain paid orders of every merchant, some more and some fewer by merchant and day, none of them later than now. A day a statement: each
 * order counts in its day and those after it, and all in one would take longer than a statement may.
 */
async function written(db: Db, channel: string, fromDay: number, toDay: number, aDay: number): Promise<void> {
  for (let day = fromDay; day <= toDay; day++) await writtenOn(db, channel, day, aDay)
}

async function writtenOn(db: Db, channel: string, day: number, aDay: number): Promise<void> {
  const reason = channel === 'bank' ? 'not-in-campaign' : 'channel-not-eligible'
  await raw`
    insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen,
      discount_fen, payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, reason, payer_account,
      merchant_account, gl_account, state, created_at, ended_at, channel_trade_no, attempts)
    select upper(substr(${channel}, 1, 1)) || key, 'written ' || ${channel} || key, 'payer ' || key, 'none', merchant_code, ${channel},
      day, fen, 0, 0, 0, fen, fen, ${reason}, 'elsewhere', account, gl_account, 'paid', at, at + 900, 'T' || key, 1
    from (
      select m.merchant_code, m.account, b.gl_account, d.day,
        to_char(d.day, 'YYYYMMDD') || '-' || m.merchant_code || '-' || n as key,
        900 + (n * 730 + ascii(right(m.merchant_code, 1)) * 310 + d.i * 170) % 5200 as fen,
        least((extract(epoch from d.day)::bigint + 14400 + n * 900) * 1000, ${Date.now()}::bigint - n * 240000) as at
      from merchants m
      join branches b using (branch_code)
      cross join (select ${day}::integer as i, ${TODAY}::date + ${day}::integer as day) d
      cross join lateral generate_series(
        1, ${aDay}::integer + (ascii(right(m.merchant_code, 1)) * 3 + d.i * d.i * 5 + 500) % (1 + ${aDay}::integer / 3)
      ) as n
    ) planned`.execute(db)
}
