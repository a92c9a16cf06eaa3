import { type Kysely, type Migration, sql } from 'kysely'

/**
 * A claw-back (收回奖励) is a refund that gives the payer nothing: the merchant returns its reward to the branch. So it is swept,
 * reconciled, counted and audited as the others are.
 */
export const clawBacks: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table refunds drop constraint refunds_payer_fen_check;
      alter table refunds add constraint refunds_gives check (payer_fen >= 1 or (payer_fen = 0 and gl_fen >= 1 and difference_id is null));
      -- the reward of an order is taken back once
      create unique index refunds_one_claw_back on refunds (order_no) where payer_fen = 0 and state <> 'failed';
    `.execute(db)
  },
}
