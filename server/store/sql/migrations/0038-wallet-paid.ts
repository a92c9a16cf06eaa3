import { type Kysely, type Migration, sql } from 'kysely'

/** What the payer of a wallet's order paid after the wallet's own discount: `{payerFen, coupons: [{name, fen}]}`. In none of our sums. */
export const walletPaid: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table orders add column wallet_paid jsonb`.execute(db)
  },
}
