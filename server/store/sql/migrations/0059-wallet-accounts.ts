import { type Kysely, type Migration, sql } from 'kysely'

/** A merchant's own number at each wallet that pays it, by the wallet's name; changed as its settlement account is. */
export const walletAccounts: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table merchants add column wallet_accounts jsonb not null default '{}';
      alter table change_merchants
        add column was_wallet_accounts jsonb not null default '{}',
        add column wallet_accounts jsonb not null default '{}';
    `.execute(db)
  },
}
