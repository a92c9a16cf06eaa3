import type { Order } from '../../../server/domain/order'
import { type Posting, postingsOf } from '../../../server/domain/posting'
import { orderFaults } from '../../../server/flow/audit/order'
import type { AuditedOrder } from '../../../server/flow/ports'
import { newOrder } from '../../store/sql/payment/ledger-orders'

/** An order of a wallet as the auditor reads it, with what was posted of it. */
function audited(discountFen: number, posted: (order: Order) => Posting[] = postingsOf): AuditedOrder {
  const card = discountFen > 0 ? { card: { campaignId: 'c', slot: 0 }, discountFen } : {}
  const opened = newOrder({ channel: 'wechatpay', payee: '1900000001', account: 'openid-1', ...card })
  const order: Order = {
    ...opened,
    accounts: { ...opened.accounts, gl: null },
    state: 'paid',
    endedAt: opened.createdAt,
  }
  const postings = posted(order).map((posting) => ({ ...posting, refundNo: null }))
  const deck = { cardFen: discountFen, sealedDeck: null, deckCommitment: null, payerPercent: 50 }
  return { order, postings, ...deck, events: [], refunds: [], requests: 1, request: null }
}

/** What is said of its books alone. */
const codesOf = (one: AuditedOrder) =>
  orderFaults(one, () => undefined)
    .map(({ code }) => code)
    .filter((code) => code === 'unbalanced' || code === 'postings-wrong')

describe('the audit of a wallet’s order, which has no account for a subsidy', () => {
  it('finds its two legs sound', () => {
    expect(postingsOf(audited(0).order).map(({ role }) => role)).toEqual(['payer', 'merchant'])
    expect(codesOf(audited(0))).toEqual([])
  })

  it('finds a third leg, though all of them balance', () => {
    const subsidised = (order: Order): Posting[] => [
      ...postingsOf(order),
      { account: 'gl-east', role: 'gl', amountFen: -500 },
      { account: order.accounts.merchant, role: 'merchant', amountFen: 500 },
    ]
    expect(codesOf(audited(0, subsidised))).toEqual(['postings-wrong'])
  })

  it('finds a subsidy that no account bears, though it is as the order’s figures have it', () => {
    expect(codesOf(audited(1_000))).toEqual(['unbalanced'])
  })
})
