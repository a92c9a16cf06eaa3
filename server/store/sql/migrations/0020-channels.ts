import { type Kysely, type Migration, sql } from 'kysely'
import { OWN_CHANNEL } from '../../../domain/channel'

/**
 * Any channel: who pays is its own reference, the payer may have to act, a wallet has no leg for a subsidy, a payer's day is
 * counted for each channel, and which channels carry a campaign's discount is a term of the campaign.
 */
export const channels: Migration = {
  async up(db: Kysely<unknown>) {
    const own = sql.lit(OWN_CHANNEL)
    await sql`
      alter table orders rename column agreement_id to payer_ref;
      alter table orders
        add column pay_by bigint,
        add column action jsonb,
        alter column gl_account drop not null,
        add constraint orders_subsidy check (discount_fen = 0 or gl_account is not null),
        add constraint orders_action check (state = 'paying' or action is null);

      alter table payer_days add column channel text not null default ${own};
      alter table payer_days alter column channel drop default;
      alter table payer_days drop constraint payer_days_pkey, add primary key (payer_id, business_date, channel);

      alter table campaigns
        add column channels text[] not null default array[${own}] check (cardinality(channels) > 0);
    `.execute(db)
  },
}
