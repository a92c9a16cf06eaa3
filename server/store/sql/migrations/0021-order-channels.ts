import { type Kysely, type Migration, sql } from 'kysely'
import { CHANNELS } from '../../../domain/channel'

/** A ledger from before knew three channels; an order may be of any in the list. Another channel is another migration like this. */
export const orderChannels: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table orders drop constraint orders_channel_check;
      alter table orders add constraint orders_channel_check check (channel in (${sql.join(CHANNELS.map(sql.lit))}));
    `.execute(db)
  },
}
