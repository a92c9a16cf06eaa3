import { type Kysely, type Migration, sql } from 'kysely'
import { CHANNELS } from '../../../domain/channel'

/**
 * Orders and what makes opening one safe. An order names its merchant, campaign and accounts without foreign keys: they
 * are fixed when it is opened, and locking the one row of a busy merchant for every payment is a queue.
 */
export const orders: Migration = {
  async up(db: Kysely<unknown>) {
    await createOrders(db)
    await createKeysAndRequests(db)
  },
}

async function createOrders(db: Kysely<unknown>) {
  await sql`
    create table orders (
      order_no text primary key,
      quote_nonce text not null,
      payer_id text not null,
      agreement_id text not null,
      merchant_code text not null,
      channel text not null check (channel in (${sql.join(CHANNELS.map(sql.lit))})),
      business_date date not null,
      amount_fen bigint not null,
      discount_fen bigint not null check (discount_fen >= 0),
      payer_discount_fen bigint not null check (payer_discount_fen >= 0),
      merchant_reward_fen bigint not null check (merchant_reward_fen >= 0),
      payable_fen bigint not null check (payable_fen >= 1),
      merchant_receives_fen bigint not null,
      campaign_id text,
      slot integer check (slot >= 0),
      reason text,
      payer_account text not null,
      merchant_account text not null,
      gl_account text not null,
      state text not null check (state in ('paying', 'paid', 'closed')),
      created_at bigint not null,
      ended_at bigint,
      channel_trade_no text,
      close_reason text,
      attempts integer not null,
      next_query_at bigint,
      -- I3, to the fen
      constraint orders_shares check (payer_discount_fen + merchant_reward_fen = discount_fen),
      constraint orders_payable check (payable_fen = amount_fen - payer_discount_fen),
      constraint orders_receives check (merchant_receives_fen = amount_fen + merchant_reward_fen),
      -- a discount comes from a card, and a card is a discount
      constraint orders_card check (
        (slot is null) = (campaign_id is null) and (slot is null) = (discount_fen = 0)
      ),
      constraint orders_ending check (case state
        when 'paying' then ended_at is null and next_query_at is not null
        when 'paid' then ended_at is not null and next_query_at is null and channel_trade_no is not null
        else ended_at is not null and next_query_at is null and close_reason is not null
      end)
    );
    create unique index orders_quote_nonce on orders (quote_nonce);
    -- I1, even if the slot store forgot
    create unique index orders_slot on orders (campaign_id, merchant_code, business_date, slot)
      where slot is not null and state <> 'closed';
    create index orders_due on orders (next_query_at) where state = 'paying';
    create index orders_paid_of_merchant on orders (merchant_code, business_date, ended_at desc, order_no desc)
      where state = 'paid';
    create index orders_of_payer on orders (payer_id, created_at);
  `.execute(db)
}

async function createKeysAndRequests(db: Kysely<unknown>) {
  await sql`
    create table idempotency_keys (
      payer_id text not null,
      key text not null,
      input_hash text not null,
      order_no text not null references orders,
      primary key (payer_id, key)
    );

    -- what a payer's payments of a day come to; the row is also the queue in which one payer's orders open
    create table payer_days (
      payer_id text not null,
      business_date date not null,
      spent_fen bigint not null check (spent_fen >= 0),
      primary key (payer_id, business_date)
    );

    -- the request as sent, and the raw reply that ended the order; other replies are order events
    create table channel_requests (
      order_no text primary key references orders,
      request jsonb not null,
      sent_at bigint not null,
      reply json, -- verbatim, as in order_events
      replied_at bigint
    ) with (fillfactor = 60); -- the reply fits beside the request, so no index is touched
  `.execute(db)
}
