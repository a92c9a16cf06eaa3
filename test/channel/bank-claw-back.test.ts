import { randomBytes } from 'node:crypto'
import { startTestBank } from '../../harness/bank'
import { bankChannel } from '../../server/channel/bank'
import { clawBackShares, NOTHING_REFUNDED, newRefundNo, type Refund } from '../../server/domain/refund'
import { Bank } from '../../server/sandbox/bank/bank'
import { Books } from '../../server/sandbox/bank/books'
import type { Fact } from '../../server/sandbox/bank/facts'
import type { RefundRequest } from '../../server/sandbox/bank/schema'
import { DATE, orderOf } from './channel-contract'
import { refundOf } from './refund-contract'

/** A claw-back of the worked example: the merchant's 5.00 goes back to the branch. */
function clawBackOf(order: Parameters<typeof refundOf>[0]): Refund {
  const shares = clawBackShares(order.figures, NOTHING_REFUNDED, false)!
  return { ...refundOf(order, 1), refundNo: newRefundNo(DATE, randomBytes(12)), shares }
}

describe('a claw-back through the bank', () => {
  let bank: Awaited<ReturnType<typeof startTestBank>>
  let channel: ReturnType<typeof bankChannel>
  beforeAll(async () => {
    bank = await startTestBank()
    channel = bankChannel({ ...bank.config, clock: { now: Date.now }, random: randomBytes })
  })
  beforeEach(() => bank.admin.faults())
  afterAll(async () => {
    await channel?.stop()
    await bank?.stop()
  })

  const paid = async (payer: string) => {
    const order = await orderOf(channel, payer)
    await channel.pay(order)
    return order
  }

  it('that never arrived is told by asking too: the bank has never seen it', async () => {
    const order = await paid('claw-3')
    const clawBack = clawBackOf(order)
    await bank.admin.faults({ mode: 'lose-request', on: ['refund'] })
    expect((await channel.refunds.refund(order, clawBack)).outcome.kind).toBe('unknown')
    expect((await channel.refunds.queryRefund(order, clawBack)).outcome).toEqual({ kind: 'unknown', code: 'not-found' })
  })

  it('is declined where the merchant’s account doesn’t hold it', async () => {
    const order = await paid('claw-4')
    await bank.admin.setBalance({ account: order.accounts.merchant, kind: 'merchant', balanceFen: 499 })
    expect((await channel.refunds.refund(order, clawBackOf(order))).outcome).toEqual({
      kind: 'declined',
      code: 'insufficient-merchant-funds',
    })
  })
})

describe('the sandbox bank with claw-backs', () => {
  function openBank() {
    const facts: Fact[] = []
    const bank = new Bank(new Books(), { append: (fact) => void facts.push(structuredClone(fact)) }, () => 0)
    const { agreementId, account } = bank.signings.easy('payer-1')
    const legs: RefundRequest['legs'] = [
      { account, role: 'payer', amountFen: -9_500 },
      { account: 'g', role: 'gl', amountFen: -1_000 },
      { account: 'm', role: 'merchant', amountFen: 10_500 },
    ]
    bank.clear({ orderNo: 'F1', businessDate: DATE, agreementId, legs })
    return { bank, facts, payer: account }
  }
  const back = (fen: number, refundNo = 'R1', more: RefundRequest['legs'] = []): RefundRequest => ({
    refundNo,
    businessDate: DATE,
    legs: [{ account: 'g', role: 'gl', amountFen: fen }, { account: 'm', role: 'merchant', amountFen: -fen }, ...more],
  })

  it('refuses what isn’t one: with a payer in it, the other way round, from or to another account', () => {
    const { bank, facts, payer } = openBank()
    const before = facts.length
    const wrong: [RefundRequest, string][] = [
      [back(500, 'R1', [{ account: payer, role: 'payer', amountFen: 1 }]), 'unbalanced'],
      [
        {
          ...back(1),
          legs: [
            { account: payer, role: 'payer', amountFen: 500 },
            { account: 'm', role: 'merchant', amountFen: -500 },
          ],
        },
        'legs-invalid',
      ],
      [back(-500), 'legs-invalid'],
      [{ ...back(1), legs: [] }, 'legs-invalid'],
      [
        {
          ...back(1),
          legs: [
            { account: 'acct-EVIL', role: 'gl', amountFen: 500 },
            { account: 'm', role: 'merchant', amountFen: -500 },
          ],
        },
        'legs-invalid',
      ],
    ]
    for (const [request, code] of wrong) expect(bank.clawBack('F1', request)).toEqual({ state: 'refused', code })
    expect(bank.clawBack('F2', back(500))).toEqual({ state: 'refused', code: 'not-found' })
    expect(facts).toHaveLength(before)
    // nor is it a refund
    expect(bank.refund('F1', back(500))).toEqual({ state: 'refused', code: 'legs-invalid' })
  })

  it('takes back no more than the subsidy of the order, with what refunds gave back counted', () => {
    const { bank, payer } = openBank()
    expect(bank.clawBack('F1', back(1_001))).toMatchObject({ state: 'declined', code: 'refund-above-paid' })
    const refund: RefundRequest = {
      refundNo: 'R2',
      businessDate: DATE,
      legs: [
        { account: payer, role: 'payer', amountFen: 4_750 },
        { account: 'g', role: 'gl', amountFen: 500 },
        { account: 'm', role: 'merchant', amountFen: -5_250 },
      ],
    }
    expect(bank.refund('F1', refund)).toMatchObject({ state: 'succeeded' })
    expect(bank.clawBack('F1', back(501, 'R3'))).toMatchObject({ state: 'declined', code: 'refund-above-paid' })
    expect(bank.clawBack('F1', back(500, 'R4'))).toMatchObject({ state: 'succeeded' })
    expect(bank.clawBack('F1', back(1, 'R5'))).toMatchObject({ state: 'declined', code: 'refund-above-paid' })
    expect(bank.clawBack('F1', back(400, 'R4'))).toEqual({ state: 'refused', code: 'refund-no-reused' })
    const total = [...bank.books.accounts.values()].reduce((sum, one) => sum + one.balanceFen, 0)
    expect(total).toBe(10_000_000)
  })
})
