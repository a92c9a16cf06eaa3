import type { AgreementBook, Believed, Merchant, OpenResult } from '../../../../server/flow/ports'
import type { LedgerUnderTest } from './ledger-contract'
import { DATE, NOON, newCampaign, newMerchant, newOrder, opening, unique } from './ledger-orders'

const OUTDATED = { kind: 'outdated' }
const OPENED = { kind: 'opened' }

/** What every implementation of Ledger does about what an order was made of. */
export function believedContract(
  name: string,
  start: () => Promise<LedgerUnderTest & { agreements: AgreementBook }>,
): void {
  describe(`an order that was made of what is believed, on ${name}`, () => {
    let on: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      on = await start()
    })
    afterAll(() => on?.close())

    const aMerchant = async (changed: Partial<Merchant> = {}) => {
      const merchant = { ...newMerchant(), ...changed }
      await on.seed({ merchants: [merchant], campaigns: [] })
      return merchant
    }
    const factsOf = ({ account, walletAccounts, branchCode, glAccount }: Merchant) => ({
      ...{ account, walletAccounts, branchCode, glAccount },
    })
    const sign = async (payerId: string, at = NOON, changed: { account?: string; agreementId?: string } = {}) => {
      const agreement = { agreementId: unique('AG'), account: unique('acc'), ...changed }
      const told = { accountTail: '1234', bankName: '本行', kind: 'debit', small: null } as const
      await on.agreements.keep(payerId, { ...agreement, ...told }, at)
      return agreement
    }
    async function open(payerId: string, merchantCode: string, believed: Believed): Promise<OpenResult> {
      const order = newOrder({ payerId, merchantCode })
      const result = await on.ledger.openOrder(opening(order, { believed }))
      expect(await on.ledger.order(order.orderNo)).toEqual(result.kind === 'opened' ? order : undefined)
      return result
    }

    it('is opened while merchant and agreement are as it says', async () => {
      const [merchant, payerId] = [await aMerchant({ walletAccounts: { alipay: '2088' } }), unique('payer')]
      const agreement = await sign(payerId)
      const about = { merchant: factsOf(merchant), agreement: { ...agreement, isDefault: true } }
      expect(await open(payerId, merchant.merchantCode, about)).toEqual(OPENED)
      expect(await open(payerId, merchant.merchantCode, { ...about, agreement: null })).toEqual(OPENED)
    })

    it.each([
      ['account', { account: 'another' }],
      ['branch', { branchCode: 'B-West' }],
      ['branch’s account', { glAccount: 'gl-west' }],
      ['account at a wallet', { walletAccounts: { alipay: '2089' } }],
    ])('isn’t when the merchant’s %s is another, and leaves no trace', async (_, otherwise) => {
      const merchant = await aMerchant({ walletAccounts: { alipay: '2088' } })
      const believed = { merchant: { ...factsOf(merchant), ...otherwise }, agreement: null }
      const payerId = unique('payer')
      expect(await open(payerId, merchant.merchantCode, believed)).toEqual(OUTDATED)
      expect((await on.ledger.spentOn(payerId, newOrder().businessDate)).get('bank') ?? 0).toBe(0)
    })

    it('asks for no branch where its card says who pays', async () => {
      const merchant = await aMerchant()
      const { account, walletAccounts } = merchant
      const believed = { merchant: { account, walletAccounts }, agreement: null }
      expect(await open(unique('payer'), merchant.merchantCode, believed)).toEqual(OPENED)
    })

    it('isn’t with a card of a deck that this ledger doesn’t know, as one that took over late', async () => {
      const [merchant, payerId] = [await aMerchant(), unique('payer')]
      const card = { campaignId: unique('lost'), slot: 0 }
      const order = newOrder({ payerId, merchantCode: merchant.merchantCode, card })
      const believed = { merchant: factsOf(merchant), agreement: null }
      expect(await on.ledger.openOrder(opening(order, { believed }))).toEqual(OUTDATED)
      expect(await on.ledger.order(order.orderNo)).toBeUndefined()
    })

    it('isn’t with a card of a deck that was dealt anew since, nor paid by what another one was', async () => {
      const [merchant, campaign] = [await aMerchant(), newCampaign()]
      const [{ merchantCode }, { campaignId }] = [merchant, campaign]
      await on.seed({ merchants: [], campaigns: [campaign] })
      const deck = { campaignId, merchantCode, businessDate: DATE, version: 1, commitment: 'now', dealtAt: NOON }
      await on.ledger.commitDeck({ ...deck, cards: Buffer.alloc(34, 7), keyId: 'c0ffee00' }, 2_500)
      const { account, walletAccounts } = merchant
      const believed = { merchant: { account, walletAccounts }, agreement: null }
      async function pay(slot: number, commitment: string, branchCode = 'B-East') {
        const order = { ...newOrder({ merchantCode, card: { campaignId, slot, commitment } }), branchCode }
        const result = await on.ledger.openOrder(opening(order, { believed }))
        expect(await on.ledger.order(order.orderNo)).toEqual(result.kind === 'opened' ? order : undefined)
        const spentFen = (await on.ledger.spentOn(order.payerId, DATE)).get('bank') ?? 0
        expect(spentFen > 0).toBe(result.kind === 'opened')
        return result
      }
      expect(await pay(0, 'before')).toEqual({ kind: 'deck-closed' })
      expect(await pay(0, 'now', 'B-West')).toEqual(OUTDATED)
      expect(await pay(0, 'now')).toEqual(OPENED)
    })

    it('isn’t at a merchant that is none', async () => {
      const believed = { merchant: factsOf(await aMerchant()), agreement: null }
      expect(await open(unique('payer'), unique('M'), believed)).toEqual(OUTDATED)
    })

    it('isn’t by an agreement that has ended, is another’s, or has another account', async () => {
      const [merchant, payerId] = [await aMerchant(), unique('payer')]
      const [first, second] = [await sign(payerId), await sign(payerId, NOON + 1)]
      const by = (one: { agreementId: string; account: string }, who = payerId) =>
        open(who, merchant.merchantCode, {
          merchant: factsOf(merchant),
          agreement: { agreementId: one.agreementId, account: one.account, isDefault: false },
        })
      expect(await by(first)).toEqual(OPENED)
      expect(await by(second)).toEqual(OPENED)
      expect(await by(first, unique('payer'))).toEqual(OUTDATED)
      expect(await by({ ...first, account: 'another' })).toEqual(OUTDATED)
      await on.agreements.end(first.agreementId, NOON)
      expect(await by(first)).toEqual(OUTDATED)
      expect(await by(second)).toEqual(OPENED)
    })

    it('isn’t by what was the default and is it no more, and is by one that the payer named', async () => {
      const [merchant, payerId] = [await aMerchant(), unique('payer')]
      const [first, second] = [await sign(payerId), await sign(payerId, NOON + 1)]
      const by = (one: { agreementId: string; account: string }, isDefault: boolean) =>
        open(payerId, merchant.merchantCode, { merchant: factsOf(merchant), agreement: { ...one, isDefault } })
      expect([await by(first, true), await by(second, true)]).toEqual([OPENED, OUTDATED])
      await on.agreements.choose(payerId, second.agreementId)
      expect([await by(first, true), await by(second, true)]).toEqual([OUTDATED, OPENED])
      expect([await by(first, false), await by(second, false)]).toEqual([OPENED, OPENED])
      // Who ends the chosen one has the oldest as default again.
      await on.agreements.end(second.agreementId, NOON)
      expect([await by(first, true), await by(second, false)]).toEqual([OPENED, OUTDATED])
    })
  })
}
