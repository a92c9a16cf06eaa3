import { type Kysely, type Migration, sql } from 'kysely'

/** What merchants' users agreed to be told in WeChat (订阅消息): a row for each time, good for one message. */
export const messageGrants: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table message_grants (
        grant_id bigint generated always as identity primary key,
        binding_id bigint not null references merchant_users,
        template_id text not null,
        granted_at bigint not null,
        used_at bigint,
        business_date date, -- the day that its message tells of; null: none
        check (business_date is null or used_at is not null)
      );
      create index message_grants_unused on message_grants (template_id, binding_id, grant_id) where used_at is null;
      create unique index message_grants_once on message_grants (binding_id, business_date);
    `.execute(db)
  },
}
