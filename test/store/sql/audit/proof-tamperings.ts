import type { AuditCode } from '../../../../server/flow/audit/fault'
import type { AuditedBooks } from './books'

/** What somebody does behind the ledger's back, and the only codes that the audit then reports. */
export interface Tampering {
  codes: AuditCode[]
  what: string
  how(books: AuditedBooks): string
}

const PULSE = JSON.stringify({ source: 'https://beacon.example', round: 1, value: 'ab'.repeat(32) })
const deckOf = (books: AuditedBooks) => `campaign_id = '${books.campaign.campaignId}'`

/** With what a deck was dealt by and what its payers were told; and with what two people agreed on at the desk. */
export const PROOF_TAMPERINGS: Tampering[] = [
  {
    codes: ['deck-not-committed', 'terms-not-approved'],
    what: 'the rule that a deck was dealt by is another, though its cards would be the same',
    how: (books) => `
      update campaign_versions set content = jsonb_set(content, '{rule,thresholdFen}', '2000') where ${deckOf(books)}`,
  },
  {
    codes: ['deck-not-committed'],
    what: 'a deck is said to have had a beacon',
    how: (books) => `update decks set beacon = '${PULSE}' where ${deckOf(books)};
      insert into beacons values ('2026-11-21', '${PULSE}', 1)`,
  },
  {
    codes: ['beacon-differs'],
    what: 'what the beacon said for a day was left out of a deck',
    how: () => `insert into beacons values ('2026-11-21', '${PULSE}', 1)`,
  },
  {
    codes: ['secret-not-committed'],
    what: 'what a version committed to is forgotten',
    how: (books) => `
      update campaign_versions set key_id = null, secret_commitment = null, secret_at = null where ${deckOf(books)}`,
  },
  {
    codes: ['secret-not-committed'],
    what: 'a version committed to a secret when its decks were dealt already',
    how: (books) => `update campaign_versions set secret_at = secret_at + 20000 where ${deckOf(books)}`,
  },
  {
    codes: ['secret-not-committed'],
    what: 'a version committed to another secret than its decks are dealt by',
    how: (books) => `update campaign_versions set secret_commitment = 's1.0' where ${deckOf(books)}`,
  },
  {
    codes: ['told-otherwise'],
    what: 'a payer was told of another deck',
    how: (books) => `update orders set deck_commitment = 'v2.0' where order_no = '${books.unknown.orderNo}'`,
  },
  {
    codes: ['desk-refund-unasked', 'refund-record-wrong'],
    what: 'an operator gives a fen back on one person’s word',
    how: (books) => `
      insert into refunds (refund_no, order_no, channel, merchant_code, branch_code, business_date, payer_fen, merchant_fen, gl_fen,
        idempotency_key, input_hash, state, created_at, next_query_at)
      select 'R-desk', order_no, channel, merchant_code, branch_code, business_date, 1, 1, 0, 'change Rmine', '',
        'refunding', 0, 0 from orders where order_no = '${books.reused.orderNo}';
      insert into refund_events (refund_no, kind, at) values ('R-desk', 'opened', 0)`,
  },
]
