import { type Kysely, type Migration, sql } from 'kysely'

/**
 * What a payer can do with agreements: sign in steps, choose one, allow small amounts, end them. Rows of the version before are
 * of our own bank, and none is chosen, which makes the oldest the default.
 */
export const agreements: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      alter table agreements
        add column bank_name text not null default '本行',
        add column kind text not null default 'debit' check (kind in ('debit', 'credit')),
        add column chosen boolean not null default false,
        add column small_max_fen bigint check (small_max_fen > 0),
        add column small_per_day integer check (small_per_day > 0),
        add column ended_at bigint,
        add constraint agreements_small check ((small_max_fen is null) = (small_per_day is null)),
        add constraint agreements_ended check (ended_at is null or (not chosen and small_max_fen is null));
      create unique index agreements_chosen on agreements (payer_id) where chosen;

      create table signings (
        sign_no text primary key,
        payer_id text not null,
        kind text not null check (kind in ('sign', 'small')),
        state text not null check (state in ('open', 'signed', 'refused')),
        agreement_id text,
        small_max_fen bigint,
        small_per_day integer,
        action jsonb,
        refusal text,
        opened_at bigint not null,
        ended_at bigint,
        constraint signings_small check ((kind = 'small') = (small_max_fen is not null and small_per_day is not null)),
        constraint signings_ending check (case state
          when 'open' then ended_at is null and refusal is null
          when 'signed' then ended_at is not null and agreement_id is not null and action is null and refusal is null
          else ended_at is not null and action is null and refusal is not null
        end)
      );
      create index signings_of_payer on signings (payer_id, opened_at);

      -- Evidence: it outlives signings and agreements, so it refers to neither, and nobody deletes or alters it (docs/OPERATIONS.md).
      create table consents (
        sign_no text primary key,
        payer_id text not null,
        agreement_id text not null,
        channel text not null,
        terms_version text not null,
        terms_sha256 text not null check (terms_sha256 ~ '^[0-9a-f]{64}$'),
        max_fen bigint not null,
        per_day integer not null,
        given_at bigint not null,
        -- by the bank's own challenge
        confirmed_at bigint,
        -- taken back, or another took its place
        ended_at bigint
      );
      create index consents_in_force on consents (agreement_id) where confirmed_at is not null and ended_at is null;

      create function keep_consent() returns trigger language plpgsql as $$
      begin
        if tg_op = 'UPDATE' then
          if to_jsonb(new) - array['confirmed_at', 'ended_at'] = to_jsonb(old) - array['confirmed_at', 'ended_at']
            and (old.confirmed_at is null or new.confirmed_at = old.confirmed_at)
            and (old.ended_at is null or new.ended_at = old.ended_at) then
            return new;
          end if;
        end if;
        raise exception 'consents are evidence: they are confirmed once and ended once, and never changed otherwise'
          using errcode = 'restrict_violation';
      end $$;
      create trigger consents_kept before update or delete on consents for each row execute function keep_consent();
      create trigger consents_not_emptied before truncate on consents execute function refuse_change();
    `.execute(db)
  },
}
