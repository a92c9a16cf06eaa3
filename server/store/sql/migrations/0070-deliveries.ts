import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What WeChat is to be told of orders that were paid in its mini-program (发货信息录入), and how that went. The index is how those that
 * were paid lately are found, beside the payments and not in their way.
 */
export const deliveries: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table deliveries (
        order_no text primary key references orders,
        paid_at bigint not null,
        state text not null check (state in ('due', 'done', 'refused')),
        attempts integer not null default 0,
        next_at bigint, -- null once ended
        code text, -- what WeChat said last
        late_told boolean not null default false,
        ended_at bigint,
        check ((state = 'due') = (next_at is not null) and (state = 'due') = (ended_at is null))
      );
      create index deliveries_due on deliveries (next_at) where state = 'due';
      create index orders_paid_by_wechat on orders (ended_at) where state = 'paid' and channel = 'wechatpay';
    `.execute(db)
  },
}
