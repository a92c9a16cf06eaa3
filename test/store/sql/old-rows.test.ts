import { CompiledQuery } from 'kysely'
import { sqlEngines, type TestSql } from '../../../harness/sql'
import { migrations } from '../../../server/store/sql/migrations'
import type { Sql } from '../../../server/store/sql/open-sql'

/** Rows as the version before wrote them, migrated. */
describe.each(sqlEngines())('a ledger of the version before, on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine?.stop())

  const run = async (text: string) => (await sql.db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text))).rows

  /** Its schema as it was before a migration. */
  async function before(name: string): Promise<void> {
    sql = await engine.fresh()
    await run('drop schema public cascade')
    await run('create schema public')
    await run('create table kysely_migration (name varchar(255) primary key, timestamp varchar(255) not null)')
    for (const one of Object.keys(migrations).sort()) {
      if (one >= name) break
      await migrations[one]!.up(sql.db)
      await run(`insert into kysely_migration values ('${one}', '')`)
    }
  }

  const order = (
    no: string,
    more: { merchant?: string; slot?: number; gl?: string; state?: 'paid' | 'closed' | 'paying'; date?: string },
  ) => {
    const { merchant = 'M1', slot = null, gl = 'gl-1', state = 'paid', date = '2026-11-20' } = more
    const [off, campaign, deck] = slot === null ? [0, 'null', 'null'] : [800, `'street'`, `'2026-11-20'`]
    const ending = { paid: `null, 1, 'T', null`, closed: `null, 1, null, 'closed'`, paying: `2, null, null, null` }[
      state
    ]
    return run(`
      insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen,
        discount_fen, payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, campaign_id, deck_date, slot,
        payer_account, merchant_account, gl_account, state, created_at, attempts, next_query_at, ended_at, channel_trade_no,
        close_reason)
      values ('${no}', '${no}', 'p', 'a', '${merchant}', 'bank', '${date}', 5000, ${off}, ${off / 2}, ${off / 2},
        ${5000 - off / 2}, ${5000 + off / 2}, ${campaign}, ${deck}, ${slot}, 'payer', 'to', '${gl}', '${state}', 1, 0,
        ${ending})`)
  }
  const refund = (no: string, orderNo: string, date: string, state = 'refunded') =>
    run(`
      insert into refunds (refund_no, order_no, merchant_code, business_date, payer_fen, merchant_fen, gl_fen, idempotency_key,
        input_hash, state, created_at, ended_at, channel_refund_no, next_query_at)
      values ('${no}', '${orderNo}', 'M1', '${date}', 460, 540, 80, '${no}', '', '${state}', 1,
        ${state === 'refunded' ? `1, 'R', null` : 'null, null, 5'})`)

  describe('gets the branch of what it had', () => {
    beforeAll(async () => {
      await before('0030-frozen-branch')
      await run(`insert into branches values ('B1', 'one', 'gl-1'), ('B2', 'two', 'gl-2')`)
      // M1's deck was dealt to B1, and then M1 moved
      await run(`insert into merchants values ('M1', 'one', 'B2', 'to'), ('M2', 'two', 'B1', 'to-2')`)
      await run(`
        insert into campaigns (campaign_id, version, name, organiser, state, start_date, end_date, rule, budget_fen, created_at)
        values ('street', 1, 'n', 'o', 'running', '2026-11-01', '2026-11-30', '{}', 9000, 1)`)
      await run(`
        insert into decks (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at,
          branch_code)
        values ('street', 'M1', '2026-11-20', 1, '', '{800,800,800}', 2400, 1, 'B1')`)
      await order('with-a-card', { slot: 0 })
      await order('given-back', { slot: 1, state: 'closed' })
      await order('unknown', { slot: 2, state: 'paying' })
      await order('plain', {})
      await order('elsewhere', { merchant: 'M2', date: '2026-11-19' })
      await order('of-nobody', { merchant: 'M-gone' })
      await refund('back', 'with-a-card', '2026-11-21')
      await refund('under-way', 'with-a-card', '2026-11-21', 'refunding')
      await sql.migrate()
    })

    it('of its deck where an order has a card, else the merchant’s of now, and none that nobody knows; a refund its order’s', async () => {
      expect(Object.fromEntries((await run('select order_no, branch_code from orders')).map(Object.values))).toEqual({
        'with-a-card': 'B1',
        'given-back': 'B1',
        unknown: 'B1',
        plain: 'B2',
        elsewhere: 'B1',
        'of-nobody': null,
      })
      expect(await run('select distinct branch_code from refunds')).toEqual([{ branch_code: 'B1' }])
    })

    it('and leaves unknown which account a deck was committed to', async () => {
      expect(await run('select branch_code, gl_account from decks')).toEqual([{ branch_code: 'B1', gl_account: null }])
    })

    it('and counts its days by branch and account, with what was given back', async () => {
      const totals = await run(`
        select merchant_code, business_date, campaign_id, branch_code, orders, discount_fen, returned_fen, refunds,
          refunded_merchant_fen from day_totals order by 1, 2, 3`)
      const none = { campaign_id: '', discount_fen: 0, returned_fen: 0, refunds: 0, refunded_merchant_fen: 0 }
      const carded = { merchant_code: 'M1', campaign_id: 'street', branch_code: 'B1' }
      expect(totals).toEqual([
        { ...none, merchant_code: 'M-gone', business_date: '2026-11-20', branch_code: '', orders: 1 },
        { ...none, merchant_code: 'M1', business_date: '2026-11-20', branch_code: 'B2', orders: 1 },
        { ...none, ...carded, business_date: '2026-11-20', orders: 1, discount_fen: 800, returned_fen: 80 },
        { ...none, ...carded, business_date: '2026-11-21', orders: 0, refunds: 1, refunded_merchant_fen: 540 },
        { ...none, merchant_code: 'M2', business_date: '2026-11-19', branch_code: 'B1', orders: 1 },
      ])
    })

    it('also for what a process of the version before still writes beside us', async () => {
      await run(
        `update orders set state = 'closed', ended_at = 1, next_query_at = null, close_reason = 'x' where order_no = 'unknown'`,
      )
      await order('old-with-a-card', { slot: 2 })
      await order('old-plain', {})
      await refund('old-back', 'old-with-a-card', '2026-11-21')
      const written = await run(`
        select order_no, branch_code from orders where order_no like 'old-%'
        union all select refund_no, branch_code from refunds where refund_no = 'old-back' order by 1`)
      expect(written.map(Object.values)).toEqual([
        ['old-back', 'B1'],
        ['old-plain', 'B2'],
        ['old-with-a-card', 'B1'],
      ])
    })
  })

  describe('has its days as they were counted and signed', () => {
    const old = (no: string, slot: number | null, date: string, state = 'paid') => {
      const off = slot === null ? 0 : 800
      const ending = state === 'paid' ? `null, 1, 'T', null` : `null, 1, null, 'closed'`
      return run(`
        insert into orders (order_no, quote_nonce, payer_id, payer_ref, merchant_code, channel, business_date, amount_fen,
          discount_fen, payer_discount_fen, merchant_reward_fen, payable_fen, merchant_receives_fen, campaign_id, slot,
          payer_account, merchant_account, gl_account, state, created_at, attempts, next_query_at, ended_at, channel_trade_no,
          close_reason)
        values ('${no}', '${no}', 'p', 'a', 'M1', 'bank', '${date}', 5000, ${off}, ${off / 2}, ${off / 2},
          ${5000 - off / 2}, ${5000 + off / 2}, ${slot === null ? 'null' : `'street'`}, ${slot},
          'payer', 'to', 'gl-1', '${state}', ${Date.parse('2026-11-21T00:00:10+08:00')}, 0, ${ending})`)
    }
    beforeAll(async () => {
      await before('0029-deck-date')
      // Quoted before midnight and paid after it: an order and its card were of the quote's day then, in totals and statements.
      await old('late', 0, '2026-11-20')
      await old('given-back', 1, '2026-11-20', 'closed')
      await old('plain', null, '2026-11-20')
      await old('next', 0, '2026-11-21')
      await sql.migrate()
    })

    it('an order keeps its day, its card has the same, and one without a card has no day of a deck', async () => {
      const days = await run(`
        select order_no, business_date::text as day, deck_date::text as deck from orders order by order_no`)
      expect(days.map(Object.values)).toEqual([
        ['given-back', '2026-11-20', '2026-11-20'],
        ['late', '2026-11-20', '2026-11-20'],
        ['next', '2026-11-21', '2026-11-21'],
        ['plain', '2026-11-20', null],
      ])
      const totals = await run(
        'select business_date::text as day, sum(orders)::integer as n from day_totals group by 1 order by 1',
      )
      expect(totals.map(Object.values)).toEqual([
        ['2026-11-20', 2],
        ['2026-11-21', 1],
      ])
    })

    it('and a card that was used then is nobody else’s now (I1)', async () => {
      const again = `insert into orders select (jsonb_populate_record(o, '{"order_no": "again", "quote_nonce": "again"}')).*
        from orders o where order_no = 'late'`
      await expect(run(again)).rejects.toThrow(/orders_slot/)
    })
  })

  describe('has its open decks counted at their dearest, where a budget covers that', () => {
    const rule = JSON.stringify({
      slots: 3,
      minFen: 100,
      maxFen: 1_000,
      bandMinFen: 700,
      bandMaxFen: 900,
      bandPercent: 60,
    })
    const deck = (campaign: string, merchant: string, cards: number[], closed = false, back = 0) => {
      const fen = cards.reduce((a, b) => a + b)
      return run(`
        insert into decks (campaign_id, merchant_code, business_date, version, commitment, amounts_fen, exposure_fen, dealt_at,
          branch_code, closed_at, returned_fen)
        values ('${campaign}', '${merchant}', '2026-11-20', 1, '', '{${cards}}', ${fen - back}, 1, 'B1', ${closed ? 1 : 'null'}, ${back})`)
    }
    beforeAll(async () => {
      await before('0075-sealed-decks')
      await run(`insert into branches values ('B1', 'one', 'gl-1')`)
      for (const [id, committed, budget] of [
        ['street', 900 + 2_350 + 700, 9_000],
        ['tight', 2_350, 2_799],
        ['narrow', 2_350, 9_000],
      ])
        await run(`
          insert into campaigns (campaign_id, version, name, organiser, state, start_date, end_date, rule, budget_fen, committed_fen,
            created_at, updated_at)
          values ('${id}', 1, 'n', 'o', 'running', '2026-11-01', '2026-11-30', '${rule}', ${budget}, ${committed}, 1, 1)`)
      await run(`
        insert into campaign_versions (campaign_id, version, content, made_by, approved_by, approved_at)
        select campaign_id, version, jsonb_build_object('rule', rule), 'maker', 'checker', 1 from campaigns`)
      await run(`insert into branch_budgets values ('street', 'B1', 9000, 3950), ('narrow', 'B1', 2799, 2350)`)
      await deck('street', 'M1', [800, 750, 900], false, 100)
      await deck('street', 'M2', [700])
      await deck('street', 'M3', [900], true)
      await deck('tight', 'M1', [800, 750, 800])
      await deck('narrow', 'M1', [800, 750, 800])
      await sql.migrate()
    })

    it('with both budgets, what came back of them left out, and their cards left as they are', async () => {
      const [mostFen, oneFen] = [2 * 900 + 1_000, 900]
      const decks = await run('select exposure_fen, amounts_fen, sealed from decks order by campaign_id, merchant_code')
      expect(decks.map((one) => one.exposure_fen)).toEqual([2_350, mostFen - 100, oneFen, 900, 2_350])
      for (const one of decks) expect([one.sealed, one.amounts_fen]).toEqual([null, expect.any(Array)])
      const committed = await run('select committed_fen from campaigns order by campaign_id')
      expect(committed.map(Object.values)).toEqual([[2_350], [mostFen - 100 + oneFen + 900], [2_350]])
      const branches = await run('select committed_fen from branch_budgets order by campaign_id')
      expect(branches.map(Object.values)).toEqual([[2_350], [mostFen - 100 + oneFen + 900]])
    })

    it('and keeps a deck’s cards either sealed or not', async () => {
      const both = (set: string) => run(`update decks set ${set}`)
      await expect(both(`sealed = ''`)).rejects.toThrow(/decks_cards/)
      await expect(both('amounts_fen = null')).rejects.toThrow(/decks_cards/)
    })
  })
})
