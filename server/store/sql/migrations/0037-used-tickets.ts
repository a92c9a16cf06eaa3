import { type Kysely, type Migration, sql } from 'kysely'

/** Login tickets that were used, until they would have ended by themselves. */
export const usedTickets: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table used_tickets (
        ticket_id text primary key,
        ends_at bigint not null
      );
      create index used_tickets_over on used_tickets (ends_at);
    `.execute(db)
  },
}
