import { type Kysely, type RawBuilder, sql as raw } from 'kysely'
import type { BookedMerchant, MerchantBook, MerchantFilter, MerchantSort, MerchantTotals } from '../../../flow/ports'
import { applying } from '../applies'
import type { Tables } from '../tables'

type Day = Pick<MerchantFilter, 'date' | 'scope'>

/** What a page is sorted by, as SQL of a merchant `m`, and beside it `d`: its day. */
const KEYS: Record<MerchantSort, RawBuilder<unknown>> = {
  code: raw`m.merchant_code`,
  branch: raw`m.branch_code`,
  users: raw`(select count(*) from merchant_users u where u.merchant_code = m.merchant_code and u.unbound_at is null)`,
  orders: raw`coalesce(d.orders, 0)`,
}

const COUNTS = raw`coalesce(sum(t.orders), 0)::bigint as orders,
  coalesce(sum(t.orders) filter (where t.discount_fen > 0), 0)::bigint as discounted`

/** Every merchant's counts of a day, found branch by branch: what lies behind that day isn't read. Nobody's branch is ''. */
const allOfDay = ({ date, scope }: Day) => raw`
  select t.merchant_code, ${COUNTS}
  from (select branch_code from branches union all select '') b cross join lateral (
    select * from day_totals t where t.branch_code = b.branch_code and t.business_date = ${date}::date offset 0
  ) t
  where ${scope}::text is null or b.branch_code = ${scope} group by 1`

/** The counts of a merchant's day. An operator of one branch sees the orders that are that branch's, as in the list of orders. */
const ofDay = ({ date, scope }: Day) => raw`
  from day_totals t where t.merchant_code = m.merchant_code and t.business_date = ${date}::date
    and (${scope}::text is null or t.branch_code = ${scope})`

function found({ scope, branchCode, q, bound, disabled }: MerchantFilter): RawBuilder<unknown> {
  const part = q && `%${q.replace(/[\\%_]/g, '\\$&')}%`
  return raw`
    (${scope}::text is null or m.branch_code = ${scope})
    and (${branchCode}::text is null or m.branch_code = ${branchCode})
    and (${part ?? null}::text is null or m.merchant_code ilike ${part ?? null} or m.name ilike ${part ?? null})
    and (${bound ?? null}::boolean is null or ${bound ?? null} = exists (
      select 1 from merchant_users u where u.merchant_code = m.merchant_code and u.unbound_at is null))
    and (${disabled ?? null}::boolean is null or ${disabled ?? null} = (m.disabled_at is not null))`
}

export async function listMerchants(
  db: Kysely<Tables>,
  { sort, descending, after, limit, ...filter }: Parameters<MerchantBook['list']>[0],
): ReturnType<MerchantBook['list']> {
  const key = KEYS[sort]
  const beyond = raw.raw(descending ? '<' : '>')
  const way = raw.raw(descending ? 'desc' : 'asc')
  const type = raw.raw(sort === 'users' || sort === 'orders' ? 'bigint' : 'text')
  const next = !after
    ? raw`true`
    : sort === 'code'
      ? raw`m.merchant_code ${beyond} ${after.merchantCode}`
      : raw`(${key}, m.merchant_code) ${beyond} (${after.key}::${type}, ${after.merchantCode}::text)`
  const page = raw`
    select m.*, ${key} as key from merchants m ${sort === 'orders' ? raw`left join (${allOfDay(filter)}) d using (merchant_code)` : raw``}
    where ${found(filter)} and ${next}
    order by key ${way}, m.merchant_code ${way} limit ${limit}`
  const { rows } = await booked(page, filter, raw`order by m.key ${way}, m.merchant_code ${way}`).execute(db)
  return rows.map(({ key, ...row }) => ({ ...merchantOf(row, filter.date), key: String(key) }))
}

export async function oneMerchant(
  db: Kysely<Tables>,
  merchantCode: string,
  date: string,
  scope: string | null,
): Promise<BookedMerchant | undefined> {
  const page = raw`
    select m.*, null as key from merchants m
    where m.merchant_code = ${merchantCode} and (${scope}::text is null or m.branch_code = ${scope})`
  const [row] = (await booked(page, { date, scope }, raw``).execute(db)).rows
  if (!row) return undefined
  const { key: _, ...merchant } = row
  return merchantOf(merchant, date)
}

export async function merchantTotals(db: Kysely<Tables>, filter: MerchantFilter): Promise<MerchantTotals> {
  const { rows } = await raw<MerchantTotals>`
    select count(*) as merchants, count(*) filter (where u.merchant_code is null) as unbound,
      coalesce(sum(d.orders), 0)::bigint as orders, coalesce(sum(d.discounted), 0)::bigint as discounted
    from merchants m
    left join (select distinct merchant_code from merchant_users where unbound_at is null) u using (merchant_code)
    left join (${allOfDay(filter)}) d using (merchant_code)
    where ${found(filter)}`.execute(db)
  return rows[0]!
}

type Row = Omit<BookedMerchant, 'campaign' | 'today'> & {
  campaignId: string | null
  campaignName: string | null
  orders: number
  discounted: number
  key: string | number | null
}

/** The page first and what belongs to each row after, so that nothing is looked up for rows nobody sees. */
const booked = (page: RawBuilder<unknown>, day: Day, sorted: RawBuilder<unknown>) =>
  raw<Row>`
  select m.merchant_code as "merchantCode", m.name, m.branch_code as "branchCode", b.name as "branchName",
    b.gl_account as "glAccount", m.account, m.wallet_accounts as "walletAccounts", m.disabled_at is not null as disabled, c.campaign_id as "campaignId", c.name as "campaignName",
    ${KEYS.users} as "userCount", m.key, t.orders, t.discounted
  from (select p.*, ${day.date}::date as day from (${page}) p) m
  join branches b using (branch_code)
  left join lateral (
    ${raw.raw(applying('m.merchant_code', 'm.day'))}
  ) c on true
  cross join lateral (
    select ${COUNTS} ${ofDay(day)}
  ) t
  ${sorted}`

function merchantOf(
  { campaignId, campaignName, orders, discounted, ...merchant }: Omit<Row, 'key'>,
  date: string,
): BookedMerchant {
  const campaign = campaignId === null ? null : { campaignId, name: campaignName! }
  return { ...merchant, campaign, today: { date, orders, discounted } }
}
