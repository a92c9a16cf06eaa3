import { type Kysely, type Migration, sql } from 'kysely'
import { OWN_CHANNEL } from '../../../domain/channel'

/**
 * A day of reconciliation is a channel's: each channel has its own statements, runs and differences. Whoever is at a day has a
 * name (`run`), so that a process that lost it can't write any more. What was there before was the bank's own.
 */
export const channelBooks: Migration = {
  async up(db: Kysely<unknown>) {
    const own = sql.lit(OWN_CHANNEL)
    await sql`
      alter table reconciliations add column channel text not null default ${own};
      alter table reconciliations add column run text not null default '';
      alter table statement_lines add column channel text not null default ${own};
      alter table differences add column channel text not null default ${own};

      alter table differences drop constraint differences_statement_date_fkey;
      alter table reconciliations drop constraint reconciliations_pkey;
      alter table reconciliations add primary key (channel, statement_date);
      alter table statement_lines drop constraint statement_lines_pkey;
      alter table statement_lines add primary key (channel, statement_date, line_no);
      alter table differences add constraint differences_day
        foreign key (channel, statement_date) references reconciliations;

      drop index differences_of_date;
      create index differences_of_day on differences (channel, statement_date, seq);
      create unique index differences_of_line on differences (channel, statement_date, ((line ->> 'lineNo')::integer));
      drop index differences_open;
      create index differences_open on differences (channel, statement_date) where state = 'open';

      -- every statement of before was in yuan, and so is the bank's by its contract
      alter table statement_lines add column currency text not null default 'CNY';
    `.execute(db)
  },
}
