import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { CampaignState, NoDiscountReason } from '../../domain/campaign'
import type { ChannelName, PayerAction, Verification, WalletAccounts, WalletPaid } from '../../domain/channel'
import type { Pulse } from '../../domain/deck-proof'
import type { OrderState } from '../../domain/order'
import type { Posting } from '../../domain/posting'
import type { RefundState } from '../../domain/refund'
import type { Rule } from '../../domain/rule'
import type { Window } from '../../domain/window'
import type { SignRefusal } from '../../flow/ports'
import type { AdminTables } from './tables-admin'
import type { SuspicionTables } from './tables-suspicion'

/** The schema as Kysely sees it. `_fen` are whole fen, `_at` are ms since the epoch, dates are `YYYY-MM-DD` (open-sql.ts). */
export interface Tables extends AdminTables, SuspicionTables {
  branches: { branch_code: string; name: string; gl_account: string; revision: Generated<number> }
  merchants: {
    merchant_code: string
    name: string
    branch_code: string
    account: string
    wallet_accounts: ColumnType<WalletAccounts, string | undefined, string>
    disabled_at: ColumnType<number | null, number | null | undefined>
  }
  campaigns: CampaignRow & {
    priority: number
    committed_fen: Generated<number>
    /** a `ControlDraw` */
    controls_draw: ColumnType<object | null, never, string | null>
    created_at: number
    /** whose campaign it is; null is the whole bank's */
    branch_code: string | null
    /** grows with every change: the ETag of an edit */
    revision: Generated<number>
    made_by: Generated<string>
    updated_at: Generated<number>
    make_key: Generated<string | null>
    make_hash: Generated<string | null>
    deleted_at: Generated<number | null>
  }
  campaign_merchants: { campaign_id: string; merchant_code: string }
  agreements: {
    agreement_id: string
    payer_id: string
    account: string
    account_tail: string
    bank_name: Generated<string>
    kind: Generated<'debit' | 'credit'>
    chosen: Generated<boolean>
    small_max_fen: number | null
    small_per_day: number | null
    created_at: number
    ended_at: number | null
  }
  signings: {
    sign_no: string
    payer_id: string
    kind: 'sign' | 'small'
    state: 'open' | 'signed' | 'refused'
    agreement_id: string | null
    small_max_fen: number | null
    small_per_day: number | null
    action: ColumnType<PayerAction | null, string | null, string | null>
    refusal: SignRefusal | null
    opened_at: number
    ended_at: number | null
  }
  consents: {
    sign_no: string
    payer_id: string
    agreement_id: string
    channel: string
    terms_version: string
    terms_sha256: string
    max_fen: number
    per_day: number
    given_at: number
    confirmed_at: number | null
    ended_at: number | null
  }
  identities: {
    provider: string
    app_id: string
    subject_hash: string
    /** null: from before keys had names here */
    key_id: string | null
    person_id: string
    sealed_subject: string | null
    created_at: number
    /** when it logged in last, and from where */
    seen_at: number | null
    address_hash: string | null
    device_hash: string | null
  }
  decks: DeckRow
  orders: OrderRow & { wallet_paid: ColumnType<WalletPaid | null, never> }
  order_events: {
    event_id: Generated<number>
    order_no: string
    kind: 'opened' | 'noted' | 'paid' | 'closed'
    verb: string | null
    outcome: ColumnType<unknown, string | null>
    raw: ColumnType<unknown, string | null>
    conflict: string | null
    at: number
  }
  postings: {
    posting_id: Generated<number>
    order_no: string
    /** the refund it belongs to; null for the order itself */
    refund_no: string | null
    /** the entry of an accepted difference it belongs to */
    correction_id: Generated<string | null>
    account: string
    role: Posting['role']
    amount_fen: number
    posted_at: number
  }
  refunds: RefundRow & {
    /** of its order */
    channel: ChannelName
    merchant_code: string
    branch_code: string | null
    idempotency_key: string
    input_hash: string
  }
  refund_events: {
    event_id: Generated<number>
    refund_no: string
    kind: 'opened' | 'noted' | 'refunded' | 'failed'
    verb: string | null
    outcome: ColumnType<unknown, string | null>
    raw: ColumnType<unknown, string | null>
    conflict: string | null
    at: number
  }
  idempotency_keys: { payer_id: string; key: string; input_hash: string; order_no: string }
  channel_requests: {
    order_no: string
    request: ColumnType<unknown, string>
    sent_at: number
    reply: ColumnType<unknown, string | null>
    replied_at: number | null
  }
  payer_days: { payer_id: string; channel: ChannelName; business_date: string; spent_fen: number }
  kysely_migration: { name: string; timestamp: string }
  outbox: { id: Generated<number>; xid: Generated<string>; merchant_code: string; order_no: string }
}

export interface CampaignRow {
  campaign_id: string
  version: number
  name: string
  organiser: string
  state: CampaignState
  start_date: string
  end_date: string
  rule: JSONColumnType<Rule & object>
  budget_fen: number
  daily_budget_fen: number | null
  windows: JSONColumnType<Window[]>
  max_per_payer_per_day: number | null
  max_per_payer_per_campaign_day: number | null
  channels: ChannelName[]
}

export interface DeckRow {
  campaign_id: string
  merchant_code: string
  business_date: string
  version: number
  commitment: string
  /** null while its cards are sealed; one of both */
  amounts_fen: number[] | null
  sealed: Buffer | null
  /** the dearest it could be by its rule, until it closes; then the cards that orders used; less what refunds and corrections brought back of them */
  exposure_fen: number
  dealt_at: number
  key_id: string | null
  closed_at: number | null
  /** whose budget its exposure counts in and whose account its cards are paid from, as of when it was committed */
  branch_code: string | null
  /** null: from before it was kept */
  gl_account: string | null
  beacon: Pulse | null
}

export interface OrderRow {
  order_no: string
  quote_nonce: string
  payer_id: string
  payer_ref: string
  merchant_code: string
  channel: ChannelName
  business_date: string
  amount_fen: number
  discount_fen: number
  payer_discount_fen: number
  merchant_reward_fen: number
  payable_fen: number
  merchant_receives_fen: number
  campaign_id: string | null
  /** of the card's deck; an order opened after midnight may have yesterday's */
  deck_date: string | null
  slot: number | null
  /** of its card's deck, as its payer was told */
  deck_commitment: string | null
  reason: NoDiscountReason | null
  payer_account: string
  merchant_account: string
  gl_account: string | null
  /** of its card's deck, else the merchant's when it was opened */
  branch_code: string | null
  state: OrderState
  created_at: number
  pay_by: number | null
  /** what the payer must do; null once ended */
  action: PayerAction | null
  ended_at: number | null
  channel_trade_no: string | null
  verification: Verification | null
  close_reason: string | null
  /** how often the sweeper was handed it, and when it may be next; null once ended */
  attempts: number
  next_query_at: number | null
}

export interface RefundRow {
  refund_no: string
  order_no: string
  business_date: string
  payer_fen: number
  merchant_fen: number
  gl_fen: number
  reason: string | null
  state: RefundState
  created_at: number
  ended_at: number | null
  channel_refund_no: string | null
  fail_reason: string | null
  /** as of an order */
  attempts: Generated<number>
  next_query_at: number | null
}
