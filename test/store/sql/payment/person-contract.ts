import type { Campaign } from '../../../../server/domain/campaign'
import type { AgreementBook, OpenResult } from '../../../../server/flow/ports'
import type { LedgerUnderTest } from './ledger-contract'
import {
  closed,
  NOON,
  newCampaign,
  newOrder,
  opening,
  paid,
  SUCCEEDED,
  tally,
  unique,
  type Wanted,
} from './ledger-orders'

const LIMIT = { kind: 'card-limit' }

/** What every implementation of Ledger does about what one person may use in a day. */
export function personContract(
  name: string,
  start: () => Promise<LedgerUnderTest & { agreements: AgreementBook }>,
): void {
  describe(`what one person may use, on ${name}`, () => {
    let under: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      under = await start()
    })
    afterAll(() => under?.close())
    const on = () => under

    const campaign = async (limits: Partial<Campaign>) => {
      const one = newCampaign({ maxPerPayerPerDay: 1, maxPerPayerPerCampaignDay: 2, ...limits })
      await on().seed({ merchants: [], campaigns: [one] })
      return one.campaignId
    }
    let slots = 0
    const order = (campaignId: string, wanted: Wanted) => newOrder({ card: { campaignId, slot: slots++ }, ...wanted })
    const open = (campaignId: string, wanted: Wanted): Promise<OpenResult> =>
      on().ledger.openOrder(opening(order(campaignId, wanted)))

    it('is so many cards at a merchant, and in the campaign, exactly, however many come at once', async () => {
      const campaignId = await campaign({})
      const [payerId, merchantCode] = [unique('payer'), unique('M')]
      const here = await tally(8, () => open(campaignId, { payerId, merchantCode }))
      expect(here).toEqual({ opened: 1, 'card-limit': 7 })
      const inAll = await tally(8, () => open(campaignId, { payerId, merchantCode: unique('M') }))
      expect(inAll).toEqual({ opened: 1, 'card-limit': 7 })
      expect(await open(campaignId, { payerId: unique('payer'), merchantCode })).toEqual({ kind: 'opened' })
    })

    it('leaves no trace of the order, and its payer pays in full by the same key', async () => {
      const campaignId = await campaign({})
      const [payerId, merchantCode] = [unique('payer'), unique('M')]
      await open(campaignId, { payerId, merchantCode })
      const refused = order(campaignId, { payerId, merchantCode, amountFen: 40_000 })
      const input = opening(refused, { dailyLimitFen: 50_000 })
      expect(await on().ledger.openOrder(input)).toEqual(LIMIT)
      expect(await on().ledger.order(refused.orderNo)).toBeUndefined()
      const full = newOrder({ payerId, merchantCode, amountFen: 40_000 })
      expect(await on().ledger.openOrder({ ...input, order: full })).toEqual({ kind: 'opened' })
    })

    it('counts paid orders, and closed ones no longer; another date and campaign are apart', async () => {
      const campaignId = await campaign({})
      const [payerId, merchantCode] = [unique('payer'), unique('M')]
      const first = order(campaignId, { payerId, merchantCode })
      await on().ledger.openOrder(opening(first))
      await on().ledger.endOrder(first, closed(), null)
      await on().ledger.endOrder(first, closed(), null)
      const second = order(campaignId, { payerId, merchantCode })
      expect(await on().ledger.openOrder(opening(second))).toEqual({ kind: 'opened' })
      await on().ledger.endOrder(second, paid(second, NOON + 900), SUCCEEDED)
      expect(await open(campaignId, { payerId, merchantCode })).toEqual(LIMIT)
      expect(await open(campaignId, { payerId, merchantCode, deckDate: '2026-11-20' })).toEqual({ kind: 'opened' })
      expect(await open(await campaign({}), { payerId, merchantCode })).toEqual({ kind: 'opened' })
    })

    it('is one person’s who pays by the same account under two log-ins, and two persons’ at two accounts', async () => {
      const campaignId = await campaign({})
      const merchantCode = unique('M')
      const signed = async (account: string, payerId = unique('payer')) => {
        const payerRef = unique('agreement')
        const terms = { accountTail: '6217', bankName: '某银行', kind: 'debit', small: null } as const
        await on().agreements.keep(payerId, { agreementId: payerRef, account, ...terms }, NOON)
        return { payerId, payerRef, account, merchantCode }
      }
      const account = unique('account')
      const [one, other, stranger] = [await signed(account), await signed(account), await signed(unique('account'))]
      const first = order(campaignId, one)
      expect(await on().ledger.openOrder(opening(first))).toEqual({ kind: 'opened' })
      expect(await open(campaignId, other)).toEqual(LIMIT)
      expect(await open(campaignId, stranger)).toEqual({ kind: 'opened' })
      expect(await open(campaignId, await signed(unique('account'), one.payerId))).toEqual(LIMIT)
      await on().ledger.endOrder(first, closed(), null)
      expect(await open(campaignId, other)).toEqual({ kind: 'opened' })
      expect(await open(campaignId, one)).toEqual(LIMIT)
    })

    it('has no bound where the terms set none', async () => {
      const campaignId = await campaign({ maxPerPayerPerDay: null, maxPerPayerPerCampaignDay: null })
      const [payerId, merchantCode] = [unique('payer'), unique('M')]
      expect(await tally(4, () => open(campaignId, { payerId, merchantCode }))).toEqual({ opened: 4 })
    })
  })
}
