import { type Kysely, type Migration, sql } from 'kysely'

/** What a campaign's effect is measured by: who was in it from the start, and the orders of channels that aren't ours. */
export const effect: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      -- the first day of a merchant that joined while the campaign ran; null: named from the start
      alter table campaign_merchants add column entered_on date;
      -- left out to compare with, until it joined
      alter table campaign_merchants add column was_control boolean not null default false;
      update campaign_merchants cm set entered_on = x.joined from (
        select ch.campaign_id, u.code, min((to_timestamp(ch.reviewed_at / 1000.0) at time zone 'Asia/Shanghai')::date) as joined
        from campaign_changes ch
        cross join lateral jsonb_array_elements_text(coalesce(ch.content -> 'addMerchantCodes', '[]')) as u(code)
        where ch.kind = 'amend' and ch.state = 'approved' group by 1, 2
      ) x join campaigns c using (campaign_id)
      where cm.campaign_id = x.campaign_id and cm.merchant_code = x.code and x.joined > c.start_date;

      -- how a draft's controls were drawn; null: somebody chose them, or edited a list since
      alter table campaigns add column controls_draw jsonb;

      -- a merchant's orders of a day through all channels but the bank's own, as its acquirers say; the newest revision counts
      create table other_counts (
        merchant_code text not null references merchants,
        business_date date not null,
        revision integer not null check (revision >= 1),
        orders integer not null check (orders >= 0),
        imported_at bigint not null,
        imported_by text not null,
        primary key (merchant_code, business_date, revision)
      );
    `.execute(db)
  },
}
