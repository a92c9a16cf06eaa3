import fc from 'fast-check'
import { sqlEngines, type TestSql } from '../../../../harness/sql'
import { addDays } from '../../../../server/domain/business-date'
import type { CampaignState } from '../../../../server/domain/campaign'
import { stateOn } from '../../../../server/domain/campaign'
import type { CampaignTerms, Change } from '../../../../server/domain/campaign-life'
import { masterKeys } from '../../../../server/domain/key-ring'
import type { CampaignBook, Deed, Move } from '../../../../server/flow/ports'
import { merchants as STREET, campaign as seededCampaign } from '../../../../server/sandbox/food-street'
import { sqlCampaigns } from '../../../../server/store/sql/campaign/book'
import { type DeedLog, deedLog } from '../../../../server/store/sql/deed/log'
import type { Sql } from '../../../../server/store/sql/open-sql'
import { seedFoodStreet } from '../../../../server/store/sql/seed'
import { CAMPAIGN, NOON, TODAY } from '../../../support/flow'
import { unique } from '../payment/ledger-orders'

const STATES: CampaignState[] = ['draft', 'submitted', 'approved', 'running', 'paused', 'ended']
const BANK = { branchCode: null }
const deed = (campaignId: string, action = 'campaign.create'): Deed => ({
  at: NOON,
  username: 'maker',
  action,
  subject: `campaign/${campaignId}`,
  after: { state: 'draft' },
})

describe.each(sqlEngines())('the book of campaigns on $name', ({ start }) => {
  let engine: TestSql
  let sql: Sql
  let deeds: DeedLog
  let book: CampaignBook
  beforeAll(async () => {
    engine = await start()
    sql = await engine.fresh()
    deeds = deedLog(masterKeys(Buffer.alloc(32, 5)))
    book = sqlCampaigns(sql, deeds)
    await seedFoodStreet(sql, { merchants: STREET, campaigns: [seededCampaign(NOON)] })
  })
  afterAll(() => engine?.stop())

  const TERMS: CampaignTerms = {
    name: 'book',
    organiser: 'bank',
    startDate: TODAY,
    endDate: addDays(TODAY, 9),
    rule: CAMPAIGN.rule,
    budgetFen: 1_000_000,
    dailyBudgetFen: null,
    windows: [],
    branchBudgets: [{ branchCode: 'B01', budgetFen: 500_000 }],
    maxPerPayerPerDay: 3,
    maxPerPayerPerCampaignDay: 5,
    channels: ['bank'],
    priority: 4,
    branchCode: null,
  }
  async function draft(terms: Partial<CampaignTerms> = {}, merchantCodes = ['M0001']): Promise<string> {
    const campaignId = unique('C')
    const input = {
      campaignId,
      terms: { ...TERMS, ...terms },
      merchantCodes,
      ...BANK,
      at: NOON,
      deed: deed(campaignId),
    }
    expect(await book.create(input)).toEqual({ kind: 'written' })
    return campaignId
  }
  const changeOf = (campaignId: string, kind: Change['kind'] = 'launch', madeBy = 'maker'): Change => ({
    changeId: unique('H'),
    campaignId,
    kind,
    amendment: null,
    inForce: false,
    note: null,
    madeBy,
    madeAt: NOON,
    state: 'open',
    reviewedBy: null,
    reviewedAt: null,
    reviewNote: null,
  })
  const step = async (campaignId: string, move: Partial<Move>) => {
    const { revision, state } = (await book.find(campaignId, BANK))!
    const common = { campaignId, revision, state, at: NOON, today: TODAY, deed: deed(campaignId, 'campaign.step') }
    return book.move({ ...common, ...move })
  }
  const forced = (campaignId: string, state: CampaignState) =>
    sql.db.updateTable('campaigns').set({ state }).where('campaign_id', '=', campaignId).execute()
  const deedCount = async () =>
    Number(
      (await sql.run<{ n: number }>({ name: 'deeds', text: 'select count(*) as n from operator_actions' }, []))[0]!.n,
    )

  it('gives back a draft as it was written', async () => {
    const campaignId = await draft()
    expect(await book.find(campaignId, BANK)).toMatchObject({
      ...TERMS,
      state: 'draft',
      version: 1,
      revision: 1,
      committedFen: 0,
      merchantCount: 1,
      controlCount: 0,
      branches: [{ branchCode: 'B01', branchName: '城南支行', budgetFen: 500_000, committedFen: 0 }],
      madeBy: 'maker',
      approvedBy: null,
      open: null,
    })
  })

  it('says what a campaign is on a date as the domain does, whatever its state and dates', async () => {
    const campaignId = await draft()
    const day = fc.integer({ min: 0, max: 6 }).map((n) => addDays('2026-11-20', n))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...STATES), day, day, day, async (state, a, b, today) => {
        const [startDate, endDate] = [a, b].sort() as [string, string]
        await forced(campaignId, state)
        const dates = { start_date: startDate, end_date: endDate }
        await sql.db.updateTable('campaigns').set(dates).where('campaign_id', '=', campaignId).execute()
        const is = stateOn({ state, startDate, endDate }, today)
        const listed = await Promise.all(
          STATES.map(async (one) => {
            const { items } = await book.list({ ...BANK, today, state: one, limit: 1_000 })
            return items.some((item) => item.campaignId === campaignId) ? [one] : []
          }),
        )
        expect(listed.flat()).toEqual([is])
        const overdue = (await book.overdue(today, 1_000)).some((one) => one.campaignId === campaignId)
        expect(overdue).toBe(is !== state)
      }),
      { numRuns: 60 },
    )
    await forced(campaignId, 'ended')
  })

  it('writes a step once of two who looked at the same revision, and the other nothing at all', async () => {
    const campaignId = await draft()
    const before = await deedCount()
    const twice = await Promise.all(
      ['one', 'two'].map(() => step(campaignId, { revision: 1, state: 'submitted', opens: changeOf(campaignId) })),
    )
    expect(twice.map((one) => one.kind).sort()).toEqual(['moved', 'revision-changed'])
    expect(await deedCount()).toBe(before + 1)
  })

  it('keeps every approved version as it was, the first as 1 and an amendment as the next', async () => {
    const campaignId = await draft()
    const approve = async (kind: 'launch' | 'amend', publishes: NonNullable<Move['publishes']>) => {
      const change = changeOf(campaignId, kind)
      expect(await step(campaignId, { opens: change })).toEqual({ kind: 'moved' })
      const closes = { changeId: change.changeId, as: 'approved' as const, by: 'checker', note: null }
      expect(await step(campaignId, { state: 'approved', closes, publishes })).toEqual({ kind: 'moved' })
    }
    const secret = { keyId: 'a-key', commitment: 's1.1', at: 5 }
    await approve('launch', { kind: 'launch', secret })
    const amendment = { endDate: addDays(TODAY, 20), budgetFen: 2_000_000, addMerchantCodes: ['M0002', 'M0001'] }
    await approve('amend', { kind: 'amend', amendment, secret: { ...secret, commitment: 's1.2' } })
    expect(await book.find(campaignId, BANK)).toMatchObject({ version: 2, merchantCount: 2, approvedBy: 'checker' })
    const versions = await sql.db
      .selectFrom('campaign_versions')
      .selectAll()
      .where('campaign_id', '=', campaignId)
      .orderBy('version')
      .execute()
    expect(versions.map((one) => [one.version, one.made_by, one.approved_by, one.content])).toEqual([
      [1, 'maker', 'checker', TERMS],
      [2, 'maker', 'checker', { ...TERMS, endDate: amendment.endDate, budgetFen: 2_000_000 }],
    ])
    expect(versions.map((one) => [one.key_id, one.secret_commitment, one.secret_at])).toEqual([
      ['a-key', 's1.1', 5],
      ['a-key', 's1.2', 5],
    ])
    const forget = sql.db.updateTable('campaign_versions').set({ secret_commitment: 's1.3' })
    await expect(forget.where('campaign_id', '=', campaignId).execute()).rejects.toThrow('never changed')
    await forced(campaignId, 'ended')
  })

  it('has the version of the campaign that a sandbox starts with', async () => {
    expect(await book.find('food-street', BANK)).toMatchObject({ approvedBy: 'system', updatedAt: expect.any(Number) })
    const { content } = await sql.db
      .selectFrom('campaign_versions')
      .selectAll()
      .where('campaign_id', '=', 'food-street')
      .executeTakeFirstOrThrow()
    const { name, rule, startDate, endDate } = seededCampaign(NOON)
    expect(content).toMatchObject({ name, rule, startDate, endDate, branchBudgets: [] })
  })

  it('refuses one’s own review whatever the code above believes', async () => {
    const campaignId = await draft()
    const change = changeOf(campaignId)
    await step(campaignId, { opens: change })
    const closes = { changeId: change.changeId, as: 'approved' as const, by: 'maker', note: null }
    await expect(step(campaignId, { closes })).rejects.toThrow(/two_people/)
    expect((await book.find(campaignId, BANK))!.open).toEqual({ ...change, unseen: [] })
  })

  it('tells the budgets of those that are on at a date, the one with the least left first', async () => {
    const days = { startDate: '2030-03-01', endDate: '2030-03-10' }
    const [whole, half, off] = [await draft(days), await draft(days), await draft(days)]
    await forced(whole, 'paused')
    await forced(half, 'running')
    await sql.db.updateTable('campaigns').set({ committed_fen: 500_000 }).where('campaign_id', '=', half).execute()
    const on = async (date: string, limit = 20) => (await book.budgets(date, limit)).map((one) => one.campaignId)
    expect(await on('2030-03-10')).toEqual([half, whole])
    expect(await on('2030-03-01', 1)).toEqual([half])
    expect(await on('2030-03-11')).toEqual([])
    expect(await on('2030-02-28')).toEqual([])
    expect((await book.budgets('2030-03-01', 1))[0]).toMatchObject({ budgetFen: 1_000_000, committedFen: 500_000 })
    expect(await on('2030-03-01')).not.toContain(off)
  })

  it('writes nothing when its deed can’t be written', async () => {
    const broken = { ...deeds, write: () => Promise.reject(new Error('no log')) }
    const campaignId = unique('C')
    const input = { campaignId, terms: TERMS, ...BANK, at: NOON, deed: deed(campaignId) }
    await expect(sqlCampaigns(sql, broken).create(input)).rejects.toThrow('no log')
    expect(await book.find(campaignId, BANK)).toBeUndefined()
  })

  it('finds a tie by priority, period and merchant, and only where all three meet', async () => {
    const on = await draft({ priority: 77 }, ['M0011', 'M0012'])
    await forced(on, 'approved')
    const tie = async (terms: Partial<CampaignTerms>, codes: string[], amendment: Change['amendment'] = null) =>
      (await step(await draft({ priority: 77, ...terms }, codes), { exclusive: { amendment } })).kind
    const later = { startDate: addDays(TODAY, 10), endDate: addDays(TODAY, 12) }
    expect(await tie({}, ['M0012', 'M0013'])).toBe('priority-tie')
    expect(await tie({ priority: 78 }, ['M0012'])).toBe('moved')
    expect(await tie(later, ['M0012'])).toBe('moved')
    expect(await tie({}, ['M0013'])).toBe('moved')
    expect(await tie({}, ['M0013'], { addMerchantCodes: ['M0011'] })).toBe('priority-tie')
    const sooner = { startDate: addDays(TODAY, -9), endDate: addDays(TODAY, -1) }
    expect(await tie(sooner, ['M0012'])).toBe('moved')
    expect(await tie(sooner, ['M0012'], { endDate: TODAY })).toBe('priority-tie')
    await forced(on, 'ended')
    expect(await tie({}, ['M0012'])).toBe('moved')
  })

  it('replaces a list of many thousands in pieces, and names each that is no merchant', async () => {
    const many = Array.from({ length: 25_000 }, (_, i) => `K${i}`)
    await sql.run(
      {
        name: 'many-merchants',
        text: `insert into merchants (merchant_code, name, branch_code, account)
          select code, code, 'B01', code from unnest($1::text[]) as u(code)`,
      },
      [many],
    )
    const campaignId = await draft()
    const replace = async (codes: string[], dryRun = false) => {
      const { revision } = (await book.find(campaignId, BANK))!
      const input = { campaignId, revision, role: 'merchant' as const, codes, dryRun, ...BANK, at: NOON }
      return book.replaceList({ ...input, deed: deed(campaignId, 'campaign.import') })
    }
    const wrong = ['no-1', 'no-2', 'no-3']
    expect(await replace([...many, ...wrong])).toMatchObject({ kind: 'merchant-unknown', codes: wrong })
    expect(await replace(many, true)).toEqual({ kind: 'written', added: 25_000, removed: 1, unchanged: 0 })
    expect(await book.find(campaignId, BANK)).toMatchObject({ merchantCount: 1, revision: 1 })
    expect(await replace(many)).toMatchObject({ added: 25_000 })
    expect(await replace(many.slice(0, 24_000))).toEqual({
      kind: 'written',
      added: 0,
      removed: 1_000,
      unchanged: 24_000,
    })
    expect(await book.find(campaignId, BANK)).toMatchObject({ merchantCount: 24_000, revision: 3 })
    const seen: string[] = []
    let cursor: string | undefined
    for (let pages = 0; pages < 4; pages++) {
      const page = await book.merchants({ campaignId, date: TODAY, sight: BANK, cursor, limit: 50 })
      seen.push(...page.items.map((one) => one.merchantCode))
      cursor = page.nextCursor
    }
    expect(seen).toEqual([...new Set(seen)])
    expect(seen).toHaveLength(200)
  })
})
