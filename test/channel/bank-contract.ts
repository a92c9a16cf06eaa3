import type { Order } from '../../server/domain/order'
import { NOTHING_REFUNDED, type Refund } from '../../server/domain/refund'
import type { AgreementDesk } from '../../server/flow/ports'
import { type ChannelUnderTest, orderOf, somebody } from './channel-contract'
import { refundOf } from './refund-contract'

export interface BankUnderTest extends ChannelUnderTest {
  /** the next pay is declined by this code */
  decline(code: string): Promise<void>
}

/** Everybody begins with it. */
const OPENING_FEN = 10_000_000
const SUCCEEDED = { kind: 'succeeded', channelTradeNo: expect.any(String) }

/** What the bank alone does: one composite clearing with the branch's subsidy in it, there and back, and agreements. */
export function bankContract(name: string, start: () => Promise<BankUnderTest>): void {
  describe(`${name} as the bank`, () => {
    let on: BankUnderTest
    beforeAll(async () => {
      on = await start()
    })
    afterEach(() => on.calm())
    afterAll(() => on?.stop())

    const balances = ({ accounts }: Order) =>
      Promise.all([accounts.payer, accounts.gl!, accounts.merchant].map((account) => on.balance(account)))
    const order = (discountFen?: number) => orderOf(on.channel, somebody(), { discountFen })
    const paid = async (discountFen?: number) => {
      const one = await order(discountFen)
      await on.channel.pay(one)
      return one
    }
    const desk = (): AgreementDesk => on.channel.agreements!
    const ask = async (one: Order, refund: Refund) => (await on.channel.refunds!.refund(one, refund)).outcome

    it('books the worked example in one: payer −9500, branch GL −1000, merchant +10500', async () => {
      expect(await balances(await paid())).toEqual([OPENING_FEN - 9_500, -1_000, 10_500])
    })

    it('books an order without a discount with no GL leg', async () => {
      const one = await paid(0)
      expect(await balances(one)).toEqual([OPENING_FEN - 10_000, 0, 10_000])
      expect(JSON.stringify(on.channel.payRequest(one))).not.toContain(one.accounts.gl)
    })

    it('declines an order under an agreement it does not know', async () => {
      const one = { ...(await order()), payerRef: 'AG-of-nobody' }
      expect((await on.channel.pay(one)).outcome).toEqual({ kind: 'declined', code: 'agreement-not-active' })
    })

    it('declines by the code it is given, for good', async () => {
      const one = await order()
      const declined = { kind: 'declined', code: 'account-frozen' }
      await on.decline('account-frozen')
      expect((await on.channel.pay(one)).outcome).toEqual(declined)
      expect((await on.channel.pay(one)).outcome).toEqual(declined)
      expect((await on.channel.query(one)).outcome).toEqual(declined)
    })

    it('in an easy sandbox has one agreement for a payer, however often it is asked', async () => {
      const payerId = somebody()
      const first = await desk().easy!(payerId)
      expect(first).toMatchObject({ accountTail: first.account.slice(-4), small: { maxFen: 20_000 } })
      expect(await desk().easy!(payerId)).toEqual(first)
      expect(await on.balance(first.account)).toBe(OPENING_FEN)
    })

    it('pays from the agreement the payer chose, else from the first, and not without one', async () => {
      const merchant = {
        merchantCode: 'M',
        name: 'M',
        branchCode: 'B',
        branchName: 'B',
        account: 'm',
        glAccount: 'g',
        walletAccounts: {},
      }
      const payerId = somebody()
      const agreement = (id: string) => ({
        agreementId: id,
        payerId,
        account: `a-${id}`,
        accountTail: '0000',
        createdAt: 0,
      })
      const means = (agreements: ReturnType<typeof agreement>[], agreementId?: string) =>
        on.channel.means({ payerId, agreements, agreementId, identity: async () => [] }, merchant)
      const both = [agreement('1'), agreement('2')]
      const from = (id: string) => ({
        kind: 'means',
        payerRef: id,
        accounts: { payer: `a-${id}`, merchant: 'm', gl: 'g' },
      })
      expect(await means(both)).toEqual(from('1'))
      expect(await means(both, '2')).toEqual(from('2'))
      const none = { kind: 'none', code: 'agreement-not-found' }
      expect([await means(both, '3'), await means([])]).toEqual([none, none])
    })

    it('gives the worked example back in one: payer +9500, branch GL +1000, merchant −10500', async () => {
      const one = await paid()
      expect(await ask(one, refundOf(one, 9_500))).toEqual(SUCCEEDED)
      expect(await balances(one)).toEqual([OPENING_FEN, 0, 0])
    })

    it('gives back no GL leg without a discount, nor for a single fen', async () => {
      const plain = await paid(0)
      expect(await ask(plain, refundOf(plain, 10_000))).toEqual(SUCCEEDED)
      expect(await balances(plain)).toEqual([OPENING_FEN, 0, 0])
      const one = await paid()
      expect(await ask(one, refundOf(one, 1))).toEqual(SUCCEEDED)
      expect(await balances(one)).toEqual([OPENING_FEN - 9_499, -1_000, 10_499])
    })

    it('ends where the order began, leg by leg, when all of it went back in parts', async () => {
      const one = await paid()
      let before = NOTHING_REFUNDED
      for (const payerFen of [3_333, 3_333, 2_834]) {
        const refund = refundOf(one, payerFen, before)
        expect(await ask(one, refund)).toEqual(SUCCEEDED)
        const { payerFen: payer, merchantFen: merchant, glFen: gl } = refund.shares
        before = {
          payerFen: before.payerFen + payer,
          merchantFen: before.merchantFen + merchant,
          glFen: before.glFen + gl,
        }
      }
      expect(await balances(one)).toEqual([OPENING_FEN, 0, 0])
    })

    it('declines a refund whose GL leg alone would pass the order’s', async () => {
      const one = await paid()
      await on.setBalance(one.accounts.merchant, 'merchant', 1_000_000)
      expect(await ask(one, refundOf(one, 9_000))).toEqual(SUCCEEDED)
      const shares = { payerFen: 1, glFen: 54, merchantFen: 55 }
      expect(await ask(one, { ...refundOf(one, 1), shares })).toEqual({ kind: 'declined', code: 'refund-above-paid' })
    })

    it('takes a refund’s number for one order only', async () => {
      const [one, other] = [await paid(), await paid()]
      const refund = refundOf(one, 5_000)
      await ask(one, refund)
      const elsewhere = { ...refundOf(other, 5_000), refundNo: refund.refundNo }
      expect(await ask(other, elsewhere)).toEqual({ kind: 'unknown', code: 'refund-no-reused' })
      const asked = await on.channel.refunds!.queryRefund(other, elsewhere)
      expect(asked.outcome).toEqual({ kind: 'unknown', code: 'not-found' })
      expect(await balances(other)).toEqual([OPENING_FEN - 9_500, -1_000, 10_500])
    })
  })
}
