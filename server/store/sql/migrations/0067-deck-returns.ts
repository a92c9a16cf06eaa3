import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What comes back of a deck after it was committed: a card whose order closed after its deck did, and the subsidy that refunds and
 * corrections moved. The database notes it in the transaction that does it; the budgets get it a little later, since whoever pays
 * or refunds waits for no campaign (I9). Until then too much is committed, never too little (I7).
 */
export const deckReturns: Migration = {
  async up(db: Kysely<unknown>) {
    await createReturns(db)
    await noteReturns(db)
    await noteEarlier(db)
  },
}

async function createReturns(db: Kysely<unknown>) {
  await sql`
    create table deck_returns (
      return_id bigint generated always as identity primary key,
      campaign_id text not null,
      merchant_code text not null,
      deck_date date not null,
      -- 1: a card that its order gave up; it counts once its deck is closed, until then it is drawn again
      cards integer not null check (cards in (0, 1)),
      -- back to the budgets; below nought: the GL account bore more
      fen bigint not null check (fen <> 0)
    );
    create index deck_returns_of_deck on deck_returns (campaign_id, merchant_code, deck_date);

    -- of its exposure, what refunds and corrections have brought back to the budgets so far
    alter table decks add column returned_fen bigint not null default 0;
    -- Books that are being put right may be below nought for a while.
    alter table decks drop constraint decks_exposure_fen_check;
    alter table campaigns drop constraint campaigns_committed_fen_check;
    alter table branch_budgets drop constraint branch_budgets_committed_fen_check;

    -- A bank that booked too much, and is believed, takes more than the budget. That is told, and nothing is dealt until it is
    -- within again: the limit moves by corrections alone, and whoever deals sets it back (I7).
    alter table campaigns add column overrun_fen bigint not null default 0 check (overrun_fen >= 0);
    alter table campaigns drop constraint campaigns_within_budget;
    alter table campaigns add constraint campaigns_within_budget check (committed_fen <= budget_fen + overrun_fen);
    alter table branch_budgets add column overrun_fen bigint not null default 0 check (overrun_fen >= 0);
    alter table branch_budgets drop constraint branch_within_budget;
    alter table branch_budgets add constraint branch_within_budget check (committed_fen <= budget_fen + overrun_fen);
  `.execute(db)
}

async function noteReturns(db: Kysely<unknown>) {
  await sql`
    create function note_card_back() returns trigger language plpgsql as $$
    begin
      insert into deck_returns (campaign_id, merchant_code, deck_date, cards, fen)
      values (new.campaign_id, new.merchant_code, new.deck_date, 1, new.discount_fen);
      return null;
    end $$;
    create trigger orders_card_back after update of state on orders for each row
      when (old.state <> 'closed' and new.state = 'closed' and new.slot is not null and new.discount_fen > 0)
      execute function note_card_back();

    create function note_subsidy_back(of_order text, fen bigint) returns void language sql as $$
      insert into deck_returns (campaign_id, merchant_code, deck_date, cards, fen)
      select campaign_id, merchant_code, deck_date, 0, fen from orders where order_no = of_order and slot is not null
    $$;
    create function note_refund_back() returns trigger language plpgsql as $$
    begin
      perform note_subsidy_back(new.order_no, new.gl_fen);
      return null;
    end $$;
    create trigger refunds_back after update of state on refunds for each row
      when (old.state <> 'refunded' and new.state = 'refunded' and new.gl_fen > 0) execute function note_refund_back();
    create trigger refunds_back_when_new after insert on refunds for each row
      when (new.state = 'refunded' and new.gl_fen > 0) execute function note_refund_back();

    create function note_correction_back() returns trigger language plpgsql as $$
    begin
      perform note_subsidy_back(new.order_no, new.amount_fen);
      return null;
    end $$;
    create trigger postings_correction_back after insert on postings for each row
      when (new.correction_id is not null and new.role = 'gl' and new.order_no is not null)
      execute function note_correction_back();
  `.execute(db)
}

/** What has come back already is given back by the first who looks. */
async function noteEarlier(db: Kysely<unknown>) {
  await sql`
    select note_subsidy_back(order_no, gl_fen) from refunds where state = 'refunded' and gl_fen > 0;
    select note_subsidy_back(order_no, amount_fen) from postings
    where correction_id is not null and role = 'gl' and order_no is not null;
  `.execute(db)
}
