import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import { ENCLOSING_BYTES } from '../../../../server/domain/enclose'
import type { CommitResult, Decks, Ledger, Merchant, SealedDeck } from '../../../../server/flow/ports'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { sqlCatalog } from '../../../../server/store/sql/merchant/catalog'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { sqlLedger } from '../../../../server/store/sql/payment/ledger'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import {
  closed,
  DATE,
  NOON,
  newCampaign,
  newMerchant,
  newOrder,
  opened,
  opening,
  paid,
  SUCCEEDED,
  tally,
  unique,
  type Wanted,
} from '../payment/ledger-orders'
import { atRest } from './at-rest'

const COST_FEN = 2_500
/** A seal that nobody can open. */
const sealed = () => undefined

const kindOf = async (ledger: Ledger, wanted: Wanted) => (await ledger.openOrder(opening(newOrder(wanted)))).kind

describe.each(sqlEngines())('decks, $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let ledger: Ledger
  let decks: Decks
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
    ledger = sqlLedger(sql)
    decks = sqlDecks(sql)
  })
  afterAll(() => engine?.stop())

  /** A campaign on so many merchants, odd ones of another branch; `branchFen`: what it may cost the first branch. */
  async function street(count: number, budgetFen: number, branchFen?: number) {
    const name = unique('street')
    const merchants: Merchant[] = Array.from({ length: count }, (_, i) => ({
      ...newMerchant(),
      merchantCode: `${name}-${String(i).padStart(3, '0')}`,
      branchCode: i % 2 === 0 ? 'B-East' : 'B-West',
    }))
    const merchantCodes = merchants.map((merchant) => merchant.merchantCode)
    const campaign = newCampaign({ budgetFen })
    await seedFoodStreet(sql, { merchants, campaigns: [{ ...campaign, merchantCodes }] })
    const { campaignId } = campaign
    if (branchFen !== undefined)
      await sql.db
        .insertInto('branch_budgets')
        .values({ campaign_id: campaignId, branch_code: 'B-East', budget_fen: branchFen })
        .execute()
    const deckOf = (merchantCode: string, slots = 3): SealedDeck => ({
      campaignId,
      merchantCode,
      businessDate: DATE,
      version: 1,
      commitment: 'c0ffee',
      cards: Buffer.alloc(ENCLOSING_BYTES + 2 * slots, 7),
      dealtAt: NOON,
      keyId: 'c0ffee00',
    })
    const commit = (codes: readonly string[]) =>
      decks.commitMany(codes.map((code) => ({ ...deckOf(code), exposureFen: COST_FEN })))
    const committed = async () => {
      const campaignRow = sql.db.selectFrom('campaigns').select('committed_fen').where('campaign_id', '=', campaignId)
      const branch = sql.db.selectFrom('branch_budgets').select('committed_fen').where('campaign_id', '=', campaignId)
      return {
        campaign: (await campaignRow.executeTakeFirstOrThrow()).committed_fen,
        branch: (await branch.executeTakeFirst())?.committed_fen,
      }
    }
    return { campaignId, merchantCodes, deckOf, commit, committed }
  }
  const kinds = (results: CommitResult[]) => results.map((result) => result.kind)

  describe('committing many at once', () => {
    it('commits what the budget covers, in the order given, and tells what is left (I7)', async () => {
      const { merchantCodes, commit, committed } = await street(4, 2 * COST_FEN + 100)
      const results = await commit(merchantCodes)
      expect(kinds(results)).toEqual(['committed', 'committed', 'budget-exhausted', 'budget-exhausted'])
      expect(results[3]).toEqual({ kind: 'budget-exhausted', remainingFen: 100, by: 'campaign' })
      expect(await committed()).toEqual({ campaign: 2 * COST_FEN, branch: undefined })
    })

    it('keeps whose budget and account it is of, wherever the merchant and the account go', async () => {
      const { merchantCodes, deckOf, commit } = await street(1, 9 * COST_FEN)
      const [code] = merchantCodes as [string]
      await commit([code])
      const purse = { branchCode: 'B-East', glAccount: newMerchant().glAccount }
      expect(await sqlCatalog(sql).purse(deckOf(code))).toEqual(purse)
      const moved = { branch_code: 'B-New', name: 'new', gl_account: 'gl-new' }
      await sql.db.insertInto('branches').values(moved).execute()
      await sql.db.updateTable('merchants').set({ branch_code: 'B-New' }).where('merchant_code', '=', code).execute()
      await sql.db.updateTable('branches').set({ gl_account: 'gl-y' }).where('branch_code', '=', 'B-East').execute()
      expect(await sqlCatalog(sql).purse(deckOf(code))).toEqual(purse)
      const next = { ...deckOf(code), businessDate: '2026-11-22' }
      expect(await sqlCatalog(sql).purse(next)).toBeUndefined()
      await decks.commitMany([{ ...next, exposureFen: COST_FEN }])
      expect(await sqlCatalog(sql).purse(next)).toEqual({ branchCode: 'B-New', glAccount: 'gl-new' })
      const { businessDate } = next
      await sql.db.updateTable('decks').set({ gl_account: null }).where('business_date', '=', businessDate).execute()
      expect(await sqlCatalog(sql).purse(next)).toBeNull()
    })

    it('stops at the branch’s budget, and goes on with merchants of other branches', async () => {
      const { merchantCodes, commit, committed } = await street(6, 100_000, COST_FEN + 200)
      const results = await commit(merchantCodes)
      const refused = { kind: 'budget-exhausted', remainingFen: 200, by: 'branch' }
      const done = { kind: 'committed' }
      expect(results).toEqual([done, done, refused, done, refused, done])
      expect(await committed()).toEqual({ campaign: 4 * COST_FEN, branch: COST_FEN })
    })

    it('says what is left for a deck: of the campaign’s budget or the branch’s, the smaller one', async () => {
      const { campaignId, merchantCodes, commit } = await street(2, 3 * COST_FEN, 2 * COST_FEN)
      const room = () => Promise.all(['B-East', 'B-West'].map((branch) => decks.room(campaignId, branch, '2026-11-21')))
      const left = (fen: number, by: string) => ({ fen, by })
      expect(await room()).toEqual([left(2 * COST_FEN, 'branch'), left(3 * COST_FEN, 'campaign')])
      await commit(merchantCodes)
      expect(await room()).toEqual([left(COST_FEN, 'campaign'), left(COST_FEN, 'campaign')])
      await commit(merchantCodes)
      expect(await room()).toEqual([left(COST_FEN, 'campaign'), left(COST_FEN, 'campaign')])
      expect(await decks.room('no-such-campaign', 'B-East', '2026-11-21')).toMatchObject({ fen: 0 })
    })

    it('stops at what a day may cost, however many deal it at once, and begins anew the next day (I7)', async () => {
      const { campaignId, merchantCodes, deckOf } = await street(6, 100 * COST_FEN)
      const daily = (fen: number | null) =>
        sql.db.updateTable('campaigns').set({ daily_budget_fen: fen }).where('campaign_id', '=', campaignId).execute()
      await daily(2 * COST_FEN + 200)
      const commit = (code: string, businessDate = DATE) =>
        ledger.commitDeck({ ...deckOf(code), businessDate }, COST_FEN)
      const at = await Promise.all(merchantCodes.map((code) => commit(code)))
      expect(kinds(at).sort()).toEqual([...Array(4).fill('budget-exhausted'), 'committed', 'committed'])
      const refused = at.find(({ kind }) => kind === 'budget-exhausted')
      expect(refused).toEqual({ kind: 'budget-exhausted', remainingFen: 200, by: 'day' })
      expect(await decks.room(campaignId, 'B-East', DATE)).toEqual({ fen: 200, by: 'day' })
      expect(await decks.room(campaignId, 'B-East', '2026-11-23')).toEqual({ fen: 2 * COST_FEN + 200, by: 'day' })
      expect((await commit(merchantCodes[0]!, '2026-11-23')).kind).toBe('committed')
      await daily(3 * COST_FEN)
      const many = await decks.commitMany(merchantCodes.map((code) => ({ ...deckOf(code), exposureFen: COST_FEN })))
      expect(kinds(many).filter((kind) => kind === 'committed')).toHaveLength(1)
      const rows = await sql.db.selectFrom('campaign_days').selectAll().where('campaign_id', '=', campaignId).execute()
      expect(rows.map((row) => [row.business_date, row.budget_fen, row.committed_fen]).sort()).toEqual([
        [DATE, 3 * COST_FEN, 3 * COST_FEN],
        ['2026-11-23', 2 * COST_FEN + 200, COST_FEN],
      ])
    })

    it('counts a deck that is there neither twice nor against the others', async () => {
      const { merchantCodes, commit, committed } = await street(3, 3 * COST_FEN)
      await commit([merchantCodes[1]!])
      expect(kinds(await commit(merchantCodes))).toEqual(['committed', 'already-committed', 'committed'])
      expect((await committed()).campaign).toBe(3 * COST_FEN)
    })

    it('from eight at once commits each deck once and never more than the budgets (I7)', async () => {
      const { merchantCodes, commit, committed } = await street(40, 30 * COST_FEN, 12 * COST_FEN)
      const counts = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          const from = (i * 5) % 40
          return kinds(await commit([...merchantCodes.slice(from), ...merchantCodes.slice(0, from)]))
        }),
      )
      const dealt = counts.flat().filter((kind) => kind === 'committed').length
      expect(await committed()).toEqual({ campaign: dealt * COST_FEN, branch: 12 * COST_FEN })
      expect(dealt).toBe(30)
    })
  })

  describe('a deck that is short', () => {
    it('is recorded with it, and forgotten with a whole one; a deck that is there is never changed', async () => {
      const { merchantCodes, deckOf } = await street(2, 5_000)
      const [short, missing] = [deckOf(merchantCodes[0]!, 1), deckOf(merchantCodes[1]!)]
      await ledger.commitDeck(short, 700, { wantedSlots: 3, by: 'branch' })
      expect(await decks.shortage(short)).toMatchObject({ wantedSlots: 3, dealtSlots: 1, by: 'branch', notedAt: NOON })
      const none = { ...missing, wantedSlots: 3, dealtSlots: 0, by: 'campaign' as const, notedAt: NOON }
      await decks.noteShortages([none, { ...none, ...short }])
      expect(await decks.shortage(missing)).toMatchObject({ dealtSlots: 0, by: 'campaign' })
      expect(await decks.shortage(short)).toMatchObject({ dealtSlots: 1 })
      await ledger.commitDeck(missing, COST_FEN)
      expect(await decks.shortage(missing)).toBeUndefined()
      await ledger.commitDeck(deckOf(merchantCodes[0]!), COST_FEN)
      expect(await ledger.deck(short)).toEqual(short)
    })

    it('knows the rule that it was dealt by, also when the campaign has another one by now', async () => {
      const { campaignId, merchantCodes, deckOf } = await street(1, 5_000)
      const rule = { ...newCampaign().rule, bandPercent: 81 }
      const version = { campaign_id: campaignId, version: 7, content: JSON.stringify({ rule }) }
      const approved = { made_by: 'maker', approved_by: 'checker', approved_at: NOON }
      await sql.db
        .insertInto('campaign_versions')
        .values({ ...version, ...approved })
        .execute()
      const deck = { ...deckOf(merchantCodes[0]!), version: 7 }
      await ledger.commitDeck(deck, COST_FEN)
      expect(await decks.kept(deck)).toEqual({ ...deck, rule, closedAt: null, branchCode: 'B-East', usedSlots: null })
      expect(await decks.ruleOf(campaignId, 7)).toEqual(rule)
      expect(await decks.ruleOf(campaignId, 6)).toBeUndefined()
    })
  })

  describe('what a day still needs', () => {
    const page = (after = '', notedBefore = 0, limit = 100) => ({ after, notedBefore, limit })

    it('are merchants without a deck and without a fresh shortage, page by page', async () => {
      const { campaignId, merchantCodes, commit, deckOf } = await street(5, 100_000)
      await commit([merchantCodes[0]!])
      const none = {
        ...deckOf(merchantCodes[1]!),
        wantedSlots: 3,
        dealtSlots: 0,
        by: 'campaign' as const,
        notedAt: 500,
      }
      await decks.noteShortages([none])
      const codes = async (of: ReturnType<typeof page>) => {
        const { merchants, last } = await decks.undealt(campaignId, DATE, of)
        return [merchants.map((one) => one.merchantCode), last]
      }
      expect(await codes(page('', 499, 3))).toEqual([[merchantCodes[2]], merchantCodes[2]])
      expect(await codes(page('', 500, 3))).toEqual([merchantCodes.slice(1, 3), merchantCodes[2]])
      expect(await codes(page(merchantCodes[2], 499))).toEqual([merchantCodes.slice(3), merchantCodes[4]])
      expect(await codes(page(merchantCodes[4]))).toEqual([[], undefined])
      const count = (place: number) => decks.countUndealt(campaignId, DATE, { place, notedBefore: 499 })
      expect(await count(0)).toEqual({ count: 3, middle: merchantCodes[2] })
      expect(await count(0.99)).toEqual({ count: 3, middle: merchantCodes[4] })
    })

    it.each([
      ['a higher priority', { priority: 1 }, true],
      ['a lower priority', { priority: -1 }, false],
      ['a higher priority, paused', { priority: 1, state: 'paused' as const }, true],
      ['a higher priority, not begun', { priority: 1, startDate: '2026-11-22' }, false],
      ['a higher priority, ended', { priority: 1, state: 'ended' as const }, false],
      ['the same priority, newer', { createdAt: NOON + 1 }, true],
    ])('leaves out where a campaign of %s applies', async (_, other, overruled) => {
      const merchant = { ...newMerchant() }
      const mine = { ...newCampaign(), createdAt: NOON }
      const merchantCodes = [merchant.merchantCode]
      const campaigns = [mine, { ...newCampaign(), createdAt: NOON, ...other }].map((one) => ({
        ...one,
        merchantCodes,
      }))
      await seedFoodStreet(sql, { merchants: [merchant], campaigns })
      const { merchants } = await decks.undealt(mine.campaignId, DATE, page())
      expect(merchants).toHaveLength(overruled ? 0 : 1)
    })

    it('are the campaigns that are on: running, or approved to begin by then', async () => {
      const states = ['draft', 'submitted', 'approved', 'running', 'paused', 'ended'] as const
      const campaigns = states.map((state) => newCampaign({ state }))
      await seedFoodStreet(sql, { merchants: [], campaigns })
      const on = async (date: string) => {
        const found = (await decks.campaignsOn(date)).map((one) => one.campaignId)
        return campaigns.filter((one) => found.includes(one.campaignId)).map((one) => one.state)
      }
      expect(await on(DATE)).toEqual(['approved', 'running'])
      expect(await on('2026-12-01')).toEqual([])
    })
  })

  describe('closing', () => {
    it('leaves a deck what its orders used and gives the rest back to both budgets, once', async () => {
      const { campaignId, merchantCodes, commit, committed } = await street(3, 100_000, 50_000)
      await commit(merchantCodes)
      const on = (i: number, slot: number) =>
        opened(ledger, { merchantCode: merchantCodes[i]!, card: { campaignId, slot }, discountFen: 700 + 100 * slot })
      const [used, cancelled, unknown] = [await on(0, 1), await on(0, 0), await on(1, 0)]
      await ledger.endOrder(used, paid(used), SUCCEEDED)
      await ledger.endOrder(cancelled, closed(), SUCCEEDED)
      expect(await decks.close(addDays(DATE, -1), 100, NOON, sealed)).toBe(0)
      const counts = await tally(3, async () => String(await decks.close(DATE, 100, NOON + 9, sealed)))
      expect(Object.keys(counts).sort()).toContain('0')
      // The one with an order of unknown outcome keeps its card, and gives it back when that closes.
      expect(await committed()).toEqual({ campaign: 800 + 700, branch: 800 })
      expect(await decks.takeBack(100)).toBe(0)
      await ledger.endOrder(unknown, closed(), SUCCEEDED)
      expect(await decks.returning(campaignId, DATE)).toBe(true)
      const taken = await tally(3, async () => String(await decks.takeBack(100)))
      expect(taken['1']).toBe(1)
      expect(await committed()).toEqual({ campaign: 800, branch: 800 })
      expect(await decks.returning(campaignId, DATE)).toBe(false)
      expect(await decks.close(DATE, 100, NOON + 11, sealed)).toBe(0)
      const deck = { campaignId, merchantCode: merchantCodes[0]!, businessDate: DATE }
      expect((await decks.kept(deck))!.closedAt).toBe(NOON + 9)
      expect(await decks.orders(deck)).toEqual([{ slot: 1, orderNo: used.orderNo, state: 'paid' }])
    })

    it('refuses further orders, and is passed over while one is being opened on it', async () => {
      const { campaignId, merchantCodes, commit, committed } = await street(1, 100_000)
      await commit(merchantCodes)
      const card = { merchantCode: merchantCodes[0]!, card: { campaignId, slot: 0 }, discountFen: 700 }
      const outcomes = await Promise.all([
        decks.close(DATE, 100, NOON, sealed),
        ...Array.from({ length: 4 }, (_, slot) =>
          kindOf(ledger, { ...card, card: { campaignId, slot }, discountFen: 700 }),
        ),
      ])
      while ((await decks.close(DATE, 100, NOON, sealed)) > 0);
      const made = outcomes.filter((one) => one === 'opened').length
      expect(outcomes.slice(1).every((one) => one === 'opened' || one === 'deck-closed')).toBe(true)
      expect((await committed()).campaign).toBe(700 * made)
      expect(await kindOf(ledger, { ...card, card: { campaignId, slot: 9 } })).toBe('deck-closed')
      expect((await committed()).campaign).toBe(700 * made)
    })

    it('and a correction that costs more than the budget is told, deals nothing, and is made good', async () => {
      const { campaignId, merchantCodes, commit, committed } = await street(2, COST_FEN, COST_FEN)
      await commit([merchantCodes[0]!])
      const order = await opened(ledger, {
        merchantCode: merchantCodes[0]!,
        card: { campaignId, slot: 0 },
        discountFen: 700,
      })
      await ledger.endOrder(order, paid(order), SUCCEEDED)
      const correct = async (fen: number) => {
        const entry = { order_no: order.orderNo, correction_id: unique('D'), posted_at: NOON }
        const leg = (role: 'gl' | 'merchant', amount_fen: number) => ({ ...entry, role, account: role, amount_fen })
        await sql.db
          .insertInto('postings')
          .values([leg('gl', -fen), leg('merchant', fen)])
          .execute()
        while ((await decks.takeBack(100)) > 0);
      }
      await correct(900)
      expect(await committed()).toEqual({ campaign: COST_FEN + 900, branch: COST_FEN + 900 })
      expect(await commit([merchantCodes[1]!])).toEqual([
        { kind: 'budget-exhausted', remainingFen: -900, by: 'campaign' },
      ])
      await decks.close(DATE, 100, NOON, sealed)
      expect(await committed()).toEqual({ campaign: 700 + 900, branch: 700 + 900 })
      await correct(-900)
      expect(await committed()).toEqual({ campaign: 700, branch: 700 })
    })

    it('goes in bounded steps', async () => {
      await decks.close(DATE, 1_000, NOON, sealed)
      const { merchantCodes, commit, committed } = await street(5, 100_000)
      await commit(merchantCodes)
      expect([await decks.close(DATE, 2, NOON, sealed), (await committed()).campaign]).toEqual([2, 3 * COST_FEN])
      expect([await decks.close(DATE, 9, NOON, sealed), (await committed()).campaign]).toEqual([3, 0])
    })
  })

  it('keep what a version committed to once, whoever says it first, and know a version that was never kept', async () => {
    const { campaignId } = await street(1, 10_000)
    const secret = { keyId: 'k1', commitment: 's1.1', at: NOON }
    expect(await decks.secret(campaignId, 1)).toBeUndefined()
    const published = await Promise.all([
      decks.publishSecret(campaignId, 1, secret),
      decks.publishSecret(campaignId, 1, { ...secret, commitment: 's1.2' }),
    ])
    expect(published[0]).toEqual(published[1])
    expect(await decks.secret(campaignId, 1)).toEqual(published[0])
    await expect(decks.publishSecret(campaignId, 2, secret)).rejects.toThrow('was never kept')
    expect(await decks.secrets(campaignId)).toMatchObject({
      state: 'running',
      lastDeckDate: null,
      versions: [{ version: 1, secret: published[0] }],
    })
    expect(await decks.secrets('none')).toBeUndefined()
  })

  it('keep one answer of the beacon for a date, nothing included, and with a deck the pulse it was dealt by', async () => {
    const pulse = { source: 'https://beacon.example', round: 7, value: 'ab'.repeat(32) }
    const [one, other] = [addDays(DATE, 300), addDays(DATE, 301)]
    expect(await decks.pulse(one)).toBeUndefined()
    expect(await decks.notePulse(one, null, NOON)).toBeNull()
    expect(await decks.notePulse(one, pulse, NOON)).toBeNull()
    expect(await decks.pulse(one)).toBeNull()
    expect(await decks.notePulse(other, pulse, NOON)).toEqual(pulse)
    expect(await decks.pulse(other)).toEqual(pulse)

    const { merchantCodes, deckOf } = await street(2, 10_000)
    const [mixed, plain] = [{ ...deckOf(merchantCodes[0]!), beacon: pulse }, deckOf(merchantCodes[1]!)]
    await decks.commitMany([mixed, plain].map((deck) => ({ ...deck, exposureFen: COST_FEN })))
    expect(await ledger.deck(mixed)).toEqual(mixed)
    expect((await ledger.deck(plain))!.beacon).toBeUndefined()
    expect((await decks.kept(mixed))!.beacon).toEqual(pulse)
    const page = await decks.dealtPage(DATE, { campaignId: mixed.campaignId, merchantCode: '' }, 2)
    expect(page.map(({ deck }) => deck.beacon)).toEqual([pulse, undefined])
  })

  atRest(() => engine.fresh())
})
