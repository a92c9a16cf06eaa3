import { dearestDeck } from '../../../../server/domain/deck'
import type { AuditedBooks } from './books'
import { COUNT_TAMPERINGS } from './count-tamperings'
import { LOG_TAMPERINGS } from './log-tamperings'
import { PROOF_TAMPERINGS, type Tampering } from './proof-tamperings'

const order = (
  books: AuditedBooks,
  name: 'late' | 'reused' | 'unknown' | 'atBank' | 'rewarded' | 'cancelled' | 'cancelledCard',
) => `order_no = '${books[name].orderNo}'`
const deckOf = (books: AuditedBooks) => `campaign_id = '${books.campaign.campaignId}'`
/** Other cards in the deck, in the clear and with every sum over them put right as a careful cheat would. */
const otherCards = (books: AuditedBooks, amountsFen: readonly number[]) => `
  update decks set sealed = null, amounts_fen = '{${amountsFen}}', exposure_fen = exposure_fen
    + ${dearestDeck({ ...books.campaign.rule, slots: amountsFen.length }) - dearestDeck(books.campaign.rule)} where ${deckOf(books)};
  update campaigns set committed_fen = (select sum(exposure_fen) from decks where ${deckOf(books)}) where ${deckOf(books)}`
/** A closed order is open again, and nothing else tells. */
const reopened = (where: string) => `
  delete from order_events where ${where} and kind = 'closed';
  update orders set state = 'paying', ended_at = null, close_reason = null, slot_return_at = null where ${where};
  delete from open_orders where ${where};
  insert into open_orders select order_no, channel, next_query_at, slot_return_at from orders where ${where};
  update payer_days d set spent_fen = d.spent_fen + o.amount_fen from orders o
    where o.${where} and d.payer_id = o.payer_id and d.business_date = o.business_date;
  update payer_cards h set cards = h.cards || (o.merchant_code || ' ' || o.order_no) from orders o
    where o.${where} and h.campaign_id = o.campaign_id and h.deck_date = o.deck_date and h.holder = 'payer ' || o.payer_id`
/** What is written of the cards that an order's payer has had. */
const cardsOf = (books: AuditedBooks, name: 'rewarded' | 'cancelled') => `holder = 'payer ${books[name].payerId}'`

export const TAMPERINGS: Tampering[] = [
  {
    codes: ['slot-used-twice'],
    what: 'a closed order comes back to a slot that was used again',
    how: (books) => reopened(order(books, 'cancelled')),
  },
  {
    codes: ['slot-used-twice', 'slots-over-cap', 'exposure-not-the-cards'],
    what: 'a closed deck of one card is used by two orders',
    how: (books) => reopened(order(books, 'cancelledCard')),
  },
  {
    codes: ['slot-not-dealt'],
    what: 'an order holds a slot beyond its deck',
    how: (books) => `update orders set slot = 20 where ${order(books, 'unknown')}`,
  },
  {
    codes: ['discount-not-the-card'],
    what: 'an order holds another slot than the one of its discount',
    how: (books) => `update orders set slot = 9 where ${order(books, 'unknown')}`,
  },
  {
    codes: ['deck-outside-bounds'],
    what: 'a card is above the most that the rule promises',
    how: (books) => otherCards(books, books.amountsFen.with(19, books.campaign.rule.maxFen + 1)),
  },
  {
    codes: ['deck-below-band'],
    what: 'five good cards are made small ones',
    how: (books) =>
      otherCards(
        books,
        books.amountsFen.map((fen, slot) => (slot < 15 ? fen : 101)),
      ),
  },
  {
    codes: ['deck-not-from-seed'],
    what: 'two cards nobody has drawn change places',
    how: (books) => otherCards(books, books.amountsFen.with(18, books.amountsFen[19]!).with(19, books.amountsFen[18]!)),
  },
  {
    codes: ['deck-seal-broken'],
    what: 'a deck has the sealed cards of another',
    how: (books) => `update decks set sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) where ${deckOf(books)}`,
  },
  {
    codes: ['deck-not-committed', 'told-otherwise'],
    what: 'a commitment is replaced',
    how: (books) => `update decks set commitment = repeat('0', 64) where ${deckOf(books)}`,
  },
  ...PROOF_TAMPERINGS,
  {
    codes: ['figures-wrong', 'request-wrong'],
    what: 'a fen of the merchant’s share goes to the payer',
    how: (books) => `
      update orders set payer_discount_fen = payer_discount_fen + 1, merchant_reward_fen = merchant_reward_fen - 1,
        payable_fen = payable_fen - 1, merchant_receives_fen = merchant_receives_fen - 1 where ${order(books, 'unknown')}`,
  },
  {
    codes: ['figures-wrong', 'request-wrong'],
    what: 'the shares of an older rule’s discount do not add up to it',
    how: (books) => `
      update orders set merchant_reward_fen = 0, merchant_receives_fen = amount_fen where ${order(books, 'cancelledCard')}`,
  },
  {
    codes: ['refund-shares-wrong'],
    what: 'a refund takes a fen too much from the merchant',
    how: ({ refunding }) => `
      update refunds set merchant_fen = merchant_fen + 1, gl_fen = gl_fen + 1 where refund_no = '${refunding}'`,
  },
  {
    codes: ['refunded-above-paid', 'refund-record-wrong'],
    what: 'the refunds of an order come to more than was paid',
    how: ({ refunding }) => `
      update refunds set merchant_fen = merchant_fen + 9000, payer_fen = payer_fen + 9000 where refund_no = '${refunding}'`,
  },
  {
    codes: ['unbalanced'],
    what: 'the payer’s posting is a fen short',
    how: (books) => `update postings set amount_fen = amount_fen + 1 where ${order(books, 'late')} and role = 'payer'`,
  },
  {
    codes: ['postings-wrong'],
    what: 'the merchant’s money is posted to another account',
    how: (books) => `update postings set account = 'acc-mine' where ${order(books, 'late')} and role = 'merchant'`,
  },
  {
    codes: ['postings-wrong'],
    what: 'a refund still under way is posted',
    how: (books) => `
      insert into postings (order_no, refund_no, account, role, amount_fen, posted_at) values
        ('${books.rewarded.orderNo}', '${books.refunding}', 'acc-payer', 'payer', 5, 0),
        ('${books.rewarded.orderNo}', '${books.refunding}', 'gl-east', 'gl', -5, 0)`,
  },
  {
    codes: ['unbalanced'],
    what: 'a correction loses a leg',
    how: () => `
      delete from postings where posting_id = (select min(posting_id) from postings where correction_id is not null)`,
  },
  {
    codes: ['postings-wrong'],
    what: 'a correction is posted that nobody accepted',
    how: () => `
      insert into postings (correction_id, account, role, amount_fen, posted_at)
      values ('D-mine/1', 'a', 'payer', 5, 0), ('D-mine/1', 'b', 'merchant', -5, 0)`,
  },
  {
    codes: ['claw-back-unasked', 'refund-record-wrong'],
    what: 'a merchant’s reward is taken back on one person’s word',
    how: (books) => `
      insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen,
        idempotency_key, input_hash, state, created_at, next_query_at)
      select 'R-mine', order_no, channel, merchant_code, branch_code, business_date, 0, merchant_reward_fen, merchant_reward_fen, 'mine', '',
        'refunding', 0, 0 from orders where ${order(books, 'reused')};
      insert into refund_events (refund_no, kind, at) values ('R-mine', 'opened', 0)`,
  },
  {
    codes: ['correction-refund-wrong', 'day-total-wrong', 'refund-record-wrong'],
    what: 'the refund of a correction is nobody’s any more',
    how: () =>
      `update refunds set difference_id = null where order_no in (select order_no from orders where state = 'closed')`,
  },
  {
    codes: ['correction-refund-wrong'],
    what: 'a correction gives back more than was accepted',
    how: () => `
      update differences set proposal = jsonb_set(proposal, '{refund,payerFen}', '1')
      where class = 'duplicate' and state = 'accepted'`,
  },
  {
    codes: ['opened-not-once'],
    what: 'an order has lost its beginning',
    how: (books) => `delete from order_events where ${order(books, 'late')} and kind = 'opened'`,
  },
  {
    codes: ['opened-not-once'],
    what: 'a refund was opened twice',
    how: ({ refunding }) => `insert into refund_events (refund_no, kind, at) values ('${refunding}', 'opened', 0)`,
  },
  {
    codes: ['ended-twice'],
    what: 'a paid order is also closed',
    how: (books) => `
      insert into order_events (order_no, kind, outcome, at)
      values ('${books.late.orderNo}', 'closed', '{"kind": "declined", "code": "x"}', 0)`,
  },
  {
    codes: ['ended-without-answer'],
    what: 'an order was closed by a timeout',
    how: (books) => `
      update order_events set outcome = '{"kind": "unknown", "code": "timeout"}'
      where ${order(books, 'cancelled')} and kind = 'closed'`,
  },
  {
    codes: ['answer-ignored'],
    what: 'the bank’s yes was noted and the order left open',
    how: (books) => `
      insert into order_events (order_no, kind, outcome, at)
      values ('${books.unknown.orderNo}', 'noted', '{"kind": "succeeded", "channelTradeNo": "bank-1"}', 0)`,
  },
  {
    codes: ['state-not-from-events'],
    what: 'an order carries another trade number than the bank gave it',
    how: (books) => `update orders set channel_trade_no = 'bank-0' where ${order(books, 'late')}`,
  },
  {
    codes: ['state-not-from-events'],
    what: 'a refund that is under way is called failed',
    how: ({ refunding }) => `
      update refunds set state = 'failed', ended_at = 0, fail_reason = 'x', next_query_at = null
      where refund_no = '${refunding}'`,
  },
  {
    codes: ['order-missing'],
    what: 'an event is left of an order that is gone',
    how: () => `insert into order_events (order_no, kind, at) values ('F-gone', 'opened', 0)`,
  },
  {
    codes: ['order-missing', 'payer-day-wrong', 'outbox-not-once', 'day-total-wrong', 'share-day-wrong'],
    what: 'an order is deleted',
    how: (books) => `delete from orders where ${order(books, 'late')}`,
  },
  {
    codes: ['refund-missing'],
    what: 'an event is left of a refund that is gone',
    how: () => `insert into refund_events (refund_no, kind, at) values ('R-gone', 'opened', 0)`,
  },
  {
    codes: ['request-missing'],
    what: 'what was sent to the bank is gone',
    how: (books) => `delete from channel_requests where ${order(books, 'late')}`,
  },
  {
    codes: ['quote-used-twice'],
    what: 'two orders are of one quote',
    how: (books) => `update orders set quote_nonce = '${books.atBank.quoteNonce}' where ${order(books, 'late')}`,
  },
  {
    codes: ['key-not-once'],
    what: 'an order has no idempotency key',
    how: (books) => `delete from idempotency_keys where ${order(books, 'late')}`,
  },
  {
    codes: ['key-not-once'],
    what: 'an order’s key is another payer’s',
    how: (books) => `update idempotency_keys set payer_id = 'somebody' where ${order(books, 'late')}`,
  },
  {
    codes: ['exposure-not-the-cards'],
    what: 'a deck is said to cost a fen less',
    how: (books) => `
      update decks set exposure_fen = exposure_fen - 1 where ${deckOf(books)};
      update campaigns set committed_fen = committed_fen - 1 where ${deckOf(books)}`,
  },
  {
    codes: ['exposure-not-the-cards'],
    what: 'a deck that was closed costs more than was used of it',
    how: () => `
      update decks set exposure_fen = exposure_fen + 1 where closed_at is not null;
      update campaigns set committed_fen = committed_fen + 1
        where campaign_id = (select campaign_id from decks where closed_at is not null)`,
  },
  {
    codes: ['exposure-not-the-cards', 'deck-time-wrong'],
    what: 'a deck is called closed and gives nothing back',
    how: (books) => `update decks set closed_at = 1 where ${deckOf(books)}`,
  },
  {
    codes: ['committed-not-the-decks', 'terms-not-approved'],
    what: 'a branch’s part is said to have cost nothing',
    how: (books) => `
      insert into branch_budgets (campaign_id, branch_code, budget_fen)
      select campaign_id, branch_code, 1000000 from decks where ${deckOf(books)}`,
  },
  {
    codes: ['over-budget', 'terms-not-approved'],
    what: 'a branch’s budget is cut below its decks',
    how: (books) => `
      insert into branch_budgets (campaign_id, branch_code, budget_fen, committed_fen)
      select campaign_id, branch_code, exposure_fen - 1, exposure_fen from decks where ${deckOf(books)}`,
  },
  {
    codes: ['deck-not-committed'],
    what: 'a deck names a key that is none of ours',
    how: (books) => `update decks set key_id = 'beef0000' where ${deckOf(books)}`,
  },
  {
    codes: ['deck-not-committed', 'deck-outside-bounds'],
    what: 'a deck has a card more than the rule allows',
    how: (books) => otherCards(books, [...books.amountsFen, 800]),
  },
  {
    codes: ['committed-not-the-decks'],
    what: 'less is committed than was dealt',
    how: (books) => `update campaigns set committed_fen = committed_fen - 1 where ${deckOf(books)}`,
  },
  {
    codes: ['over-budget', 'terms-not-approved'],
    what: 'the budget is cut below what is committed',
    how: (books) => `update campaigns set budget_fen = committed_fen - 1 where ${deckOf(books)}`,
  },
  {
    codes: ['branch-wrong'],
    what: 'a discount is said to be another branch’s, that of the merchant after a move',
    how: (books) => `update orders set branch_code = 'B-West' where ${order(books, 'unknown')}`,
  },
  {
    codes: ['branch-wrong', 'request-wrong'],
    what: 'a card is booked on another account than its deck was committed to',
    how: (books) => `update orders set gl_account = 'gl-west' where ${order(books, 'unknown')}`,
  },
  {
    codes: ['branch-wrong'],
    what: 'a refund is taken to another branch than its order',
    how: ({ refunding }) => `update refunds set branch_code = 'B-West' where refund_no = '${refunding}'`,
  },
  {
    codes: ['payer-day-wrong'],
    what: 'a payer’s day is set back to nothing',
    how: (books) => `update payer_days set spent_fen = 0 where payer_id = '${books.late.payerId}'`,
  },
  {
    codes: ['person-cards-wrong'],
    what: 'a person is said to have had no card, to get another',
    how: (books) => `delete from payer_cards where ${cardsOf(books, 'rewarded')}`,
  },
  {
    codes: ['person-cards-wrong'],
    what: 'a person’s card is said to be of another merchant, to get another here',
    how: (books) => `
      update payer_cards set cards = array['M-other ${books.rewarded.orderNo}'] where ${cardsOf(books, 'rewarded')}`,
  },
  {
    codes: ['person-cards-wrong'],
    what: 'a closed order keeps its payer from a card',
    how: (books) => `
      update payer_cards set cards = array['${books.merchantCode} ${books.cancelled.orderNo}'] where ${cardsOf(books, 'cancelled')}`,
  },
  {
    codes: ['person-cards-wrong'],
    what: 'a person has had more than one may',
    how: (books) => `update payer_cards set most = 0 where ${cardsOf(books, 'rewarded')}`,
  },
  {
    codes: ['person-cards-wrong'],
    what: 'a person has had more at a merchant than one may',
    how: (books) => `update payer_cards set most_each = 0 where ${cardsOf(books, 'rewarded')}`,
  },
  {
    codes: ['outbox-not-once'],
    what: 'the merchant is told of a payment twice',
    how: (books) => `
      insert into outbox (merchant_code, order_no) values ('${books.merchantCode}', '${books.late.orderNo}')`,
  },
  {
    codes: ['outbox-not-once'],
    what: 'the merchant was not told of a refund',
    how: (books) => `delete from outbox where id = (select max(id) from outbox where ${order(books, 'rewarded')})`,
  },
  {
    codes: ['summary-wrong'],
    what: 'a refund counts in another merchant’s day',
    how: ({ first }) => `update refunds set merchant_code = 'M-other' where refund_no = '${first}'`,
  },
  {
    codes: ['statement-changed'],
    what: 'a kept line of the bank’s statement is gone',
    how: () => `delete from statement_lines where order_no = 'F-another'`,
  },
  {
    codes: ['bank-differs', 'reconciliation-wrong'],
    what: 'a difference between us and the bank is swept away',
    how: () => `delete from differences where order_no = 'F-another'`,
  },
  {
    codes: ['not-at-bank', 'reconciliation-wrong'],
    what: 'a payment that the bank never had is not a difference any more',
    how: (books) => `delete from differences where order_no = '${books.rejectedShort.orderNo}'`,
  },
  ...COUNT_TAMPERINGS,
  ...LOG_TAMPERINGS.map(
    ([what, sql]): Tampering => ({ codes: ['action-log-broken'], what: `in the log, ${what}`, how: () => sql }),
  ),
]
