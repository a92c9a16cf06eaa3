import { CompiledQuery } from 'kysely'
import { oneSqlEngine, type TestSql } from '../../../../harness/sql'
import { sqlDecks } from '../../../../server/store/sql/deck/decks'
import { sqlEffects } from '../../../../server/store/sql/report/effect'
import { sqlReports } from '../../../../server/store/sql/report/report'
import { type Office, startOffice } from '../../../support/office'

const [FIRST, SECOND] = ['2026-11-10', '2026-11-11'] as const
const STRETCHES = { before: { from: '2026-10-20', to: '2026-10-31' }, looks: ['2026-11-18'], to: '2026-11-20' }

/** M0001 (branch B01) and M0002 (B02) are in the campaign and give ¥8 on each of two days; nobody has told yet what else they were paid. */
describe.each(oneSqlEngine())('what an effect has cost, on $name', ({ start }) => {
  let engine: TestSql
  let office: Office
  beforeAll(async () => {
    engine = await start()
  })
  beforeEach(async () => {
    office = await startOffice(await engine.fresh())
    for (const date of [FIRST, SECOND])
      for (const merchantCode of ['M0001', 'M0002']) {
        await office.deck(date, merchantCode, [800])
        await office.order({ date, merchantCode, discountFen: 800, slot: 0 })
      }
  })
  afterEach(() => office?.stop())
  afterAll(() => engine?.stop())

  const measured = (branchCode: string | null = null) =>
    sqlEffects(office.sql).measure({ campaignId: 'street', branchCode }, STRETCHES)
  const costs = async () => Promise.all([null, 'B01', 'B02'].map(async (branch) => (await measured(branch)).costFen))
  const told = async (...lines: string[]) => {
    const file = `商户号,日期,笔数\r\n${lines.map((line) => `${line}\r\n`).join('')}`
    const reply = await office.as('maker').csv('/admin/counts/import', file)
    expect(reply).toMatchObject({ status: 200, body: { faultCount: 0 } })
  }

  it('is of the merchants whose orders are counted, in the bank and in a branch', async () => {
    expect(await costs()).toEqual([0, 0, 0])
    await told(`M0001,${FIRST},9`, `M0001,${SECOND},9`)
    const { merchants, unknown, costFen } = await measured()
    expect(merchants).toHaveLength(1)
    expect([unknown.treated, merchants[0]!.since, costFen]).toEqual([1, [{ orders: 20, own: 2 }], 1_600])
    expect(await costs()).toEqual([1_600, 1_600, 0])
  })

  it('is of the days of which all orders are known', async () => {
    await told(`M0001,${FIRST},9`, `M0002,${SECOND},4`, 'M0002,2026-11-12,4')
    expect(await costs()).toEqual([1_600, 800, 800])
    // told anew, it is known once
    await told(`M0002,${SECOND},5`)
    expect(await costs()).toEqual([1_600, 800, 800])
  })

  it('is of every day where wallets pay through us, whether the days are summed or not', async () => {
    const wallet = (merchantCode: string) => office.order({ date: '2026-10-25', merchantCode, channel: 'alipay' })
    await wallet('M0001')
    expect(await costs()).toEqual([1_600, 1_600, 0])
    await wallet('M0002')
    expect(await costs()).toEqual([3_200, 1_600, 1_600])
    await sqlDecks(office.sql).close(FIRST, 10, office.clock.at, () => [800])
    expect(await sqlReports(office.sql).sum(SECOND, 20)).toBeGreaterThan(0)
    expect(await costs()).toEqual([3_200, 1_600, 1_600])
  })

  it('is none of merchants that joined later', async () => {
    for (const merchantCode of ['M0001', 'M0002'])
      await office.order({ date: '2026-10-25', merchantCode, channel: 'alipay' })
    const joined = `update campaign_merchants set entered_on = '2026-11-05' where merchant_code = 'M0002'`
    await office.sql.db.executeQuery(CompiledQuery.raw(joined))
    expect(await costs()).toEqual([1_600, 1_600, 0])
  })
})
